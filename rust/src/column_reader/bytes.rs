//! Byte arrays of a flat column, from the pages straight to a batch's offsets and bytes.
//!
//! parquet's readers make a view of each value, or an array of codes with a dictionary, which would be gathered right
//! after. It is parquet that decodes runs, packed bits and the delta encodings.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::PageIterator;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::encodings::decoding::{Decoder, get_decoder};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::WriteRecords;
use super::codes::{Codes, expect, known, too_few, unknown};
use super::column_pages::{ColumnPages, PageValues};
use crate::batches::code_strings::CodeTable;
use crate::batches::column::ColumnBuilder;
use crate::batches::pool::BufferPool;
use crate::batches::strings::StringsBuilder;
use crate::error::SpillwayError;
use crate::files::schema::ScanColumn;
use crate::rows::kept_rows::kept_rows;

/// Values of other encodings that are decoded at once.
const DECODED: usize = 1024;

/// Reads a flat column of texts or of bytes that are shown as they are.
pub(super) struct BytesReader {
    is_text: bool,
    pages: ColumnPages<ByteValues>,
    /// Which rows have a value; no bits for a column without nulls.
    validity: BooleanBufferBuilder,
}

/// Whether batches show a column as offsets and bytes.
pub(super) fn is_bytes(descriptor: &ColumnDescriptor, column: &ScanColumn) -> bool {
    descriptor.physical_type() == PhysicalType::BYTE_ARRAY
        && column.dictionary.is_none()
        && matches!(column.decoded, DataType::Utf8View | DataType::BinaryView | DataType::Dictionary(..))
        && matches!(column.field.data_type(), DataType::Utf8 | DataType::Binary)
}

impl BytesReader {
    /// A reader of a column's chunks; nothing is read yet.
    pub(super) fn new(chunks: Box<dyn PageIterator>, column: ColumnDescPtr, decoded: &DataType) -> Self {
        let is_text = *decoded != DataType::BinaryView;
        Self { is_text, pages: ColumnPages::new(chunks, column), validity: BooleanBufferBuilder::new(0) }
    }
}

impl WriteRecords for BytesReader {
    fn write_records(
        &mut self,
        rows: usize,
        kept: Option<&BooleanBuffer>,
        to: &mut ColumnBuilder,
        pool: &BufferPool,
    ) -> Result<usize> {
        let (is_text, validity) = (self.is_text, &mut self.validity);
        let strings = to.strings().ok_or_else(|| ParquetError::General("a column has no room for bytes".into()))?;
        let read = self.pages.read(rows, |page, dictionary, count, passed| {
            let (first, before) = (strings.rows(), validity.len());
            let shown = if let Some(kept) = kept {
                let kept = kept.slice(passed, count);
                let values = page.rows.take_kept(&kept, validity)?;
                page.values.append(values.len(), Some(&values), dictionary, is_text, strings, pool)?;
                kept.count_set_bits()
            } else {
                let present = page.rows.take_validity(count, validity)?;
                page.values.append(present, None, dictionary, is_text, strings, pool)?;
                count
            };
            let present = strings.rows() - first;
            if present < shown {
                strings.spread(present, shown, |row| validity.get_bit(before + row), pool);
            }
            Ok(())
        })?;
        let nulls = Some(NullBuffer::new(validity.finish())).filter(|nulls| nulls.null_count() > 0);
        to.append_validity(kept.map_or(rows, BooleanBuffer::count_set_bits), nulls.as_ref());
        Ok(read)
    }

    fn pass_records(&mut self, rows: usize) -> Result<usize> {
        self.pages.skip(rows)
    }
}

/// The values of a page that are not read yet.
enum ByteValues {
    /// The page's bytes, and where the next value begins.
    Plain {
        bytes: Bytes,
        at: usize,
    },
    Codes(Codes),
    Other(Box<dyn Decoder<ByteArrayType>>),
}

impl PageValues for ByteValues {
    type Dictionary = CodeTable;

    fn dictionary(bytes: &Bytes, count: usize, _: &ColumnDescPtr) -> Result<CodeTable> {
        CodeTable::of_plain(bytes, count).ok_or_else(|| ParquetError::General("a dictionary ends early".into()))
    }

    fn new(data: Bytes, encoding: Encoding, most: usize, column: &ColumnDescPtr) -> Result<Self> {
        Ok(match encoding {
            Encoding::PLAIN => Self::Plain { bytes: data, at: 0 },
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => Self::Codes(Codes::new(&data)?),
            other => {
                let mut decoder = get_decoder::<ByteArrayType>(Arc::clone(column), other)?;
                decoder.set_data(data, most)?;
                Self::Other(decoder)
            }
        })
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        match self {
            Self::Plain { bytes, at } => {
                for passed in 0..count {
                    let length = bytes.get(*at..).and_then(<[u8]>::first_chunk);
                    let length = u32::from_le_bytes(*length.ok_or_else(|| too_few(count, passed))?);
                    *at = at.saturating_add(4 + length as usize);
                }
                Ok(())
            }
            Self::Codes(codes) => codes.skip(count),
            Self::Other(decoder) => expect(count, decoder.skip(count)?),
        }
    }
}

impl ByteValues {
    /// Appends the next values, or those of them whose bit is set, which have to be texts where `is_text`.
    fn append(
        &mut self,
        count: usize,
        kept: Option<&BooleanBuffer>,
        dictionary: Option<&CodeTable>,
        is_text: bool,
        to: &mut StringsBuilder,
        pool: &BufferPool,
    ) -> Result<()> {
        let before = to.rows();
        match self {
            Self::Plain { bytes, at } => {
                let values = bytes.get(*at..).unwrap_or_default();
                let appended = match kept {
                    None => to.append_plain(count, values, pool),
                    Some(kept) => to.append_plain_kept(kept, values, pool),
                };
                let appended = appended.map_err(external)?;
                *at += appended.ok_or_else(|| ParquetError::General("a page ends before its values do".into()))?;
            }
            // Without a value, there may be no dictionary.
            Self::Codes(_) if count == 0 => return Ok(()),
            Self::Codes(codes) => {
                let dictionary = known(dictionary)?;
                let mut chosen = Vec::new();
                let mut at = 0;
                while at < count {
                    let codes = codes.take(count - at)?;
                    match kept {
                        None => append_codes(codes, dictionary, is_text, to, pool)?,
                        Some(kept) => {
                            for some in kept_rows(kept.slice(at, codes.len()).bit_chunks()) {
                                chosen.extend(some.map(|row| codes[row]));
                            }
                        }
                    }
                    at += codes.len();
                }
                return append_codes(&chosen, dictionary, is_text, to, pool);
            }
            Self::Other(decoder) => {
                let mut values = vec![ByteArray::default(); count.min(DECODED)];
                for first in (0..count).step_by(DECODED) {
                    let part = &mut values[..DECODED.min(count - first)];
                    expect(part.len(), decoder.get(part)?)?;
                    let appended = match kept {
                        None => to.append_values(part.len(), part.iter().map(ByteArray::data), pool),
                        Some(kept) => {
                            let kept = kept.slice(first, part.len());
                            let values: Vec<&[u8]> = kept.set_indices().map(|row| part[row].data()).collect();
                            to.append_values(values.len(), values.iter().copied(), pool)
                        }
                    };
                    appended.map_err(external)?;
                }
            }
        }
        if is_text && !to.are_texts(before) { Err(not_text()) } else { Ok(()) }
    }
}

/// Appends what codes stand for.
fn append_codes(
    codes: &[i32],
    dictionary: &CodeTable,
    is_text: bool,
    to: &mut StringsBuilder,
    pool: &BufferPool,
) -> Result<()> {
    if is_text && !dictionary.is_text() {
        return Err(not_text());
    }
    if let Some(code) = codes.iter().find(|code| **code as u32 as usize >= dictionary.len()) {
        return Err(unknown(*code, dictionary.len()));
    }
    to.append_table(dictionary, codes, None, pool).map_err(external)
}

fn not_text() -> ParquetError {
    ParquetError::General("a text is not whole characters of UTF-8".into())
}

fn external(error: SpillwayError) -> ParquetError {
    ParquetError::External(Box::new(error))
}
