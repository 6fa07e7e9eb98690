//! Columns of arrays and of slices of them, without a copy of their values.
//!
//! apache-arrow wants every column to begin at 0: bitmaps are shifted and offsets counted anew where a slice does not,
//! which costs a fraction of a copy. The buffers are parts of larger memory, such as a mapped file: each counts as what it
//! shows.

use arrow_array::cast::AsArray;
use arrow_array::types::ByteArrayType;
use arrow_array::{Array, ArrayRef, GenericByteArray, GenericListArray, OffsetSizeTrait};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use bytes::Bytes;

use crate::batches::column::{Column, ColumnBuffer, Node, fixed_width};
use crate::error::{Result, SpillwayError};

/// The column of an array of a type that batches show.
///
/// # Errors
/// `INTERNAL` for an array of another type.
pub fn shared_column(array: &ArrayRef) -> Result<Column> {
    let mut column = Column::default();
    push(array, &mut column)?;
    Ok(column)
}

fn push(array: &ArrayRef, column: &mut Column) -> Result<()> {
    let data_type = array.data_type();
    if data_type == &DataType::Null {
        column.nodes.push(Node { length: array.len(), null_count: array.len() });
        return Ok(());
    }
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
    column.nodes.push(Node { length: array.len(), null_count: nulls.map_or(0, NullBuffer::null_count) });
    column.buffers.push(nulls.map_or(ColumnBuffer::Empty, |nulls| shared(nulls.inner().sliced())));
    match data_type {
        DataType::Boolean => column.buffers.push(shared(array.as_boolean().values().sliced())),
        DataType::Utf8 => push_bytes(array.as_string::<i32>(), column),
        DataType::LargeUtf8 => push_bytes(array.as_string::<i64>(), column),
        DataType::Binary => push_bytes(array.as_binary::<i32>(), column),
        DataType::LargeBinary => push_bytes(array.as_binary::<i64>(), column),
        DataType::List(_) => push_list(array.as_list::<i32>(), column)?,
        DataType::LargeList(_) => push_list(array.as_list::<i64>(), column)?,
        DataType::Map(..) => {
            let map = array.as_map();
            let range = push_offsets(map.offsets(), column);
            push(&(std::sync::Arc::new(map.entries().slice(range.0, range.1 - range.0)) as ArrayRef), column)?;
        }
        DataType::FixedSizeList(..) => push(array.as_fixed_size_list().values(), column)?,
        DataType::Struct(_) => {
            for child in array.as_struct().columns() {
                push(child, column)?;
            }
        }
        other => {
            let width = fixed_width(other).ok_or_else(|| wrong_type(other))?;
            let data = array.to_data();
            let values = data.buffers().first().ok_or_else(|| wrong_type(other))?;
            column.buffers.push(shared(values.slice_with_length(data.offset() * width, data.len() * width)));
        }
    }
    Ok(())
}

fn push_bytes<T: ByteArrayType>(array: &GenericByteArray<T>, column: &mut Column) {
    let (start, end) = push_offsets(array.offsets(), column);
    column.buffers.push(shared(array.values().slice_with_length(start, end - start)));
}

fn push_list<O: OffsetSizeTrait>(array: &GenericListArray<O>, column: &mut Column) -> Result<()> {
    let (start, end) = push_offsets(array.offsets(), column);
    push(&array.values().slice(start, end - start), column)
}

/// Gives the offsets counted from 0, and where the values begin and end.
fn push_offsets<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, column: &mut Column) -> (usize, usize) {
    // There is always one.
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let from_zero = if first == O::zero() {
        offsets.inner().inner().clone()
    } else {
        Buffer::from_iter(offsets.iter().map(|offset| *offset - first))
    };
    column.buffers.push(shared(from_zero));
    (first.as_usize(), last.as_usize())
}

fn shared(buffer: Buffer) -> ColumnBuffer {
    if buffer.capacity() <= buffer.len() {
        return ColumnBuffer::Shared(buffer);
    }
    // As a buffer of its own, it has its own capacity.
    ColumnBuffer::Shared(Buffer::from(Bytes::from_owner(Part(buffer))))
}

/// A part of larger memory, which it keeps.
struct Part(Buffer);

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn wrong_type(data_type: &DataType) -> SpillwayError {
    SpillwayError::internal(&format!("a column of type {data_type} can't be laid out"))
}

#[cfg(test)]
mod tests;
