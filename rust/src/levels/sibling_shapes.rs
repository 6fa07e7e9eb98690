//! Columns of one nested column that contradict each other: parquet stores the lists and structs that they are in with
//! each of them, and takes what the first one says.
//!
//! Each column is compared with the one before it, in the group that both are in. That suffices: two that do not follow
//! one another have a group in common that is around all between, and columns that agree on a group agree on those
//! around it.

use std::sync::{Arc, Mutex};

use parquet::column::page::Page;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::SchemaDescPtr;

use crate::files::file::ParquetFile;
use crate::levels::page_levels::PageLevels;
use crate::levels::shape_pair::{Mismatch, ShapePair};
use crate::levels::shape_walk::PageShape;
use crate::levels::shared_levels::{SharedLevels, shared_between};

/// Bytes of levels that wait for other columns' pages. Rows of which more would wait, as where many are skipped, are not
/// compared; a batch of so many takes far more where it is decoded.
const MOST_WAITING: usize = 16 << 20;

/// Leaf columns that are read of one nested column.
pub(crate) struct Siblings {
    schema: SchemaDescPtr,
    /// Ascending.
    leaves: Vec<usize>,
    /// What each one but the first shares with the one before.
    shared: Vec<SharedLevels>,
}

/// What the pages of siblings have told so far, in one row group.
pub(crate) struct SiblingShapes {
    siblings: Arc<Siblings>,
    /// Neighbours, which are made with the first page; `None` where nothing is to compare.
    pairs: Vec<Option<ShapePair>>,
    /// Bytes that wait.
    waiting: usize,
}

/// One of the siblings in a row group.
pub(crate) struct LeafShape {
    shapes: Arc<Mutex<SiblingShapes>>,
    /// Its place among the siblings.
    place: usize,
    most: [i16; 2],
}

impl Siblings {
    /// Leaf columns of one root, in ascending order; `None` where there is nothing to compare.
    pub(crate) fn of(file: &ParquetFile, leaves: &[usize]) -> Option<Arc<Self>> {
        if leaves.len() < 2 {
            return None;
        }
        let all = file.shared_levels();
        Self::new(file.metadata.file_metadata().schema_descr_ptr(), leaves, all)
    }

    fn new(schema: SchemaDescPtr, leaves: &[usize], all: &[SharedLevels]) -> Option<Arc<Self>> {
        let shared: Vec<_> = leaves.windows(2).map(|pair| shared_between(all, pair[0], pair[1])).collect();
        let is_any = shared.iter().any(|shared| shared[1] > 0);
        is_any.then(|| Arc::new(Self { schema, leaves: leaves.to_vec(), shared }))
    }

    fn most(&self, place: usize) -> [i16; 2] {
        let column = self.schema.column(self.leaves[place]);
        [column.max_rep_level(), column.max_def_level()]
    }

    fn pair(&self, place: usize) -> Option<ShapePair> {
        let shared = self.shared[place];
        let most = [self.most(place), self.most(place + 1)];
        (shared[1] > 0).then(|| ShapePair::new(shared, most))
    }
}

impl SiblingShapes {
    /// Before the first page of a row group.
    pub(crate) fn new(siblings: &Arc<Siblings>) -> Self {
        Self { siblings: Arc::clone(siblings), pairs: Vec::new(), waiting: 0 }
    }

    /// Does something with both pairs of one of the siblings, and compares it with its neighbours.
    fn step(&mut self, place: usize, act: impl Fn(&mut ShapePair, usize)) -> Result<()> {
        if self.pairs.is_empty() {
            self.pairs = (0..self.siblings.shared.len()).map(|place| self.siblings.pair(place)).collect();
        }
        for (before, side) in [(place.wrapping_sub(1), 1), (place, 0)] {
            let Some(Some(pair)) = self.pairs.get_mut(before) else { continue };
            self.waiting -= pair.bytes();
            act(pair, side);
            let compared = pair.compare();
            if compared.is_ok() && self.waiting + pair.bytes() > MOST_WAITING {
                pair.give_up(side);
            }
            self.waiting += pair.bytes();
            if let Err(Mismatch { row }) = compared {
                let [left, right] = [before, before + 1]
                    .map(|place| self.siblings.schema.column(self.siblings.leaves[place]).path().string());
                return Err(ParquetError::General(format!(
                    "columns '{left}' and '{right}' contradict each other in row {row} of their row group: where both are in one list or struct, it is longer, empty or null in only one of them"
                )));
            }
        }
        Ok(())
    }
}

impl LeafShape {
    /// A column's; `None` where it is none of the siblings.
    pub(crate) fn new(shapes: Arc<Mutex<SiblingShapes>>, column: usize) -> Option<Self> {
        let (place, most) = {
            let siblings = &crate::lock(&shapes).siblings;
            let place = siblings.leaves.binary_search(&column).ok()?;
            (place, siblings.most(place))
        };
        Some(Self { shapes, place, most })
    }

    /// Takes the next page; `is_whole` says that the next one begins with a row.
    ///
    /// # Errors
    /// A sibling's pages tell otherwise.
    pub(crate) fn take(&self, page: &Page, is_whole: bool) -> Result<()> {
        let Some(PageLevels { repetition, definition }) = PageLevels::of(page, self.most) else { return Ok(()) };
        let is_known = repetition.is_some() == (self.most[0] > 0) && definition.is_some() == (self.most[1] > 0);
        let shape = is_known.then(|| PageShape::new(repetition, definition, self.most, page.num_values().into()));
        crate::lock(&self.shapes).step(self.place, |pair, side| match &shape {
            Some(shape) => pair.take(side, shape.clone(), is_whole),
            None => pair.stop(),
        })
    }

    /// Passes over a page of so many rows, if that is known.
    ///
    /// # Errors
    /// As [`LeafShape::take`].
    pub(crate) fn skip(&self, rows: Option<u64>) -> Result<()> {
        crate::lock(&self.shapes).step(self.place, |pair, side| match rows {
            Some(rows) => pair.skip(side, rows),
            None => pair.stop(),
        })
    }

    /// Says that there are no more pages.
    ///
    /// # Errors
    /// As [`LeafShape::take`].
    pub(crate) fn end(&self) -> Result<()> {
        crate::lock(&self.shapes).step(self.place, ShapePair::end)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::basic::Encoding;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;
    use crate::levels::shared_levels::shared_levels;

    fn siblings(fields: &str, leaves: &[usize]) -> Option<Arc<Siblings>> {
        let message = parse_message_type(&format!("message m {{ {fields} }}")).expect("schema");
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(message)));
        let all = shared_levels(&schema);
        Siblings::new(schema, leaves, &all)
    }

    /// A page whose values are in no list.
    fn page(definition: &[u8], num_values: u32) -> Page {
        Page::DataPageV2 {
            buf: Bytes::copy_from_slice(definition),
            num_values,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            num_rows: num_values,
            def_levels_byte_len: definition.len() as u32,
            rep_levels_byte_len: 0,
            is_compressed: false,
            statistics: None,
        }
    }

    #[test]
    fn only_columns_that_share_a_list_or_what_may_be_null_are_compared() {
        let fields = "required group a { required int32 b; optional int32 c; }
            optional group d { required int32 e; required int32 f; }";
        assert!(siblings(fields, &[0, 1]).is_none());
        assert!(siblings(fields, &[1, 2]).is_none());
        assert!(siblings(fields, &[2, 3]).is_some());
        assert!(siblings(fields, &[3]).is_none());
    }

    #[test]
    fn each_column_is_compared_with_those_beside_it() {
        let siblings =
            siblings("optional group a { required int32 b; required int32 c; required int32 d; }", &[0, 1, 2]);
        let shapes = Arc::new(Mutex::new(SiblingShapes::new(&siblings.expect("siblings"))));
        let [b, c, d] = [0, 1, 2].map(|leaf| LeafShape::new(Arc::clone(&shapes), leaf).expect("a sibling"));
        assert!(LeafShape::new(Arc::clone(&shapes), 3).is_none());
        // Nine values and then two nulls, or five and six values.
        for (leaf, levels) in [(&d, [18, 1]), (&b, [18, 1]), (&b, [4, 0])] {
            assert!(leaf.take(&page(&levels, u32::from(levels[0]) / 2), true).is_ok());
        }
        assert!(c.take(&page(&[10, 1], 5), true).is_ok());
        let error = c.take(&page(&[8, 1, 4, 1], 6), true).expect_err("b has two nulls").to_string();
        assert!(error.contains("'a.b' and 'a.c' contradict each other in row 9"), "{error}");
    }

    #[test]
    fn no_more_waits_for_other_columns_than_a_bound() {
        let siblings = siblings("optional group a { required int32 b; required int32 c; }", &[0, 1]);
        let shapes = Arc::new(Mutex::new(SiblingShapes::new(&siblings.expect("siblings"))));
        let [b, c] = [0, 1].map(|leaf| LeafShape::new(Arc::clone(&shapes), leaf).expect("a sibling"));
        // Two million groups of eight values.
        let groups: u32 = 2 << 20;
        let packed = |byte: u8| {
            let header = groups << 1 | 1;
            let header: Vec<u8> =
                (0..4).map(|at| (header >> (7 * at)) as u8 & 0x7f | if at < 3 { 0x80 } else { 0 }).collect();
            page(&[header, vec![byte; groups as usize]].concat(), groups * 8)
        };
        let (mut most, few) = (0, packed(0b0110_0101));
        for _ in 0..8 {
            b.take(&few, true).expect("alone");
            most = most.max(crate::lock(&shapes).waiting);
        }
        assert!(most > MOST_WAITING / 2 && most <= MOST_WAITING, "{most}");
        // What was passed over can't be compared; what comes next is.
        let other = packed(0b0110_0111);
        (0..8).for_each(|_| c.take(&other, true).expect("not compared"));
        assert_eq!(crate::lock(&shapes).waiting, 0);
        b.take(&page(&[18, 1], 9), true).expect("alone");
        let error = c.take(&page(&[4, 1, 14, 0], 9), true).expect_err("seven nulls").to_string();
        assert!(error.contains(&format!("in row {}", 64 * u64::from(groups) + 2)), "{error}");
    }
}
