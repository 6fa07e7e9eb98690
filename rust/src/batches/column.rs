//! A batch's columns in the shape that apache-arrow wants: offset 0, explicit null counts, exactly length + 1 offsets.
//!
//! A [`ColumnBuilder`] gathers the small arrays that the decoder gives into pooled buffers of one batch. Strings are
//! decoded as views, which cost no copy, and are gathered here, where they become offsets and bytes.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, Decimal32Type, Decimal64Type, StringViewType};
use arrow_array::{Array, ArrayRef, GenericByteViewArray};
use arrow_buffer::{ArrowNativeType, BooleanBufferBuilder, Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use crate::batches::dictionary::{DictionaryCodes, Interner};
use crate::batches::pool::{BufferPool, Scratch};
use crate::batches::strings::StringsBuilder;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::rows::chosen_rows::RowFilter;

/// Memory of a column: from the pool, or shared with an array of the decoder.
#[derive(Debug)]
pub enum ColumnBuffer {
    /// Nothing: an absent validity bitmap.
    Empty,
    /// Goes back to the pool.
    Pooled(Scratch),
    /// Freed with its last user.
    Shared(Buffer),
}

impl ColumnBuffer {
    /// Address and length in bytes; an empty buffer has no address.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Empty => &[],
            Self::Pooled(buffer) => buffer.as_slice(),
            Self::Shared(buffer) => buffer.as_slice(),
        }
    }

    /// What the buffer costs.
    #[must_use]
    pub fn capacity(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Pooled(buffer) => buffer.capacity(),
            Self::Shared(buffer) => buffer.capacity().max(buffer.len()),
        }
    }

    /// From now on somebody else counts the whole of the buffer.
    pub fn count_elsewhere(&mut self) {
        if let Self::Pooled(buffer) = self {
            buffer.count_elsewhere();
        }
    }

    /// Gives the memory back to the pool that it came from.
    pub fn recycle(self, pool: &BufferPool) {
        if let Self::Pooled(buffer) = self {
            pool.put(buffer);
        }
    }
}

/// Length and nulls of a column or of a nested child, in pre-order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Number of values.
    pub length: usize,
    /// Number of nulls among them.
    pub null_count: usize,
}

/// One column of a batch: its nodes and buffers in pre-order.
#[derive(Debug, Default)]
pub struct Column {
    /// The column and its nested children.
    pub nodes: Vec<Node>,
    /// Their buffers; [`ColumnBuffer::Empty`] for a validity bitmap without nulls.
    pub buffers: Vec<ColumnBuffer>,
}

impl Column {
    /// Bytes that the column's buffers show.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.buffers.iter().map(|buffer| buffer.as_slice().len()).sum()
    }

    /// Bytes of all buffers, by capacity.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffers.iter().map(ColumnBuffer::capacity).sum()
    }
}

/// Gathers the arrays of one column of one batch.
#[derive(Debug)]
pub struct ColumnBuilder {
    rows: usize,
    validity: ValidityBuilder,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Fixed { width: usize, bytes: Scratch },
    Bool(BooleanBufferBuilder),
    Bytes(StringsBuilder),
    Codes { codes: Scratch, interner: Arc<Interner> },
    Other { arrays: Vec<ArrayRef>, data_type: DataType },
}

impl ColumnBuilder {
    /// A builder for about `rows` values of `data_type`, the type that the batch will show.
    ///
    /// Columns of a dictionary type need the stream's interner of that column.
    #[must_use]
    pub fn new(data_type: &DataType, rows: usize, pool: &BufferPool, interner: Option<&Arc<Interner>>) -> Self {
        let values = match (data_type, interner) {
            (DataType::Dictionary(..), Some(interner)) => {
                Values::Codes { codes: pool.take(rows * 4), interner: Arc::clone(interner) }
            }
            (DataType::Utf8 | DataType::Binary, _) => Values::Bytes(StringsBuilder::new(rows, pool)),
            (DataType::Boolean, _) => Values::Bool(BooleanBufferBuilder::new(rows)),
            (other, _) => match fixed_width(other) {
                Some(width) => Values::Fixed { width, bytes: pool.take(rows * width) },
                None => Values::Other { arrays: Vec::new(), data_type: other.clone() },
            },
        };
        Self { rows: 0, validity: ValidityBuilder::default(), values }
    }

    /// Appends the decoder's next array.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB or a dictionary outgrows its limit, `INTERNAL` for an
    /// array of another type.
    pub fn append(&mut self, array: &ArrayRef, codes: &mut DictionaryCodes, pool: &BufferPool) -> Result<()> {
        let rows = array.len();
        match &mut self.values {
            Values::Fixed { bytes, .. } if matches!(array.data_type(), DataType::Decimal64(..)) => {
                let narrow = array.as_primitive_opt::<Decimal64Type>().ok_or_else(|| wrong_array(array))?;
                widen(narrow.values(), bytes, pool);
            }
            Values::Fixed { bytes, .. } if matches!(array.data_type(), DataType::Decimal32(..)) => {
                let narrow = array.as_primitive_opt::<Decimal32Type>().ok_or_else(|| wrong_array(array))?;
                widen(narrow.values(), bytes, pool);
            }
            Values::Fixed { width, bytes } => {
                let data = array.to_data();
                let start = data.offset() * *width;
                let source = data.buffers().first().and_then(|b| b.as_slice().get(start..start + rows * *width));
                bytes.grow::<u8>(rows * *width, pool).copy_from_slice(source.ok_or_else(|| wrong_array(array))?);
            }
            Values::Bool(bits) => {
                bits.append_buffer(array.as_boolean_opt().ok_or_else(|| wrong_array(array))?.values());
            }
            Values::Bytes(builder) => {
                if let Some(strings) = array.as_any().downcast_ref::<GenericByteViewArray<StringViewType>>() {
                    builder.append(strings, pool)?;
                } else if let Some(binary) = array.as_any().downcast_ref::<GenericByteViewArray<BinaryViewType>>() {
                    builder.append(binary, pool)?;
                } else if matches!(array.data_type(), DataType::Dictionary(..)) {
                    builder.append_codes(array, &mut codes.table, pool)?;
                } else {
                    return Err(wrong_array(array));
                }
            }
            Values::Codes { codes: out, interner } => codes.append(array, interner, out, pool)?,
            Values::Other { arrays, .. } => arrays.push(Arc::clone(array)),
        }
        match self.values {
            Values::Other { .. } => self.rows += rows,
            _ => self.append_validity(rows, array.nulls()),
        }
        Ok(())
    }

    /// Appends those of an array's rows that the filter keeps.
    ///
    /// # Errors
    /// As [`ColumnBuilder::append`], and those of arrow's `filter` kernel.
    pub fn append_kept(
        &mut self,
        array: &ArrayRef,
        filter: &RowFilter,
        codes: &mut DictionaryCodes,
        pool: &BufferPool,
    ) -> Result<()> {
        if let (Values::Fixed { bytes, .. }, None) = (&mut self.values, array.nulls())
            && copy_kept(array, filter, bytes, pool)
        {
            self.append_validity(filter.kept(), None);
            return Ok(());
        }
        let kept = filter.filter(array).map_err(|e| SpillwayError::from_arrow(&e))?;
        self.append(&kept, codes, pool)
    }

    /// Room for the next `rows` values, if they are of that size in bytes and nothing else: all are to be written, and
    /// their validity appended.
    pub fn room<T: ArrowNativeType>(&mut self, rows: usize, pool: &BufferPool) -> Option<&mut [T]> {
        match &mut self.values {
            Values::Fixed { width, bytes } if *width == size_of::<T>() => Some(bytes.grow(rows, pool)),
            _ => None,
        }
    }

    /// The strings so far, if they are strings: where some are appended, their validity is to be too.
    pub fn strings(&mut self) -> Option<&mut StringsBuilder> {
        match &mut self.values {
            Values::Bytes(builder) => Some(builder),
            _ => None,
        }
    }

    /// Appends which of `rows` values are null, whose places were written.
    pub fn append_validity(&mut self, rows: usize, nulls: Option<&NullBuffer>) {
        self.validity.append(self.rows, rows, nulls);
        self.rows += rows;
    }

    /// Bytes of the values so far.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        match &self.values {
            Values::Fixed { bytes, .. } => bytes.len(),
            Values::Bool(bits) => bits.len() / 8,
            Values::Bytes(builder) => builder.byte_len(),
            Values::Codes { codes, .. } => codes.len(),
            Values::Other { arrays, .. } => arrays.iter().map(Array::get_array_memory_size).sum(),
        }
    }

    /// The finished column.
    ///
    /// # Errors
    /// Those of arrow's `concat` and `cast` kernels for nested columns.
    pub fn finish(self) -> Result<Column> {
        let (null_count, validity) = self.validity.finish();
        let node = Node { length: self.rows, null_count };
        let mut buffers = vec![validity];
        match self.values {
            Values::Fixed { bytes, .. } => buffers.push(ColumnBuffer::Pooled(bytes)),
            Values::Codes { codes, .. } => buffers.push(ColumnBuffer::Pooled(codes)),
            Values::Bool(mut bits) => buffers.push(ColumnBuffer::Shared(bits.finish().into_inner())),
            Values::Bytes(builder) => buffers.extend(builder.finish()),
            Values::Other { arrays, data_type } => return crate::batches::nested::export(&arrays, &data_type),
        }
        Ok(Column { nodes: vec![node], buffers })
    }
}

/// Gathers validity bits, and keeps none as long as no null comes.
#[derive(Debug, Default)]
struct ValidityBuilder {
    bits: Option<BooleanBufferBuilder>,
    null_count: usize,
}

impl ValidityBuilder {
    fn append(&mut self, before: usize, rows: usize, nulls: Option<&NullBuffer>) {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        if let Some(nulls) = nulls {
            let bits = self.bits.get_or_insert_with(|| {
                let mut bits = BooleanBufferBuilder::new(before + rows);
                bits.append_n(before, true);
                bits
            });
            bits.append_buffer(nulls.inner());
            self.null_count += nulls.null_count();
        } else if let Some(bits) = &mut self.bits {
            bits.append_n(rows, true);
        }
    }

    fn finish(self) -> (usize, ColumnBuffer) {
        match self.bits {
            Some(mut bits) => (self.null_count, ColumnBuffer::Shared(bits.finish().into_inner())),
            None => (0, ColumnBuffer::Empty),
        }
    }
}

/// Width in bytes of types whose values are one plain buffer.
#[must_use]
pub fn fixed_width(data_type: &DataType) -> Option<usize> {
    match data_type {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).ok(),
        other => other.primitive_width(),
    }
}

/// Appends what a filter keeps of primitive values; `false` for others.
fn copy_kept(array: &ArrayRef, filter: &RowFilter, bytes: &mut Scratch, pool: &BufferPool) -> bool {
    let data = array.to_data();
    macro_rules! copy {
        ($stored:ty as $shown:ty) => {
            filter.copy(data.buffer::<$stored>(0), bytes.grow::<$shown>(filter.kept(), pool))
        };
    }
    match (array.data_type(), array.data_type().primitive_width()) {
        (DataType::Decimal32(..), _) => copy!(i32 as i128),
        (DataType::Decimal64(..), _) => copy!(i64 as i128),
        (_, Some(1)) => copy!(i8 as i8),
        (_, Some(2)) => copy!(i16 as i16),
        (_, Some(4)) => copy!(i32 as i32),
        (_, Some(8)) => copy!(i64 as i64),
        (_, Some(16)) => copy!(i128 as i128),
        _ => return false,
    }
    true
}

/// Appends small decimals as 128 bit ones.
fn widen<T: Copy + Into<i128>>(values: &[T], bytes: &mut Scratch, pool: &BufferPool) {
    let wide: &mut [i128] = bytes.grow(values.len(), pool);
    wide.iter_mut().zip(values).for_each(|(wide, narrow)| *wide = (*narrow).into());
}

/// The column of an array that is already in the right shape, such as row numbers.
#[must_use]
pub fn plain_column(data: &ArrayData) -> Column {
    let buffers = std::iter::once(ColumnBuffer::Empty).chain(data.buffers().iter().cloned().map(ColumnBuffer::Shared));
    Column { nodes: vec![Node { length: data.len(), null_count: 0 }], buffers: buffers.collect() }
}

fn wrong_array(array: &ArrayRef) -> SpillwayError {
    let message =
        format!("Cannot gather an array of type {}: the decoder gave another type than planned", array.data_type());
    SpillwayError::new(ErrorCode::Internal, message)
}
