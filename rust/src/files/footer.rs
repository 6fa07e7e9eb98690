//! Looks over a footer's bytes before parquet parses them.
//!
//! parquet reserves memory for as many row groups and children as a footer states and follows the schema recursively, so
//! that a hostile footer could abort the process. It also does not tell of encryption unless it is built with it.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::SpillwayError;
use crate::files::thrift::{Kind, Reader};
use crate::limits::{Limit, ReadLimits};

/// What must be known before a footer is parsed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FooterFacts {
    /// Whether the file says that it is encrypted, in part or whole.
    pub(crate) encrypted: bool,
    /// For each leaf column, whether it is encrypted in any row group.
    pub(crate) encrypted_columns: Vec<bool>,
    /// Where the list of row groups begins, if it is empty and names no type of element.
    untyped_row_groups: Option<usize>,
    /// Where statistics and the like are: the fields of column chunks that nothing depends on.
    statistics: Vec<Range<usize>>,
}

impl FooterFacts {
    /// The footer with a type for its empty list of row groups, which some writers leave out and parquet insists on.
    pub(crate) fn with_typed_row_groups<'a>(&self, footer: &'a [u8]) -> Cow<'a, [u8]> {
        const EMPTY_LIST_OF_STRUCTS: u8 = 0x0c;
        let Some(place) = self.untyped_row_groups else { return Cow::Borrowed(footer) };
        let mut copy = footer.to_vec();
        copy[place] = EMPTY_LIST_OF_STRUCTS;
        Cow::Owned(copy)
    }

    /// A copy of the footer without statistics, which some writers fill in a way of their own.
    pub(crate) fn without_statistics(&self, footer: &[u8]) -> Vec<u8> {
        let mut copy = Vec::with_capacity(footer.len());
        let mut start = 0;
        for range in &self.statistics {
            copy.extend_from_slice(&footer[start..range.start]);
            start = range.end;
        }
        copy.extend_from_slice(&footer[start..]);
        copy
    }
}

/// Walks a footer.
///
/// # Errors
/// `LIMIT_EXCEEDED`; nothing when it is no valid Thrift, or when its schema is no tree.
pub(crate) fn inspect(footer: &[u8], limits: ReadLimits) -> Result<FooterFacts, Option<SpillwayError>> {
    let mut walk = Walk { limits, facts: FooterFacts::default(), chunks: 0, exceeded: None };
    if walk.read(footer).is_none() {
        return Err(walk.exceeded);
    }
    let mut facts = walk.facts;
    facts.encrypted |= facts.encrypted_columns.contains(&true);
    Ok(facts)
}

/// Whether bytes hold a valid struct, so that the sizes of its lists are true.
pub(crate) fn is_struct(bytes: &[u8]) -> bool {
    Reader::new(bytes).skip(Kind::Struct).is_some()
}

/// What was walked of a footer.
struct Walk {
    limits: ReadLimits,
    facts: FooterFacts,
    /// Row groups and column chunks.
    chunks: u64,
    exceeded: Option<SpillwayError>,
}

/// A group of the schema that is not complete yet.
struct OpenGroup {
    /// Children that it still lacks.
    missing: u32,
    /// Bytes of its name, and of those that it is in.
    path_bytes: u64,
}

impl Walk {
    fn read(&mut self, footer: &[u8]) -> Option<()> {
        // Field numbers are those of `FileMetaData` in parquet.thrift.
        Reader::new(footer).read_struct(|reader, id, kind| match (id, kind) {
            (2, Kind::List) => self.read_schema(reader),
            (4, Kind::List) => {
                let place = reader.position();
                self.facts.untyped_row_groups = (footer.get(place) == Some(&0)).then_some(place);
                reader.read_list(|reader, kind| self.read_row_group(reader, kind))
            }
            (8, Kind::Struct) => {
                self.facts.encrypted = true;
                reader.skip(kind)
            }
            _ => reader.skip(kind),
        })
    }

    fn check(&mut self, limit: Limit, needed: u64, what: &str) -> Option<()> {
        self.limits.check(limit, needed, || what.to_owned()).map_err(|error| self.exceeded = Some(error)).ok()
    }

    /// Checks that the elements are one tree in preorder.
    fn read_schema(&mut self, reader: &mut Reader) -> Option<()> {
        // The root is the child of nothing.
        let mut open = vec![OpenGroup { missing: 1, path_bytes: 0 }];
        let (mut elements, mut path_bytes) = (0_u64, 0_u64);
        reader.read_list(|reader, kind| {
            if kind != Kind::Struct {
                return None;
            }
            let (mut children, mut name_bytes) = (0, 0);
            reader.read_struct(|reader, id, kind| {
                match (id, kind) {
                    // SchemaElement.name
                    (4, Kind::Binary) => {
                        let start = reader.position();
                        reader.skip(kind)?;
                        name_bytes = (reader.position() - start) as u64;
                    }
                    // SchemaElement.num_children
                    (5, Kind::Integer) => children = u32::try_from(reader.integer()?).ok()?,
                    _ => reader.skip(kind)?,
                }
                Some(())
            })?;
            while open.last().is_some_and(|group| group.missing == 0) {
                open.pop();
            }
            let group = open.last_mut()?;
            group.missing -= 1;
            let own_bytes = group.path_bytes + name_bytes;
            // Each column has a copy of the names of all that it is in.
            path_bytes += own_bytes;
            elements += 1;
            self.check(Limit::Columns, elements - 1, "the schema")?;
            self.check(Limit::MetadataBytes, path_bytes, "the paths of the columns")?;
            if children > 0 {
                self.check(Limit::NestingDepth, open.len() as u64, "the schema")?;
                open.push(OpenGroup { missing: children, path_bytes: own_bytes });
            }
            Some(())
        })?;
        open.iter().all(|group| group.missing == 0).then_some(())
    }

    fn count_chunk(&mut self) -> Option<()> {
        self.chunks += 1;
        self.check(Limit::ColumnChunks, self.chunks, "the row groups")
    }

    fn read_row_group(&mut self, reader: &mut Reader, kind: Kind) -> Option<()> {
        if kind != Kind::Struct {
            return None;
        }
        let before = self.chunks;
        reader.read_struct(|reader, id, kind| {
            // RowGroup.columns
            if id != 1 || kind != Kind::List {
                return reader.skip(kind);
            }
            let mut column = 0;
            reader.read_list(|reader, kind| {
                self.count_chunk()?;
                read_column_chunk(reader, kind, column, &mut self.facts)?;
                column += 1;
                Some(())
            })
        })?;
        if self.chunks == before { self.count_chunk() } else { Some(()) }
    }
}

fn read_column_chunk(reader: &mut Reader, kind: Kind, column: usize, facts: &mut FooterFacts) -> Option<()> {
    if kind != Kind::Struct {
        return None;
    }
    if column == facts.encrypted_columns.len() {
        facts.encrypted_columns.push(false);
    }
    reader.read_struct(|reader, id, kind| match (id, kind) {
        // ColumnChunk.meta_data
        (3, Kind::Struct) => find_statistics(reader, &mut facts.statistics),
        // ColumnChunk.crypto_metadata and encrypted_column_metadata
        (8 | 9, _) => {
            facts.encrypted_columns[column] = true;
            reader.skip(kind)
        }
        _ => reader.skip(kind),
    })
}

/// Notes where the fields of a `ColumnMetaData` after the offsets are: statistics, encoding statistics, bloom filter,
/// sizes. They can be cut out when they come last, which is where all writers have them.
fn find_statistics(reader: &mut Reader, statistics: &mut Vec<Range<usize>>) -> Option<()> {
    const DICTIONARY_PAGE_OFFSET: i16 = 11;
    let mut end = reader.position();
    let mut start = None;
    let mut last = true;
    reader.read_struct(|reader, id, kind| {
        if id > DICTIONARY_PAGE_OFFSET {
            start.get_or_insert(end);
        } else {
            last &= start.is_none();
        }
        reader.skip(kind)?;
        end = reader.position();
        Some(())
    })?;
    statistics.extend(start.filter(|_| last).map(|start| start..end));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    /// A footer of a schema only: an element a number of children.
    fn schema(children: &[u8]) -> Vec<u8> {
        let mut footer = vec![0x29, 0xfc, children.len() as u8];
        for count in children {
            footer.extend([0x55, count * 2, 0x00]);
        }
        footer.push(0);
        footer
    }

    fn inspect(footer: &[u8]) -> Option<FooterFacts> {
        super::inspect(footer, ReadLimits::default()).ok()
    }

    /// The limit that stands in the way of a footer.
    fn exceeded(footer: &[u8], limits: ReadLimits) -> String {
        let error = super::inspect(footer, limits).expect_err("too much").expect("a limit");
        assert_eq!(error.code(), ErrorCode::LimitExceeded);
        error.to_string()
    }

    #[test]
    fn what_is_more_than_the_limits_allow_is_refused() {
        let limits = ReadLimits::default();
        let four = schema(&[2, 0, 1, 0]);
        let columns = |columns| ReadLimits { columns, ..limits };
        assert!(super::inspect(&four, columns(3)).is_ok());
        assert!(exceeded(&four, columns(2)).contains("`limits.columns`"));
        // Row groups: one of two chunks, and one of none.
        let footer = [0x49, 0x2c, 0x19, 0x2c, 0, 0, 0, 0, 0];
        let chunks = |column_chunks| ReadLimits { column_chunks, ..limits };
        assert!(super::inspect(&footer, chunks(3)).is_ok());
        assert!(exceeded(&footer, chunks(2)).contains("it takes 3 column chunks, more than the 2"));
        let mut deep = vec![1; 5];
        deep.push(0);
        let levels = |nesting_depth| ReadLimits { nesting_depth, ..limits };
        assert!(super::inspect(&schema(&deep), levels(5)).is_ok());
        assert!(exceeded(&schema(&deep), levels(4)).contains("it takes 5 levels, more than the 4"));
    }

    #[test]
    fn names_that_each_column_repeats_are_refused() {
        // A group with a name of 100 bytes, and a hundred columns in it.
        let mut footer = vec![0x29, 0xfc, 102];
        footer.extend([0x55, 2, 0]);
        footer.extend([0x48, 100]);
        footer.extend([b'n'; 100]);
        footer.extend([0x15, 0xc8, 0x01, 0]);
        footer.extend([0; 100]);
        footer.push(0);
        let limits = ReadLimits { metadata_bytes: 10_000, ..ReadLimits::default() };
        assert!(exceeded(&footer, limits).contains("`limits.metadataBytes`"));
        assert!(inspect(&footer).is_some());
    }

    #[test]
    fn a_schema_is_one_tree() {
        assert!(inspect(&schema(&[2, 0, 1, 0])).is_some());
        assert!(inspect(&schema(&[0])).is_some());
        for children in [&[2, 0][..], &[1, 0, 0], &[1, 60, 0], &[0, 0], &[]] {
            assert_eq!(inspect(&schema(children)), None, "{children:?}");
        }
    }

    #[test]
    fn deep_schemas_are_refused() {
        let mut children = vec![1; 100];
        children.push(0);
        assert!(inspect(&schema(&children)).is_some());
        let mut children = vec![1; 128];
        children.extend([1, 1, 0]);
        assert_eq!(inspect(&schema(&children)), None);
    }

    #[test]
    fn row_groups_beyond_the_bytes_are_refused() {
        let footer = [0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00];
        assert_eq!(inspect(&footer), None);
    }

    #[test]
    fn an_empty_list_of_row_groups_gets_its_type() {
        let footer = [0x49, 0x00, 0x00];
        let facts = inspect(&footer).expect("footer");
        assert_eq!(facts.with_typed_row_groups(&footer)[..], [0x49, 0x0c, 0x00]);
        let typed = [0x49, 0x0c, 0x00];
        assert_eq!(inspect(&typed).expect("footer").with_typed_row_groups(&typed)[..], typed);
    }

    #[test]
    fn encrypted_columns_are_found() {
        // Row groups: one with two column chunks, the second with `crypto_metadata`.
        let footer = [0x49, 0x1c, 0x19, 0x2c, 0x26, 0x00, 0x00, 0x26, 0x00, 0x6c, 0x00, 0x00, 0x00, 0x00];
        let facts = inspect(&footer).expect("footer");
        assert_eq!((facts.encrypted, facts.encrypted_columns), (true, vec![false, true]));
    }

    #[test]
    fn statistics_are_cut_out() {
        // A row group with one column chunk, whose metadata has the fields 1, 12 and 15.
        let footer = [0x49, 0x1c, 0x19, 0x1c, 0x3c, 0x15, 0x02, 0xbc, 0x00, 0x39, 0x13, 0x07, 0x00, 0x00, 0x00, 0x00];
        let facts = inspect(&footer).expect("footer");
        let expected = [0x49, 0x1c, 0x19, 0x1c, 0x3c, 0x15, 0x02, 0x00, 0x00, 0x00, 0x00];
        assert_eq!(facts.without_statistics(&footer), expected);
    }
}
