//! A batch's columns in the shape that apache-arrow wants: offset 0, explicit null counts, exactly length + 1 offsets.
//!
//! A [`ColumnBuilder`] gathers the small arrays that the decoder gives into pooled buffers of one batch. Strings are
//! decoded as views, which cost no copy, and are gathered here, where they become offsets and bytes.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, ByteViewType, Decimal32Type, Decimal64Type, StringViewType};
use arrow_array::{Array, ArrayRef, GenericByteViewArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, MutableBuffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use crate::dictionary::{DictionaryCodes, Interner};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::pool::BufferPool;

/// Values of up to so many bytes are copied in one of two constant sizes.
const SHORT_COPY: usize = 32;
const LONGEST_SHORT_COPY: usize = 64;
/// Bytes of a string that its view holds itself.
const INLINE: usize = 12;

/// Memory of a column: from the pool, or shared with an array of the decoder.
#[derive(Debug)]
pub enum ColumnBuffer {
    /// Nothing: an absent validity bitmap.
    Empty,
    /// Goes back to the pool.
    Pooled(MutableBuffer),
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
    Bytes(BytesBuilder),
    Codes { codes: MutableBuffer, interner: Arc<Interner> },
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
                Values::Codes { codes: empty(pool, rows * 4), interner: Arc::clone(interner) }
            }
            (DataType::Utf8 | DataType::Binary, _) => Values::Bytes(BytesBuilder::new(rows, pool)),
            (DataType::Boolean, _) => Values::Bool(BooleanBufferBuilder::new(rows)),
            (other, _) => match fixed_width(other) {
                Some(width) => Values::Fixed { width, bytes: Scratch::new(rows * width, pool) },
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
                widen(narrow.values(), bytes);
            }
            Values::Fixed { bytes, .. } if matches!(array.data_type(), DataType::Decimal32(..)) => {
                let narrow = array.as_primitive_opt::<Decimal32Type>().ok_or_else(|| wrong_array(array))?;
                widen(narrow.values(), bytes);
            }
            Values::Fixed { width, bytes } => {
                let data = array.to_data();
                let start = data.offset() * *width;
                let source = data.buffers().first().and_then(|b| b.as_slice().get(start..start + rows * *width));
                bytes.grow(rows * *width).copy_from_slice(source.ok_or_else(|| wrong_array(array))?);
            }
            Values::Bool(bits) => {
                bits.append_buffer(array.as_boolean_opt().ok_or_else(|| wrong_array(array))?.values());
            }
            Values::Bytes(builder) => {
                if let Some(strings) = array.as_any().downcast_ref::<GenericByteViewArray<StringViewType>>() {
                    builder.append(strings, pool)?;
                } else if let Some(binary) = array.as_any().downcast_ref::<GenericByteViewArray<BinaryViewType>>() {
                    builder.append(binary, pool)?;
                } else {
                    return Err(wrong_array(array));
                }
            }
            Values::Codes { codes: out, interner } => codes.append(array, interner, out)?,
            Values::Other { arrays, .. } => arrays.push(Arc::clone(array)),
        }
        if !matches!(self.values, Values::Other { .. }) {
            self.validity.append(self.rows, rows, array.nulls());
        }
        self.rows += rows;
        Ok(())
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
            Values::Fixed { bytes, .. } => buffers.push(bytes.finish()),
            Values::Codes { codes, .. } => buffers.push(ColumnBuffer::Pooled(codes)),
            Values::Bool(mut bits) => buffers.push(ColumnBuffer::Shared(bits.finish().into_inner())),
            Values::Bytes(builder) => buffers.extend(builder.finish()),
            Values::Other { arrays, data_type } => return crate::nested::export(&arrays, &data_type),
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

/// Gathers views into offsets and bytes.
#[derive(Debug)]
struct BytesBuilder {
    /// Initialised scratch, as `data` is; `rows + 1` offsets are written.
    offsets: MutableBuffer,
    rows: usize,
    /// Initialised scratch: its length is what could be written, `end` what was.
    data: MutableBuffer,
    end: usize,
    expected_rows: usize,
}

impl BytesBuilder {
    fn new(rows: usize, pool: &BufferPool) -> Self {
        let mut offsets = pool.take((rows + 1) * 4);
        offsets.resize(offsets.capacity(), 0);
        offsets.typed_data_mut::<i32>()[0] = 0;
        Self { offsets, rows: 0, data: MutableBuffer::new(0), end: 0, expected_rows: rows }
    }

    fn append<T: ByteViewType + ?Sized>(&mut self, array: &GenericByteViewArray<T>, pool: &BufferPool) -> Result<()> {
        let views = without_null_views(array);
        let (end, longest) = self.append_offsets(&views);
        if i32::try_from(end).is_err() {
            let message = "Cannot hold more than 2 GiB of one column's strings in a batch; read fewer rows a batch with `batchSize`";
            return Err(SpillwayError::new(ErrorCode::MemoryLimit, message));
        }
        self.make_room(end, self.rows + views.len(), pool);
        let out = self.data.as_slice_mut();
        let mut at = self.end;
        if longest <= INLINE {
            for view in views.iter() {
                out[at..at + 16].copy_from_slice(&(view >> 32).to_le_bytes());
                at += length_of(*view);
            }
        } else {
            let buffers = array.data_buffers();
            for view in views.iter() {
                let length = length_of(*view);
                if length <= INLINE {
                    out[at..at + 16].copy_from_slice(&(view >> 32).to_le_bytes());
                } else {
                    let source = &buffers[(view >> 64) as u32 as usize].as_slice()[(view >> 96) as usize..];
                    copy_bytes(source, length, &mut out[at..]);
                }
                at += length;
            }
        }
        self.end = end;
        self.rows += views.len();
        Ok(())
    }

    /// Writes the ends of these values; returns the last, and the length of the longest value.
    fn append_offsets(&mut self, views: &[u128]) -> (usize, usize) {
        let first = self.rows + 1;
        let needed = (first + views.len()) * 4;
        if self.offsets.len() < needed {
            self.offsets.resize(needed, 0);
        }
        let offsets = &mut self.offsets.typed_data_mut::<i32>()[first..first + views.len()];
        let mut end = self.end;
        let mut longest = 0;
        for (view, offset) in views.iter().zip(offsets) {
            let length = length_of(*view);
            end += length;
            longest = longest.max(length);
            *offset = end as i32;
        }
        (end, longest)
    }

    /// Makes everything up to `end`, where the first `rows` values end, and a short copy's overhang, writable.
    fn make_room(&mut self, end: usize, rows: usize, pool: &BufferPool) {
        let needed = end + LONGEST_SHORT_COPY;
        if self.data.len() >= needed {
            return;
        }
        if self.data.capacity() < needed {
            // The rest of the batch is expected to be like its first values; a sixteenth of slack spares most moves.
            let whole = end / rows.max(1) * self.expected_rows.max(rows);
            let mut larger = pool.take(needed.max(whole + whole / 16));
            if larger.len() < self.end {
                larger.resize(self.end, 0);
            }
            larger.as_slice_mut()[..self.end].copy_from_slice(&self.data.as_slice()[..self.end]);
            pool.put(std::mem::replace(&mut self.data, larger));
        }
        self.data.resize(self.data.capacity(), 0);
    }

    fn finish(mut self) -> [ColumnBuffer; 2] {
        self.offsets.truncate((self.rows + 1) * 4);
        self.data.truncate(self.end);
        [ColumnBuffer::Pooled(self.offsets), ColumnBuffer::Pooled(self.data)]
    }
}

/// The views, those of nulls empty: the decoder leaves in a null's place what was there before.
fn without_null_views<T: ByteViewType + ?Sized>(array: &GenericByteViewArray<T>) -> Cow<'_, [u128]> {
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Cow::Borrowed(array.views()),
        Some(nulls) => {
            let views = array.views().iter().zip(nulls);
            Cow::Owned(views.map(|(view, valid)| if valid { *view } else { 0 }).collect())
        }
    }
}

/// A view's low 32 bits are the value's length.
#[inline]
fn length_of(view: u128) -> usize {
    view as u32 as usize
}

/// Copies `length` bytes. Short values are copied in a constant size, which compiles to a few register moves; what is
/// written past them is overwritten by the next value or cut off.
#[inline]
fn copy_bytes(source: &[u8], length: usize, target: &mut [u8]) {
    if length <= SHORT_COPY && source.len() >= SHORT_COPY {
        target[..SHORT_COPY].copy_from_slice(&source[..SHORT_COPY]);
    } else if length <= LONGEST_SHORT_COPY && source.len() >= LONGEST_SHORT_COPY {
        target[..LONGEST_SHORT_COPY].copy_from_slice(&source[..LONGEST_SHORT_COPY]);
    } else {
        target[..length].copy_from_slice(&source[..length]);
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

/// Appends small decimals as 128 bit ones.
fn widen<T: Copy + Into<i128>>(values: &[T], bytes: &mut Scratch) {
    let wide = bytes.grow(values.len() * size_of::<i128>()).chunks_exact_mut(size_of::<i128>());
    wide.zip(values).for_each(|(wide, narrow)| wide.copy_from_slice(&(*narrow).into().to_le_bytes()));
}

/// A pooled buffer that is written front to back without being cleared first.
#[derive(Debug)]
struct Scratch {
    /// Initialised up to its length, which its last user may have left.
    buffer: MutableBuffer,
    used: usize,
}

impl Scratch {
    fn new(capacity: usize, pool: &BufferPool) -> Self {
        Self { buffer: pool.take(capacity), used: 0 }
    }

    /// The next `bytes` bytes, to be overwritten.
    fn grow(&mut self, bytes: usize) -> &mut [u8] {
        let end = self.used + bytes;
        if self.buffer.len() < end {
            self.buffer.resize(self.buffer.capacity().max(end), 0);
        }
        let place = &mut self.buffer.as_slice_mut()[self.used..end];
        self.used = end;
        place
    }

    fn finish(mut self) -> ColumnBuffer {
        self.buffer.truncate(self.used);
        ColumnBuffer::Pooled(self.buffer)
    }
}

/// The column of an array that is already in the right shape, such as row numbers.
#[must_use]
pub fn plain_column(data: &ArrayData) -> Column {
    let buffers = std::iter::once(ColumnBuffer::Empty).chain(data.buffers().iter().cloned().map(ColumnBuffer::Shared));
    Column { nodes: vec![Node { length: data.len(), null_count: 0 }], buffers: buffers.collect() }
}

fn empty(pool: &BufferPool, capacity: usize) -> MutableBuffer {
    let mut buffer = pool.take(capacity);
    buffer.clear();
    buffer
}

fn wrong_array(array: &ArrayRef) -> SpillwayError {
    let message =
        format!("Cannot gather an array of type {}: the decoder gave another type than planned", array.data_type());
    SpillwayError::new(ErrorCode::Internal, message)
}
