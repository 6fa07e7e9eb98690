//! Facts of a row group with the chunks' bloom filters, which know of values that no row has.
//!
//! A filter is read when an equality asks for a value that is within the bounds, and kept while its row group is examined.

use std::cell::RefCell;
use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type, Int32Type, Int64Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::basic::Type as PhysicalType;
use parquet::bloom_filter::{BITSET_MAX_LENGTH, BITSET_MIN_LENGTH, Sbbf};
use parquet::data_type::AsBytes;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::Length;

use super::facts::{ColumnFacts, Facts, bytes_of};
use super::leaf::Leaf;
use super::statistics::{Leaves, RowGroupFacts};
use crate::expression::bound::ColumnRef;
use crate::files::file::ParquetFile;
use crate::files::thrift::{Kind, Reader};

/// A header takes about 15 bytes; one that is longer than this is none.
const MAX_HEADER: usize = 256;

/// A row group's facts and its bloom filters.
pub(super) struct BloomFacts<'a> {
    file: &'a ParquetFile,
    leaves: &'a Leaves,
    row_group: usize,
    facts: &'a RowGroupFacts,
    /// The filters read so far, by leaf; `None` for those that cannot be used.
    filters: RefCell<HashMap<usize, Option<Sbbf>>>,
}

impl<'a> BloomFacts<'a> {
    /// Nothing is read yet.
    pub(super) fn new(file: &'a ParquetFile, leaves: &'a Leaves, row_group: usize, facts: &'a RowGroupFacts) -> Self {
        Self { file, leaves, row_group, facts, filters: RefCell::default() }
    }

    fn chunk(&self, leaf: &Leaf) -> &'a ColumnChunkMetaData {
        self.file.metadata.row_group(self.row_group).column(leaf.index)
    }
}

impl ColumnFacts for BloomFacts<'_> {
    fn rows(&self) -> u64 {
        self.facts.rows()
    }

    fn facts(&self, column: &ColumnRef) -> Facts {
        self.facts.facts(column)
    }

    fn may_hold(&self, column: &ColumnRef, values: &ArrayRef, index: usize) -> bool {
        let Some(leaf) = self.leaves.get(column) else { return true };
        let chunk = self.chunk(leaf);
        let Some(bytes) = physical_bytes(leaf, chunk, values, index) else { return true };
        let mut filters = self.filters.borrow_mut();
        let filter = filters.entry(leaf.index).or_insert_with(|| read_filter(self.file, chunk));
        filter.as_ref().is_none_or(|filter| filter.check(bytes.as_slice()))
    }
}

/// The same facts, with the answer that every bloom filter would like to give: no value occurs. What may be true even
/// then, no filter can exclude.
pub(super) struct BestCase<'a> {
    /// What filters belong to.
    pub(super) leaves: &'a Leaves,
    /// The chunks of the row group.
    pub(super) chunks: &'a [ColumnChunkMetaData],
    /// Its facts.
    pub(super) facts: &'a RowGroupFacts,
}

impl ColumnFacts for BestCase<'_> {
    fn rows(&self) -> u64 {
        self.facts.rows()
    }

    fn facts(&self, column: &ColumnRef) -> Facts {
        self.facts.facts(column)
    }

    fn may_hold(&self, column: &ColumnRef, values: &ArrayRef, index: usize) -> bool {
        self.leaves.get(column).is_none_or(|leaf| {
            let chunk = &self.chunks[leaf.index];
            chunk.bloom_filter_offset().is_none() || physical_bytes(leaf, chunk, values, index).is_none()
        })
    }
}

/// The bytes that a filter has hashed for a value: those of its physical type. `None` where they are not certain: for
/// NaN and 0.0, which have several forms, and for decimals of any length.
fn physical_bytes(leaf: &Leaf, chunk: &ColumnChunkMetaData, values: &ArrayRef, index: usize) -> Option<Vec<u8>> {
    if values.is_null(index) {
        return None;
    }
    let descr = chunk.column_descr();
    let value = values.slice(index, 1);
    let value = if *value.data_type() == leaf.stored { value } else { arrow_cast::cast(&value, &leaf.stored).ok()? };
    if value.is_null(0) {
        return None;
    }
    match descr.physical_type() {
        PhysicalType::INT32 => i32::try_from(integer(&value)?).ok().map(|value| value.as_bytes().to_vec()),
        PhysicalType::INT64 => i64::try_from(integer(&value)?).ok().map(|value| value.as_bytes().to_vec()),
        PhysicalType::FLOAT => {
            let value = value.as_primitive_opt::<Float32Type>()?.value(0);
            (value != 0.0 && !value.is_nan()).then(|| value.as_bytes().to_vec())
        }
        PhysicalType::DOUBLE => {
            let value = value.as_primitive_opt::<Float64Type>()?.value(0);
            (value != 0.0 && !value.is_nan()).then(|| value.as_bytes().to_vec())
        }
        PhysicalType::BYTE_ARRAY => bytes_of(&value, 0).map(<[u8]>::to_vec),
        PhysicalType::FIXED_LEN_BYTE_ARRAY => {
            let length = usize::try_from(descr.type_length()).ok()?;
            let bytes = match value.data_type() {
                DataType::FixedSizeBinary(_) => bytes_of(&value, 0)?.to_vec(),
                DataType::Decimal128(..) if (1..=16).contains(&length) => {
                    let bytes = value.as_primitive::<Decimal128Type>().value(0).to_be_bytes();
                    let (sign, bytes) = bytes.split_at(16 - length);
                    let filler = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
                    sign.iter().all(|byte| *byte == filler).then(|| bytes.to_vec())?
                }
                _ => return None,
            };
            (bytes.len() == length).then_some(bytes)
        }
        PhysicalType::BOOLEAN | PhysicalType::INT96 => None,
    }
}

/// The integer that stands for a value of the stored type: unsigned ones by their bits, dates and times by their number.
fn integer(value: &ArrayRef) -> Option<i128> {
    // Small and unsigned integers have the bits of the signed ones that hold them.
    Some(match value.data_type() {
        DataType::UInt64 => i128::from(value.as_primitive::<UInt64Type>().value(0).cast_signed()),
        DataType::UInt32 => i128::from(value.as_primitive::<UInt32Type>().value(0).cast_signed()),
        DataType::Decimal32(..) => i128::from(value.as_primitive::<Decimal32Type>().value(0)),
        DataType::Decimal64(..) => i128::from(value.as_primitive::<Decimal64Type>().value(0)),
        DataType::Decimal128(..) => value.as_primitive::<Decimal128Type>().value(0),
        DataType::Date32 | DataType::Time32(_) => {
            let number = arrow_cast::cast(value, &DataType::Int32).ok()?;
            i128::from(number.as_primitive::<Int32Type>().value(0))
        }
        other if other.is_integer() || matches!(other, DataType::Time64(_) | DataType::Timestamp(..)) => {
            let number = arrow_cast::cast(value, &DataType::Int64).ok()?;
            i128::from(number.as_primitive::<Int64Type>().value(0))
        }
        _ => return None,
    })
}

/// Reads a chunk's filter; `None` when it has none, or one whose size contradicts itself, the file or the format.
fn read_filter(file: &ParquetFile, chunk: &ColumnChunkMetaData) -> Option<Sbbf> {
    let offset = u64::try_from(chunk.bloom_filter_offset()?).ok()?;
    let header = file.source.peek(offset, MAX_HEADER).ok()?;
    let mut reader = Reader::new(&header);
    let mut bitset_length = None;
    reader.read_struct(|reader, id, kind| {
        // BloomFilterHeader.numBytes
        if (id, kind) == (1, Kind::Integer) {
            bitset_length = usize::try_from(reader.integer()?).ok();
            return Some(());
        }
        reader.skip(kind)
    })?;
    let (header_length, bitset_length) = (reader.position(), bitset_length?);
    let whole_length = header_length.checked_add(bitset_length)?;
    // parquet takes all that lies between the header and the stated end as the filter, whatever the header says.
    let stated = chunk.bloom_filter_length().is_none_or(|stated| usize::try_from(stated) == Ok(whole_length));
    let sound = bitset_length.is_multiple_of(BITSET_MIN_LENGTH)
        && (BITSET_MIN_LENGTH..=BITSET_MAX_LENGTH).contains(&bitset_length)
        && offset.checked_add(whole_length as u64).is_some_and(|end| end <= file.source.len());
    if !stated || !sound {
        return None;
    }
    super::guarded(|| Sbbf::read_from_column_chunk(chunk, &file.source).ok().flatten()).flatten()
}
