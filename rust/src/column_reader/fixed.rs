//! Values of a fixed size of a flat column, from the pages straight to an array or to a batch.
//!
//! parquet's reader clears room for all values before it fills it, copies plain ones in between, converts decimals of
//! bytes one by one, and looks codes up by gathering, which on AMD's Zen 4 takes longer than to load them one by one. It is
//! parquet that decodes runs, packed bits and all other encodings.

mod places;
mod values;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, PrimitiveArray, downcast_primitive};
use arrow_buffer::bit_chunk_iterator::BitChunks;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, Buffer, NullBuffer};
use arrow_schema::DataType;
use parquet::arrow::array_reader::ArrayReader;
use parquet::basic::Type as PhysicalType;
use parquet::column::page::PageIterator;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use self::places::{Places, Room};
use self::values::{Fixed, FixedValues};
use super::WriteRecords;
use super::column_pages::{ColumnPages, OpenPage};
use crate::batches::column::ColumnBuilder;
use crate::batches::pool::BufferPool;
use crate::rows::kept_rows::kept_rows;

/// Reads a flat column of numbers, or of what Arrow has in the bytes of numbers, or of decimals of bytes.
pub(super) struct FixedReader<T: Fixed> {
    shown: DataType,
    pages: ColumnPages<FixedValues<T>>,
    /// Read since the last array was made.
    values: Vec<T>,
    nulls: Nulls<T>,
    /// What the last array had, and the next one probably has.
    expected: usize,
}

/// Which rows have a value; no bits for a column without nulls.
struct Nulls<T> {
    validity: BooleanBufferBuilder,
    /// Values on their way to places between nulls.
    present: Vec<T>,
}

/// A reader that need not decode all to give some.
pub(super) trait KeepRecords: ArrayReader {
    /// Reads those of the next rows whose bit is set, and passes the others; tells how many rows it got through.
    fn keep_records(&mut self, rows: &BooleanBuffer) -> Result<usize>;
}

/// Whether arrays of a type hold such values, as they are in the column.
pub(super) fn is_fixed<T: Fixed>(column: &ColumnDescriptor, shown: &DataType) -> bool {
    let holds_them = match shown {
        DataType::Interval(_) => false,
        // Those of numbers are widened by parquet's reader.
        DataType::Decimal128(..) => column.physical_type() == PhysicalType::FIXED_LEN_BYTE_ARRAY,
        _ => column.physical_type() != PhysicalType::FIXED_LEN_BYTE_ARRAY,
    };
    holds_them && shown.primitive_width() == Some(size_of::<T>()) && (1..=size_of::<T>()).contains(&T::width(column))
}

impl<T: Fixed> FixedReader<T> {
    /// A reader of a column's chunks, which makes room for `expected` rows at first; nothing is read yet.
    pub(super) fn new(chunks: Box<dyn PageIterator>, column: ColumnDescPtr, shown: DataType, expected: usize) -> Self {
        let nulls = Nulls { validity: BooleanBufferBuilder::new(0), present: Vec::new() };
        Self { shown, pages: ColumnPages::new(chunks, column), values: Vec::new(), nulls, expected }
    }

    /// Appends the next rows, or those of them whose bit is set; tells how many it got through.
    fn read(&mut self, rows: usize, kept: Option<&BooleanBuffer>, to: &mut impl Places<T>) -> Result<usize> {
        let nulls = &mut self.nulls;
        self.pages.read(rows, |page, dictionary, count, before| {
            let dictionary = dictionary.map(Vec::as_slice);
            match kept {
                None => read(page, count, dictionary, to, nulls),
                Some(kept) => keep(page, &kept.slice(before, count), dictionary, to, nulls),
            }
        })
    }

    /// Which rows that were read are null, if any is.
    fn take_nulls(&mut self) -> Option<NullBuffer> {
        Some(NullBuffer::new(self.nulls.validity.finish())).filter(|nulls| nulls.null_count() > 0)
    }
}

/// Appends the next rows of a page.
fn read<T: Fixed>(
    page: &mut OpenPage<FixedValues<T>>,
    rows: usize,
    dictionary: Option<&[T]>,
    to: &mut impl Places<T>,
    nulls: &mut Nulls<T>,
) -> Result<()> {
    let before = nulls.validity.len();
    let present = page.rows.take_validity(rows, &mut nulls.validity)?;
    if present == rows {
        return page.values.read(rows, dictionary, to);
    }
    nulls.present.clear();
    page.values.read(present, dictionary, &mut nulls.present)?;
    nulls.spread(before, rows, to);
    Ok(())
}

/// As `read`, but only those of the next rows whose bit is set.
fn keep<T: Fixed, P: Places<T>>(
    page: &mut OpenPage<FixedValues<T>>,
    rows: &BooleanBuffer,
    dictionary: Option<&[T]>,
    to: &mut P,
    nulls: &mut Nulls<T>,
) -> Result<()> {
    let before = nulls.validity.len();
    let values = page.rows.take_kept(rows, &mut nulls.validity)?;
    let shown = rows.count_set_bits();
    if values.count_set_bits() == shown {
        return page.values.keep(&values, dictionary, to);
    }
    nulls.present.clear();
    page.values.keep(&values, dictionary, &mut nulls.present)?;
    nulls.spread(before, shown, to);
    Ok(())
}

impl<T: Fixed> Nulls<T> {
    /// Appends the present values to the places of the rows from `first` on that have one.
    fn spread<P: Places<T>>(&self, first: usize, rows: usize, to: &mut P) {
        let places = to.next(rows);
        places.fill(P::Shown::default());
        let mut present = &self.present[..];
        for some in kept_rows(BitChunks::new(self.validity.as_slice(), first, rows)) {
            let (values, left) = present.split_at(some.len());
            for (row, value) in some.zip(values) {
                places[row] = P::shown(*value);
            }
            present = left;
        }
    }
}

impl<T: Fixed> ArrayReader for FixedReader<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn get_data_type(&self) -> &DataType {
        &self.shown
    }

    fn read_records(&mut self, rows: usize) -> Result<usize> {
        let mut values = std::mem::take(&mut self.values);
        if values.is_empty() {
            values.reserve_exact(rows.max(self.expected));
        }
        let read = self.read(rows, None, &mut values);
        self.values = values;
        read
    }

    fn skip_records(&mut self, rows: usize) -> Result<usize> {
        self.pages.skip(rows)
    }

    fn consume_batch(&mut self) -> Result<ArrayRef> {
        let values = std::mem::take(&mut self.values);
        self.expected = values.len();
        array(Buffer::from_vec(values), self.take_nulls(), &self.shown)
    }

    fn get_def_levels(&self) -> Option<&[i16]> {
        None
    }

    fn get_rep_levels(&self) -> Option<&[i16]> {
        None
    }
}

impl<T: Fixed> KeepRecords for FixedReader<T> {
    fn keep_records(&mut self, rows: &BooleanBuffer) -> Result<usize> {
        let mut values = std::mem::take(&mut self.values);
        if values.is_empty() {
            values.reserve_exact(self.expected);
        }
        let read = self.read(rows.len(), Some(rows), &mut values);
        self.values = values;
        read
    }
}

impl<T: Fixed> WriteRecords for FixedReader<T> {
    fn write_records(
        &mut self,
        rows: usize,
        kept: Option<&BooleanBuffer>,
        to: &mut ColumnBuilder,
        pool: &BufferPool,
    ) -> Result<usize> {
        let shown = kept.map_or(rows, BooleanBuffer::count_set_bits);
        let read = if let Some(room) = to.room::<T>(shown, pool) {
            self.read(rows, kept, &mut Room(room))?
        } else if let Some(room) = to.room::<T::Wide>(shown, pool) {
            self.read(rows, kept, &mut Room(room))?
        } else {
            return Err(ParquetError::General(format!("a column of {} has no room for its values", self.shown)));
        };
        to.append_validity(shown, self.take_nulls().as_ref());
        Ok(read)
    }

    fn pass_records(&mut self, rows: usize) -> Result<usize> {
        self.pages.skip(rows)
    }
}

fn array(values: Buffer, nulls: Option<NullBuffer>, shown: &DataType) -> Result<ArrayRef> {
    fn typed<T: ArrowPrimitiveType>(values: Buffer, nulls: Option<NullBuffer>, shown: &DataType) -> ArrayRef {
        Arc::new(PrimitiveArray::<T>::new(values.into(), nulls).with_data_type(shown.clone()))
    }
    macro_rules! typed {
        ($arrow:ty) => {
            Ok(typed::<$arrow>(values, nulls, shown))
        };
    }
    downcast_primitive! {
        shown => (typed),
        _ => Err(ParquetError::General(format!("values of {shown} have no fixed size"))),
    }
}
