//! Some rows of an array, by arrow's kernels.
//!
//! `filter` and `take` tell the number of rows of fixed-size binaries from their bytes, and so give none where each has no
//! byte. Such arrays, and those nested around them, are copied run by run.

use std::cell::OnceCell;

use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array, make_array};
use arrow_buffer::BooleanBuffer;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType};
use arrow_select::filter::{FilterBuilder, FilterPredicate};

use crate::rows::kept_rows::{has_long_runs, kept_rows};

/// Rows to keep, prepared once for all columns.
#[derive(Debug)]
pub struct RowFilter {
    bits: BooleanBuffer,
    kept: usize,
    predicate: OnceCell<FilterPredicate>,
}

impl RowFilter {
    /// Keeps the rows whose bit is set, of which there are `kept`.
    #[must_use]
    pub fn new(bits: &BooleanBuffer, kept: usize) -> Self {
        Self { bits: bits.clone(), kept, predicate: OnceCell::new() }
    }

    /// How many rows are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// The rows of an array that has one for each bit.
    ///
    /// # Errors
    /// Those of arrow's `filter` kernel.
    pub fn filter(&self, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        if has_empty_values(array.data_type()) {
            return copied(array, self.bits.set_slices());
        }
        let prepare = || FilterBuilder::new(&BooleanArray::new(self.bits.clone(), None)).optimize().build();
        self.predicate.get_or_init(prepare).filter(array)
    }

    /// Copies the kept ones of values, one for each bit, to where they go: `filter` would make an array of them first.
    ///
    /// # Panics
    /// Where `out` has no place for each of them, or there are fewer values than bits.
    pub fn copy<Stored: Copy, Shown: From<Stored>>(&self, values: &[Stored], out: &mut [Shown]) {
        assert_eq!(out.len(), self.kept, "there is a place for each value that is kept");
        let mut left = out;
        let mut next = |count: usize| {
            let (next, rest) = std::mem::take(&mut left).split_at_mut(count);
            left = rest;
            next
        };
        if has_long_runs(&self.bits) {
            for (start, end) in self.bits.set_slices() {
                next(end - start).iter_mut().zip(&values[start..end]).for_each(|(out, value)| *out = (*value).into());
            }
        } else {
            for some in kept_rows(self.bits.bit_chunks()) {
                next(some.len()).iter_mut().zip(some).for_each(|(out, row)| *out = values[row].into());
            }
        }
    }
}

/// Those rows of one array whose bit is set.
///
/// # Errors
/// Those of arrow's `filter` kernel.
pub fn filtered(array: &ArrayRef, bits: &BooleanBuffer) -> Result<ArrayRef, ArrowError> {
    if has_empty_values(array.data_type()) {
        return copied(array, bits.set_slices());
    }
    arrow_select::filter::filter(array, &BooleanArray::new(bits.clone(), None))
}

/// The rows of these numbers, all of which the array has.
///
/// # Errors
/// Those of arrow's `take` kernel.
pub fn taken(array: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
    if has_empty_values(array.data_type()) {
        return copied(array, rows.values().iter().map(|row| (*row as usize, *row as usize + 1)));
    }
    arrow_select::take::take(array, rows, None)
}

fn copied(array: &ArrayRef, runs: impl Iterator<Item = (usize, usize)>) -> Result<ArrayRef, ArrowError> {
    let data = array.to_data();
    let mut copy = MutableArrayData::new(vec![&data], false, 0);
    for (start, end) in runs {
        copy.try_extend(0, start, end)?;
    }
    Ok(make_array(copy.freeze()))
}

/// Whether it is, or holds, fixed-size binaries of no bytes.
fn has_empty_values(data_type: &DataType) -> bool {
    match data_type {
        DataType::FixedSizeBinary(width) => *width == 0,
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            has_empty_values(item.data_type())
        }
        DataType::Map(entries, _) => has_empty_values(entries.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| has_empty_values(field.data_type())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{FixedSizeBinaryArray, Int32Array, ListArray, StructArray};
    use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
    use arrow_schema::Field;

    use super::*;

    fn empty_values(rows: usize, nulls: Option<NullBuffer>) -> ArrayRef {
        let none = Buffer::from(Vec::<u8>::new());
        Arc::new(FixedSizeBinaryArray::try_new_with_len(0, none, nulls, rows).expect("array"))
    }

    #[test]
    fn values_of_no_bytes_are_chosen_like_others() {
        let bits: BooleanBuffer = [true, false, true, true].into_iter().collect();
        let rows = UInt32Array::from(vec![3, 0]);
        let item = Arc::new(Field::new("item", DataType::FixedSizeBinary(0), true));
        let offsets = OffsetBuffer::from_lengths([2, 1, 0, 3]);
        let lists = ListArray::new(item, offsets, empty_values(6, None), None);
        let field = Arc::new(Field::new("field", DataType::FixedSizeBinary(0), true));
        let structs = StructArray::new(vec![field].into(), vec![empty_values(4, None)], None);
        for array in [empty_values(4, None), Arc::new(lists.clone()), Arc::new(structs)] {
            for kept in [filtered(&array, &bits), RowFilter::new(&bits, bits.count_set_bits()).filter(&array)] {
                assert_eq!(kept.expect("filtered").len(), 3, "{}", array.data_type());
            }
            assert_eq!(taken(&array, &rows).expect("taken").len(), 2, "{}", array.data_type());
        }
        let lists: ArrayRef = Arc::new(lists);
        let kept = filtered(&lists, &bits).expect("filtered");
        let kept = kept.as_any().downcast_ref::<ListArray>().expect("lists");
        assert_eq!(kept.value_offsets(), [0, 2, 2, 5]);
    }

    #[test]
    fn their_nulls_stay_with_their_rows() {
        let nulls = NullBuffer::from(vec![true, false, false, true]);
        let array = empty_values(4, Some(nulls));
        let kept = filtered(&array, &[false, true, true, true].into_iter().collect()).expect("filtered");
        assert_eq!(kept.nulls(), Some(&NullBuffer::from(vec![false, false, true])));
        let kept = taken(&array, &UInt32Array::from(vec![3, 1])).expect("taken");
        assert_eq!(kept.nulls(), Some(&NullBuffer::from(vec![true, false])));
    }

    #[test]
    fn kept_values_are_copied_one_by_one_and_in_runs() {
        let values: Vec<i64> = (0..200).collect();
        for left_out in [2_i64, 7] {
            let bits: BooleanBuffer = values.iter().map(|row| row % left_out > 0).collect();
            let expected: Vec<i128> =
                values.iter().filter(|row| *row % left_out > 0).map(|row| (*row).into()).collect();
            let mut out = vec![0_i128; expected.len()];
            RowFilter::new(&bits, expected.len()).copy(&values, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn other_values_go_through_the_kernels() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
        let expected: ArrayRef = Arc::new(Int32Array::from(vec![1, 3]));
        let bits: BooleanBuffer = [true, false, true].into_iter().collect();
        assert_eq!(&filtered(&numbers, &bits).expect("filtered"), &expected);
        assert_eq!(&RowFilter::new(&bits, bits.count_set_bits()).filter(&numbers).expect("filtered"), &expected);
        assert_eq!(&taken(&numbers, &UInt32Array::from(vec![0, 2])).expect("taken"), &expected);
    }
}
