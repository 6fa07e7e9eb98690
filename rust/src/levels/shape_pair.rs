//! Two columns that are in one list or struct, and must tell the same of it.
//!
//! Their pages come one by one, and end at other values: those of one wait for the other's. Where pages of one are
//! skipped, the other's values of these rows are passed over.

use crate::levels::shape_walk::{Head, PageShape, ShapeWalk};
use crate::levels::shared_levels::SharedLevels;

/// Two columns, compared as far as both have pages.
pub(crate) struct ShapePair {
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
pub(crate) struct Mismatch {
    pub(crate) row: u64,
}

impl Mismatch {
    /// Where so many rows have begun, at a value that begins another one or goes on with the last.
    fn at(rows: u64, begins: bool) -> Self {
        Self { row: if begins { rows } else { rows.saturating_sub(1) } }
    }
}

impl ShapePair {
    /// Before the first page, of columns whose levels are at most `most`.
    pub(crate) fn new(shared: SharedLevels, most: [[i16; 2]; 2]) -> Self {
        let sides = [ShapeWalk::new(shared, most[0], most[1]), ShapeWalk::new(shared, most[1], most[0])];
        Self { sides, from: 0, is_even: true, is_unknown: false }
    }

    /// Bytes of levels that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.sides.iter().map(ShapeWalk::bytes).sum()
    }

    /// Takes the next page of one side; `is_whole` says that the row ends with it.
    pub(crate) fn take(&mut self, side: usize, page: PageShape, is_whole: bool) {
        if !self.is_unknown {
            self.sides[side].push(page, is_whole);
        }
    }

    /// Takes rows that are not read of one side.
    pub(crate) fn skip(&mut self, side: usize, rows: u64) {
        if !self.is_unknown {
            self.sides[side].push_skipped(rows);
        }
    }

    /// Says that one side has no more pages.
    pub(crate) fn end(&mut self, side: usize) {
        self.sides[side].is_whole = true;
    }

    /// Compares nothing any more.
    pub(crate) fn stop(&mut self) {
        self.is_unknown = true;
        self.sides.iter_mut().for_each(ShapeWalk::clear);
    }

    /// Compares what both columns have, and passes it.
    ///
    /// # Errors
    /// They contradict each other, and will when this is called again.
    pub(crate) fn compare(&mut self) -> Result<(), Mismatch> {
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
                [head, other] => {
                    if head != Head::Unpacked {
                        left.unpack(right.unpacked().len());
                    } else if other != Head::Unpacked {
                        right.unpack(left.unpacked().len());
                    }
                    compare_unpacked(left, right)?
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
                Head::Unpacked => !begins_row(self.sides[1 - at].unpacked()[0]),
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
                Head::Unpacked => (begins_row(walk.unpacked()[0]), 1),
                Head::Packed { count } => {
                    let count = count.min(walk.values_of_word());
                    let (_, rows) = walk.word(count);
                    if rows <= row.saturating_sub(walk.row) {
                        walk.pass(count, rows);
                        continue;
                    }
                    (walk.word(1).1 == 1, 1)
                }
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
    pub(crate) fn give_up(&mut self, side: usize) {
        self.is_even = false;
        self.pass_to(side, u64::MAX);
        self.from = self.from.max(self.sides[side].row);
    }
}

/// Compares values that both have unpacked; how many, and how many of them begin a row.
fn compare_unpacked(left: &ShapeWalk, right: &ShapeWalk) -> Result<(u64, u64), Mismatch> {
    let (values, others) = (left.unpacked(), right.unpacked());
    let count = values.len().min(others.len());
    let rows = |values: &[u32]| values.iter().filter(|value| begins_row(**value)).count() as u64;
    if values[..count] == others[..count] {
        return Ok((count as u64, rows(&values[..count])));
    }
    let same = values.iter().zip(others).take_while(|(value, other)| value == other).count();
    Err(Mismatch::at(left.row + rows(&values[..same]), begins_row(values[same]) && begins_row(others[same])))
}

/// Whether an unpacked value does.
fn begins_row(value: u32) -> bool {
    value >> 16 == 0
}

#[cfg(test)]
mod tests;
