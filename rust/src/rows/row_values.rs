//! The values of a run of rows while conditions leave some of them out: each column is loaded when it is first needed,
//! and then holds the rows that passed so far.

use std::cell::OnceCell;

use arrow_array::ArrayRef;
use arrow_buffer::{BooleanBuffer, Buffer};

use crate::error::{Result, SpillwayError};
use crate::rows::chosen_rows::{RowFilter, filtered};
use crate::rows::row_plan::{Conjunct, Output, OutputValue, RowPlan};

/// Which of the rows passed so far.
#[derive(Debug)]
pub struct Mask {
    /// All rows.
    pub rows: usize,
    /// How many passed.
    pub passed: usize,
    /// One bit a row; `None` while all passed.
    pub bits: Option<BooleanBuffer>,
    /// Prepared once for all columns.
    filter: OnceCell<RowFilter>,
    /// Counted once for all columns.
    runs: OnceCell<usize>,
}

/// A column's values.
#[derive(Debug, Clone)]
pub enum Values {
    /// Of the rows that passed.
    Passed(ArrayRef),
    /// Of all rows: those that passed are to be chosen.
    All(ArrayRef),
}

impl Values {
    /// Those of the rows that passed, which the filter chooses; without one all did.
    ///
    /// # Errors
    /// Those of arrow's `filter` kernel.
    pub fn passed(self, filter: Option<&RowFilter>) -> Result<ArrayRef> {
        match (self, filter) {
            (Self::All(array), Some(filter)) => filter.filter(&array).map_err(|e| SpillwayError::from_arrow(&e)),
            (Self::All(array), None) | (Self::Passed(array), _) => Ok(array),
        }
    }
}

/// The columns loaded so far.
///
/// What was loaded is filtered only when it is needed again, and then by all that was tested since in one pass.
#[derive(Debug)]
pub struct RowValues {
    mask: Mask,
    loaded: Vec<Option<Loaded>>,
    /// What each test left of the rows that passed those before.
    results: Vec<BooleanBuffer>,
}

/// A column's values for the rows that passed the first so many tests.
#[derive(Debug, Clone)]
struct Loaded {
    array: ArrayRef,
    tests: usize,
}

impl RowValues {
    /// Nothing loaded of `reads` columns, and all rows passed.
    #[must_use]
    pub fn new(rows: usize, reads: usize) -> Self {
        Self { mask: Mask::new(rows), loaded: vec![None; reads], results: Vec::new() }
    }

    /// Which rows passed.
    #[must_use]
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// For each column whether it was loaded.
    pub fn loaded(&self) -> impl Iterator<Item = bool> + '_ {
        self.loaded.iter().map(Option::is_some)
    }

    /// Tests a condition on the rows that passed so far, and leaves out those for which it isn't true.
    ///
    /// `load` gives the values of a column for the rows that passed so far.
    ///
    /// # Errors
    /// What `load` fails with, and what the evaluator does.
    pub fn test(&mut self, conjunct: &Conjunct, load: &mut impl FnMut(usize, &Mask) -> Result<Values>) -> Result<()> {
        let arrays = self.load(&conjunct.inputs.reads, load)?;
        let batch = conjunct.inputs.batch(&arrays, self.mask.passed)?;
        let result = conjunct.evaluator.mask(&batch)?;
        let passed = result.true_count();
        if passed < self.mask.passed {
            self.mask.narrow(result.values(), passed);
            self.results.push(result.values().clone());
        }
        Ok(())
    }

    /// The outputs' values: of the rows that passed, or of all where these were read.
    ///
    /// # Errors
    /// As [`RowValues::test`].
    pub fn outputs(
        &mut self,
        plan: &RowPlan,
        load: &mut impl FnMut(usize, &Mask) -> Result<Values>,
    ) -> Result<Vec<Values>> {
        plan.outputs.iter().map(|output| self.output(output, load)).collect()
    }

    /// One output's values.
    ///
    /// # Errors
    /// As [`RowValues::test`].
    pub fn output(&mut self, output: &Output, load: &mut impl FnMut(usize, &Mask) -> Result<Values>) -> Result<Values> {
        match &output.value {
            OutputValue::Read(read) => self.load_one(*read, load),
            OutputValue::Computed(evaluator, inputs) => {
                let arrays = self.load(&inputs.reads, load)?;
                Ok(Values::Passed(evaluator.evaluate(&inputs.batch(&arrays, self.mask.passed)?)?))
            }
        }
    }

    /// Which rows passed, when nothing more is asked of them.
    #[must_use]
    pub fn into_mask(self) -> Mask {
        self.mask
    }

    /// The columns' values for the rows that passed so far.
    fn load(
        &mut self,
        reads: &[usize],
        load: &mut impl FnMut(usize, &Mask) -> Result<Values>,
    ) -> Result<Vec<ArrayRef>> {
        let tests = self.results.len();
        let mut arrays = Vec::with_capacity(reads.len());
        for read in reads {
            let values = self.load_one(*read, load)?;
            let array = values.passed(self.mask.filter())?;
            self.loaded[*read] = Some(Loaded { array: ArrayRef::clone(&array), tests });
            arrays.push(array);
        }
        Ok(arrays)
    }

    /// A column's values: where they were read of all rows, they are left so.
    fn load_one(&mut self, read: usize, load: &mut impl FnMut(usize, &Mask) -> Result<Values>) -> Result<Values> {
        match self.loaded[read].clone() {
            Some(Loaded { array, tests: 0 }) => Ok(Values::All(array)),
            Some(loaded) => Ok(Values::Passed(self.up_to_date(loaded)?)),
            None => {
                let values = load(read, &self.mask)?;
                self.loaded[read] = Some(match &values {
                    Values::Passed(array) => Loaded { array: ArrayRef::clone(array), tests: self.results.len() },
                    Values::All(array) => Loaded { array: ArrayRef::clone(array), tests: 0 },
                });
                Ok(values)
            }
        }
    }

    fn up_to_date(&self, Loaded { mut array, tests }: Loaded) -> Result<ArrayRef> {
        for result in &self.results[tests..] {
            array = filtered(&array, result).map_err(|e| SpillwayError::from_arrow(&e))?;
        }
        Ok(array)
    }
}

impl Mask {
    /// All of so many rows.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows, passed: rows, bits: None, filter: OnceCell::new(), runs: OnceCell::new() }
    }

    /// The rows that passed, to be chosen from all; `None` while all passed.
    #[must_use]
    pub fn filter(&self) -> Option<&RowFilter> {
        let bits = self.bits.as_ref()?;
        Some(self.filter.get_or_init(|| RowFilter::new(bits, self.passed)))
    }

    /// How many runs the rows that passed are in.
    #[must_use]
    pub fn runs(&self) -> usize {
        let Some(bits) = &self.bits else { return 1 };
        *self.runs.get_or_init(|| {
            let mut before = 0;
            let begun = bits.bit_chunks().iter_padded().map(|word| {
                let begins = word & !(word << 1 | before);
                before = word >> 63;
                begins.count_ones() as usize
            });
            begun.sum()
        })
    }

    /// Leaves out rows by a result that has one bit for each row that passed so far.
    fn narrow(&mut self, result: &BooleanBuffer, passed: usize) {
        self.passed = passed;
        self.filter.take();
        self.runs.take();
        self.bits = Some(match self.bits.take() {
            None => result.clone(),
            Some(bits) => deposited(&bits, result),
        });
    }
}

/// Spreads a result over the set bits of a mask: the nth bit of the result replaces the nth set bit.
fn deposited(mask: &BooleanBuffer, result: &BooleanBuffer) -> BooleanBuffer {
    let results: Vec<u64> = result.bit_chunks().iter_padded().chain([0]).collect();
    let mut taken = 0;
    let words = mask.bit_chunks().iter_padded().map(|word| {
        let (index, shift) = (taken / 64, taken % 64);
        let low = results.get(index).map_or(0, |word| word >> shift);
        let high = if shift == 0 { 0 } else { results.get(index + 1).map_or(0, |word| word << (64 - shift)) };
        taken += word.count_ones() as usize;
        deposit(low | high, word)
    });
    let words: Vec<u64> = words.collect();
    BooleanBuffer::new(Buffer::from_vec(words), 0, mask.len())
}

/// Puts the low bits of `bits` to the places of the set bits of `places`, as x86's `pdep` does.
fn deposit(mut bits: u64, mut places: u64) -> u64 {
    let mut spread = 0;
    while places != 0 {
        let lowest = places & places.wrapping_neg();
        spread |= lowest & 0_u64.wrapping_sub(bits & 1);
        bits >>= 1;
        places ^= lowest;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_narrows_by_results_on_the_rows_that_passed() {
        let bits = |bits: &[bool]| bits.iter().copied().collect::<BooleanBuffer>();
        let mut mask = Mask::new(5);
        mask.narrow(&bits(&[true, false, true, true, false]), 3);
        mask.narrow(&bits(&[false, true, true]), 2);
        assert_eq!((mask.rows, mask.passed), (5, 2));
        assert_eq!(mask.bits, Some(bits(&[false, false, true, true, false])));
    }

    #[test]
    fn runs_are_counted_across_words() {
        assert_eq!(Mask::new(5).runs(), 1);
        for (length, offset) in [(0, 0), (1, 0), (64, 0), (65, 63), (200, 3), (8192, 61)] {
            let whole: BooleanBuffer = (0..length + offset).map(|row| row * 7 % 11 < 5 || row % 64 == 63).collect();
            let bits = whole.slice(offset, length);
            let mut mask = Mask::new(length);
            mask.narrow(&bits, bits.count_set_bits());
            assert_eq!(mask.runs(), bits.set_slices().count(), "{length} bits from {offset}");
            let none: BooleanBuffer = (0..mask.passed).map(|_| false).collect();
            mask.narrow(&none, 0);
            assert_eq!(mask.runs(), 0);
        }
    }

    #[test]
    fn results_are_spread_over_masks_of_any_length_and_offset() {
        for (length, offset) in [(1, 0), (64, 0), (200, 3), (8192, 61)] {
            let whole: BooleanBuffer = (0..length + offset).map(|row| row * 7 % 11 < 5).collect();
            let mask = whole.slice(offset, length);
            let result: BooleanBuffer = (0..mask.count_set_bits()).map(|row| row * 5 % 7 < 3).collect();
            let mut kept = result.iter();
            let expected: BooleanBuffer = mask.iter().map(|set| set && kept.next() == Some(true)).collect();
            assert_eq!(deposited(&mask, &result), expected, "{length} bits from {offset}");
        }
    }
}
