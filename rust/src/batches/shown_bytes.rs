//! How much memory the values that a column shows take, which may be a small part of what it holds.

use arrow_array::Array;

/// Bytes of the values that a column shows, as far as they can be told.
#[must_use]
pub fn shown_bytes(column: &dyn Array) -> usize {
    let data = column.to_data();
    data.get_slice_memory_size().unwrap_or_else(|_| column.get_buffer_memory_size())
}
