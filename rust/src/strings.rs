//! Strings from views to offsets and bytes: the one copy of a string's way to JavaScript.
//!
//! The views' bytes lie in the decompressed pages or in the dictionary. Gathering them is a tenth of a full scan, so short
//! values are copied in constant sizes, without a call and nearly without a branch.

use std::borrow::Cow;

use arrow_array::Array;
use arrow_array::GenericByteViewArray;
use arrow_array::types::ByteViewType;
use arrow_buffer::MutableBuffer;

use crate::column::ColumnBuffer;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::pool::BufferPool;

/// Values of up to so many bytes are copied in one of two constant sizes.
const SHORT_COPY: usize = 32;
const LONGEST_SHORT_COPY: usize = 64;
/// Bytes of a string that its view holds itself.
const INLINE: usize = 12;

/// Gathers views into offsets and bytes.
#[derive(Debug)]
pub struct StringsBuilder {
    /// Initialised scratch, as `data` is; `rows + 1` offsets are written.
    pub(crate) offsets: MutableBuffer,
    pub(crate) rows: usize,
    /// Initialised scratch: its length is what could be written, `end` what was.
    pub(crate) data: MutableBuffer,
    pub(crate) end: usize,
    expected_rows: usize,
}

impl StringsBuilder {
    /// A builder for about `rows` values.
    pub fn new(rows: usize, pool: &BufferPool) -> Self {
        let mut offsets = pool.take((rows + 1) * 4);
        offsets.resize(offsets.capacity(), 0);
        offsets.typed_data_mut::<i32>()[0] = 0;
        Self { offsets, rows: 0, data: MutableBuffer::new(0), end: 0, expected_rows: rows }
    }

    /// Appends the decoder's next array.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB.
    pub fn append<T: ByteViewType + ?Sized>(
        &mut self,
        array: &GenericByteViewArray<T>,
        pool: &BufferPool,
    ) -> Result<()> {
        let views = without_null_views(array);
        let (end, longest) = self.append_offsets(&views);
        check_end(end)?;
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

    /// Makes room for so many values and their bytes.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch could pass 2 GiB.
    pub(crate) fn begin(&mut self, rows: usize, bytes: usize, pool: &BufferPool) -> Result<()> {
        let end = self.end + bytes;
        check_end(end)?;
        let needed = (self.rows + 1 + rows) * 4;
        if self.offsets.len() < needed {
            self.offsets.resize(needed, 0);
        }
        if self.data.len() < end + LONGEST_SHORT_COPY {
            self.make_room(end, self.rows + rows, pool);
        }
        Ok(())
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

    /// Bytes of offsets and values so far.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.rows * 4 + self.end
    }

    /// Offsets and bytes.
    #[must_use]
    pub fn finish(mut self) -> [ColumnBuffer; 2] {
        self.offsets.truncate((self.rows + 1) * 4);
        self.data.truncate(self.end);
        [ColumnBuffer::Pooled(self.offsets), ColumnBuffer::Pooled(self.data)]
    }
}

fn check_end(end: usize) -> Result<()> {
    if i32::try_from(end).is_ok() {
        return Ok(());
    }
    let message =
        "Cannot hold more than 2 GiB of one column's strings in a batch; read fewer rows a batch with `batchSize`";
    Err(SpillwayError::new(ErrorCode::MemoryLimit, message))
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
