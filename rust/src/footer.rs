//! Looks over a footer's bytes before parquet parses them.
//!
//! parquet reserves memory for as many row groups and children as a footer states and follows the schema recursively, so
//! that a hostile footer could abort the process. It also does not tell of encryption unless it is built with it.

use std::borrow::Cow;
use std::ops::Range;

use crate::thrift::{Kind, Reader};

/// Groups in groups of a schema. Writers make a few at most.
const MAX_SCHEMA_DEPTH: usize = 128;

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

/// Walks a footer; `None` when it is no valid Thrift, or when its schema is no tree.
pub(crate) fn inspect(footer: &[u8]) -> Option<FooterFacts> {
    let mut facts = FooterFacts::default();
    // Field numbers are those of `FileMetaData` in parquet.thrift.
    Reader::new(footer).read_struct(|reader, id, kind| match (id, kind) {
        (2, Kind::List) => read_schema(reader),
        (4, Kind::List) => {
            let place = reader.position();
            facts.untyped_row_groups = (footer.get(place) == Some(&0)).then_some(place);
            reader.read_list(|reader, kind| read_row_group(reader, kind, &mut facts))
        }
        (8, Kind::Struct) => {
            facts.encrypted = true;
            reader.skip(kind)
        }
        _ => reader.skip(kind),
    })?;
    facts.encrypted |= facts.encrypted_columns.contains(&true);
    Some(facts)
}

/// Whether bytes hold a valid struct, so that the sizes of its lists are true.
pub(crate) fn is_struct(bytes: &[u8]) -> bool {
    Reader::new(bytes).skip(Kind::Struct).is_some()
}

/// Checks that the elements are one tree in preorder.
fn read_schema(reader: &mut Reader) -> Option<()> {
    // How many children each open group still lacks; the root is the child of nothing.
    let mut open = vec![1_u32];
    reader.read_list(|reader, kind| {
        if kind != Kind::Struct {
            return None;
        }
        let mut children = 0;
        reader.read_struct(|reader, id, kind| {
            // SchemaElement.num_children
            if id == 5 && kind == Kind::Integer {
                children = u32::try_from(reader.integer()?).ok()?;
                return Some(());
            }
            reader.skip(kind)
        })?;
        while open.last() == Some(&0) {
            open.pop();
        }
        *open.last_mut()? -= 1;
        if children > 0 {
            open.push(children);
        }
        (open.len() <= MAX_SCHEMA_DEPTH).then_some(())
    })?;
    open.iter().all(|lacking| *lacking == 0).then_some(())
}

fn read_row_group(reader: &mut Reader, kind: Kind, facts: &mut FooterFacts) -> Option<()> {
    if kind != Kind::Struct {
        return None;
    }
    reader.read_struct(|reader, id, kind| {
        // RowGroup.columns
        if id != 1 || kind != Kind::List {
            return reader.skip(kind);
        }
        let mut column = 0;
        reader.read_list(|reader, kind| {
            read_column_chunk(reader, kind, column, facts)?;
            column += 1;
            Some(())
        })
    })
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

    /// A footer of a schema only: an element a number of children.
    fn schema(children: &[u8]) -> Vec<u8> {
        let mut footer = vec![0x29, 0xfc, children.len() as u8];
        for count in children {
            footer.extend([0x55, count * 2, 0x00]);
        }
        footer.push(0);
        footer
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
        let mut children = vec![1; 127];
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
