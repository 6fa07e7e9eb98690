//! Values of a fixed size of a flat column, from the pages straight to an array.
//!
//! parquet's reader clears room for all values before it fills it, copies plain ones in between, converts decimals of
//! bytes one by one, and looks codes up by gathering, which on AMD's Zen 4 takes longer than to load them one by one. It is
//! parquet that decodes runs, packed bits and all other encodings.

mod page;
mod values;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, PrimitiveArray, downcast_primitive};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::array_reader::ArrayReader;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::{Page, PageIterator, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use self::page::{OpenPage, Rows};
use self::values::{Fixed, extend_plain};

/// Reads a flat column of numbers, or of what Arrow has in the bytes of numbers, or of decimals of bytes.
pub(super) struct FixedReader<T: Fixed> {
    column: ColumnDescPtr,
    shown: DataType,
    chunks: Box<dyn PageIterator>,
    pages: Option<Box<dyn PageReader>>,
    /// The chunk's, once it was read.
    dictionary: Option<Vec<T>>,
    page: Option<OpenPage<T>>,
    /// Read since the last array was made.
    read: Rows<T>,
    /// What the last array had, and the next one probably has.
    expected: usize,
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
        let read = Rows::default();
        Self { column, shown, chunks, pages: None, dictionary: None, page: None, read, expected }
    }

    /// The pages of the chunk that is read, or of the next one; `None` behind the last.
    fn pages(&mut self) -> Result<Option<&mut Box<dyn PageReader>>> {
        if self.pages.is_none() {
            self.pages = self.chunks.next().transpose()?;
        }
        Ok(self.pages.as_mut())
    }

    fn end_chunk(&mut self) {
        self.pages = None;
        self.dictionary = None;
    }

    /// Takes the next page, whether it has a dictionary or rows; `false` behind the last.
    fn take_page(&mut self) -> Result<bool> {
        let Some(pages) = self.pages()? else { return Ok(false) };
        match pages.get_next_page()? {
            None => self.end_chunk(),
            Some(Page::DictionaryPage { buf, num_values, encoding, .. }) => {
                self.set_dictionary(&buf, num_values as usize, encoding)?;
            }
            Some(page) => self.page = Some(OpenPage::new(&page, &self.column)?),
        }
        Ok(true)
    }

    fn set_dictionary(&mut self, bytes: &Bytes, count: usize, encoding: Encoding) -> Result<()> {
        if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY) {
            return Err(ParquetError::NYI(format!("dictionaries of the encoding {encoding} are not supported")));
        }
        if self.dictionary.is_some() {
            return Err(ParquetError::General("a column chunk has more than one dictionary".into()));
        }
        let mut values = Vec::new();
        extend_plain(&mut values, bytes, count, T::width(&self.column))?;
        self.dictionary = Some(values);
        Ok(())
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
        if self.read.values.is_empty() {
            self.read.values.reserve_exact(rows.max(self.expected));
        }
        let mut left = rows;
        while left > 0 {
            if let Some(page) = self.page.as_mut().filter(|page| page.rows() > 0) {
                let count = left.min(page.rows());
                page.read(count, self.dictionary.as_deref(), &mut self.read)?;
                left -= count;
            } else if !self.take_page()? {
                break;
            }
        }
        Ok(rows - left)
    }

    fn skip_records(&mut self, rows: usize) -> Result<usize> {
        let mut left = rows;
        while left > 0 {
            if let Some(page) = self.page.as_mut().filter(|page| page.rows() > 0) {
                let count = left.min(page.rows());
                page.skip(count)?;
                left -= count;
                continue;
            }
            let Some(pages) = self.pages()? else { break };
            let next = pages.peek_next_page()?.filter(|next| !next.is_dict);
            match next.and_then(|next| next.num_rows.or(next.num_levels)).filter(|count| *count <= left) {
                Some(count) => {
                    pages.skip_next_page()?;
                    left -= count;
                }
                None => {
                    self.take_page()?;
                }
            }
        }
        Ok(rows - left)
    }

    fn consume_batch(&mut self) -> Result<ArrayRef> {
        let values = std::mem::take(&mut self.read.values);
        let validity = self.read.validity.finish();
        let nulls = Some(NullBuffer::new(validity)).filter(|nulls| nulls.null_count() > 0);
        self.expected = values.len();
        array(Buffer::from_vec(values), nulls, &self.shown)
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
        if self.read.values.is_empty() {
            self.read.values.reserve_exact(self.expected);
        }
        let mut at = 0;
        while at < rows.len() {
            if let Some(page) = self.page.as_mut().filter(|page| page.rows() > 0) {
                let count = page.rows().min(rows.len() - at);
                page.keep(&rows.slice(at, count), self.dictionary.as_deref(), &mut self.read)?;
                at += count;
            } else if !self.take_page()? {
                break;
            }
        }
        Ok(at)
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
