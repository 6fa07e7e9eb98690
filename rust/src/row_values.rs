//! The values of a run of rows while conditions leave some of them out: each column is loaded when it is first needed,
//! and then holds the rows that passed so far.

use arrow_array::ArrayRef;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

use crate::column_reader::filtered;
use crate::error::{Result, SpillwayError};
use crate::row_plan::{Conjunct, OutputValue, RowPlan};

/// Which of the rows passed so far.
#[derive(Debug)]
pub struct Mask {
    /// All rows.
    pub rows: usize,
    /// How many passed.
    pub passed: usize,
    /// One bit a row; `None` while all passed.
    pub bits: Option<BooleanBuffer>,
}

/// The columns loaded so far.
#[derive(Debug)]
pub struct RowValues {
    mask: Mask,
    loaded: Vec<Option<ArrayRef>>,
}

impl RowValues {
    /// Nothing loaded of `reads` columns, and all rows passed.
    #[must_use]
    pub fn new(rows: usize, reads: usize) -> Self {
        Self { mask: Mask { rows, passed: rows, bits: None }, loaded: vec![None; reads] }
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
    pub fn test(&mut self, conjunct: &Conjunct, load: &mut impl FnMut(usize, &Mask) -> Result<ArrayRef>) -> Result<()> {
        self.load(&conjunct.inputs.reads, load)?;
        let batch = conjunct.inputs.batch(&self.loaded, self.mask.passed)?;
        let result = conjunct.evaluator.mask(&batch)?;
        let passed = result.true_count();
        if passed < self.mask.passed {
            for array in self.loaded.iter_mut().flatten() {
                *array = filtered(array, result.values())?;
            }
            self.mask.narrow(result.values(), passed);
        }
        Ok(())
    }

    /// The outputs' values of the rows that passed.
    ///
    /// # Errors
    /// As [`RowValues::test`].
    pub fn outputs(
        &mut self,
        plan: &RowPlan,
        load: &mut impl FnMut(usize, &Mask) -> Result<ArrayRef>,
    ) -> Result<Vec<ArrayRef>> {
        let mut arrays = Vec::with_capacity(plan.outputs.len());
        for output in &plan.outputs {
            arrays.push(match &output.value {
                OutputValue::Read(read) => {
                    self.load(&[*read], load)?;
                    let array = self.loaded.get(*read).cloned().flatten();
                    array.ok_or_else(|| SpillwayError::internal(&format!("column {read} was not read")))?
                }
                OutputValue::Computed(evaluator, inputs) => {
                    self.load(&inputs.reads, load)?;
                    evaluator.evaluate(&inputs.batch(&self.loaded, self.mask.passed)?)?
                }
            });
        }
        Ok(arrays)
    }

    fn load(&mut self, reads: &[usize], load: &mut impl FnMut(usize, &Mask) -> Result<ArrayRef>) -> Result<()> {
        for read in reads {
            if let Some(place @ None) = self.loaded.get_mut(*read) {
                *place = Some(load(*read, &self.mask)?);
            }
        }
        Ok(())
    }
}

impl Mask {
    /// Leaves out rows by a result that has one bit for each row that passed so far.
    fn narrow(&mut self, result: &BooleanBuffer, passed: usize) {
        self.passed = passed;
        self.bits = Some(match self.bits.take() {
            None => result.clone(),
            Some(bits) => {
                let mut narrowed = BooleanBufferBuilder::new(bits.len());
                narrowed.append_n(bits.len(), false);
                for (row, kept) in bits.set_indices().zip(result.iter()) {
                    if kept {
                        narrowed.set_bit(row, true);
                    }
                }
                narrowed.finish()
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_narrows_by_results_on_the_rows_that_passed() {
        let bits = |bits: &[bool]| bits.iter().copied().collect::<BooleanBuffer>();
        let mut mask = Mask { rows: 5, passed: 5, bits: None };
        mask.narrow(&bits(&[true, false, true, true, false]), 3);
        mask.narrow(&bits(&[false, true, true]), 2);
        assert_eq!((mask.rows, mask.passed), (5, 2));
        assert_eq!(mask.bits, Some(bits(&[false, false, true, true, false])));
    }
}
