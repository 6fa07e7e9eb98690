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

use crate::file::ParquetFile;
use crate::page_levels::PageLevels;
use crate::shape_walk::{Head, PageShape, ShapeWalk};
use crate::shared_levels::{SharedLevels, shared_between};

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
    pairs: Vec<Option<Pair>>,
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

    fn pair(&self, place: usize) -> Option<Pair> {
        let shared = self.shared[place];
        let most = [self.most(place), self.most(place + 1)];
        (shared[1] > 0).then(|| Pair {
            sides: [ShapeWalk::new(shared, most[0], most[1]), ShapeWalk::new(shared, most[1], most[0])],
            from: 0,
            is_even: true,
            is_unknown: false,
        })
    }
}

impl SiblingShapes {
    /// Before the first page of a row group.
    pub(crate) fn new(siblings: &Arc<Siblings>) -> Self {
        Self { siblings: Arc::clone(siblings), pairs: Vec::new(), waiting: 0 }
    }

    /// Does something with the walks of one of the siblings, and compares it with its neighbours.
    fn step(&mut self, place: usize, act: impl Fn(&mut Pair, usize)) -> Result<()> {
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
            Some(shape) => pair.sides[side].push(shape.clone(), is_whole),
            None => pair.stop(),
        })
    }

    /// Passes over a page of so many rows, if that is known.
    ///
    /// # Errors
    /// As [`LeafShape::take`].
    pub(crate) fn skip(&self, rows: Option<u64>) -> Result<()> {
        crate::lock(&self.shapes).step(self.place, |pair, side| match rows {
            Some(rows) => pair.sides[side].push_skipped(rows),
            None => pair.stop(),
        })
    }

    /// Says that there are no more pages.
    ///
    /// # Errors
    /// As [`LeafShape::take`].
    pub(crate) fn end(&self) -> Result<()> {
        crate::lock(&self.shapes).step(self.place, |pair, side| pair.sides[side].is_whole = true)
    }
}

/// Two columns, compared as far as both have pages.
struct Pair {
    sides: [ShapeWalk; 2],
    /// Where one has skipped rows, the first row that both may have.
    from: u64,
    /// Whether both are at the same place: all values before were the same, or are of skipped rows.
    is_even: bool,
    /// Whether there were levels that are not known: nothing is compared any more.
    is_unknown: bool,
}

/// That two columns contradict each other, and where first.
#[derive(Debug, PartialEq, Eq)]
struct Mismatch {
    row: u64,
}

impl Mismatch {
    /// Where so many rows have begun, at a value that begins another one or goes on with the last.
    fn at(rows: u64, begins: bool) -> Self {
        Self { row: if begins { rows } else { rows.saturating_sub(1) } }
    }
}

impl Pair {
    fn bytes(&self) -> usize {
        self.sides.iter().map(ShapeWalk::bytes).sum()
    }

    /// Compares nothing any more.
    fn stop(&mut self) {
        self.is_unknown = true;
        self.sides.iter_mut().for_each(ShapeWalk::clear);
    }

    /// Compares what both columns have, and passes it.
    fn compare(&mut self) -> Result<(), Mismatch> {
        while !self.is_unknown && (self.is_even || self.catch_up()) {
            let [left, right] = &mut self.sides;
            let heads = [left.head(), right.head()];
            let (count, rows) = match heads {
                [Head::Unknown, _] | [_, Head::Unknown] => {
                    self.stop();
                    break;
                }
                [Head::Nothing | Head::Skipped, _] | [_, Head::Nothing | Head::Skipped] => {
                    if self.pass_skipped(&heads)? {
                        continue;
                    }
                    break;
                }
                [
                    Head::Same { repetition, definition, count },
                    Head::Same { repetition: other_repetition, definition: other_definition, count: other },
                ] => {
                    if (repetition, definition) != (other_repetition, other_definition) {
                        return Err(Mismatch::at(left.row, repetition.max(other_repetition) == 0));
                    }
                    let count = count.min(other);
                    (count, if repetition == 0 { count } else { 0 })
                }
                [
                    Head::Same { count, .. } | Head::Packed { count },
                    Head::Same { count: other, .. } | Head::Packed { count: other },
                ] => {
                    let count = count.min(other).min(left.values_of_word());
                    // Where words differ, it goes on value by value.
                    let same = [count, 1].into_iter().find(|count| left.word(*count).0 == right.word(*count).0);
                    let Some(count) = same else {
                        return Err(Mismatch::at(left.row, left.word(1).1 + right.word(1).1 == 2));
                    };
                    (count, left.word(count).1)
                }
            };
            left.pass(count, rows);
            right.pass(count, rows);
        }
        Ok(())
    }

    /// Where one side has no more values for now; whether to go on. Otherwise it has to wait.
    fn pass_skipped(&mut self, heads: &[Head; 2]) -> Result<bool, Mismatch> {
        for (head, other, at) in [(&heads[0], &heads[1], 0), (&heads[1], &heads[0], 1)] {
            let ends = matches!(head, Head::Skipped) || (matches!(head, Head::Nothing) && self.sides[at].is_whole);
            let goes_on = match other {
                Head::Same { repetition, .. } => *repetition > 0,
                Head::Packed { .. } => self.sides[1 - at].word(1).1 == 0,
                _ => false,
            };
            if ends && goes_on {
                return Err(Mismatch::at(self.sides[at].row, false));
            }
        }
        for (head, other, at) in [(&heads[0], &heads[1], 0), (&heads[1], &heads[0], 1)] {
            // The row before may go on in the other's next page.
            if *head == Head::Skipped && (*other != Head::Nothing || self.sides[1 - at].is_whole) {
                self.is_even = false;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Passes over rows that one side has and the other has not; whether both have come to the same row.
    fn catch_up(&mut self) -> bool {
        loop {
            let from = self.from;
            let arrived = [0, 1].map(|side| self.pass_to(side, self.from));
            if self.is_unknown || self.from == from {
                self.is_even = arrived == [true; 2] && !self.is_unknown;
                return self.is_even;
            }
        }
    }

    /// Passes over what comes before a row's beginning; whether that was found.
    fn pass_to(&mut self, side: usize, row: u64) -> bool {
        let walk = &mut self.sides[side];
        loop {
            let (begins, count) = match walk.head() {
                Head::Nothing => return false,
                Head::Unknown => {
                    self.stop();
                    return false;
                }
                Head::Skipped => {
                    walk.pass_skipped();
                    self.from = self.from.max(walk.row);
                    continue;
                }
                Head::Same { repetition, count, .. } => (repetition == 0, count),
                Head::Packed { .. } => (walk.word(1).1 == 1, 1),
            };
            if !begins {
                walk.pass(count, 0);
            } else if walk.row >= row {
                return true;
            } else {
                let rows = count.min(row - walk.row);
                walk.pass(rows, rows);
            }
        }
    }

    /// Passes over all that one side has, so that it need not wait.
    fn give_up(&mut self, side: usize) {
        self.is_even = false;
        self.pass_to(side, u64::MAX);
        self.from = self.from.max(self.sides[side].row);
    }
}
