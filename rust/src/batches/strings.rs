//! Strings from pages or views to offsets and bytes: the one copy of a string's way to JavaScript.
//!
//! The bytes lie in the decompressed pages or in the dictionary. Gathering them is a tenth of a full scan, so short values
//! are copied in constant sizes, without a call and nearly without a branch.

use std::borrow::Cow;

use arrow_array::Array;
use arrow_array::GenericByteViewArray;
use arrow_array::types::ByteViewType;
use arrow_buffer::MutableBuffer;

use crate::batches::column::ColumnBuffer;
use crate::batches::pool::{BufferPool, Scratch};
use crate::error::{ErrorCode, Result, SpillwayError};

/// Values of up to so many bytes are copied in one of two constant sizes.
const SHORT_COPY: usize = 32;
const LONGEST_SHORT_COPY: usize = 64;
/// Bytes of a string that its view holds itself.
const INLINE: usize = 12;

/// Gathers views into offsets and bytes.
#[derive(Debug)]
pub struct StringsBuilder {
    /// One more than there are values.
    offsets: Scratch,
    data: Scratch,
    expected_rows: usize,
}

impl StringsBuilder {
    /// A builder for about `rows` values.
    pub fn new(rows: usize, pool: &BufferPool) -> Self {
        let mut offsets = pool.take((rows + 1) * 4);
        offsets.grow::<i32>(1, pool).fill(0);
        Self { offsets, data: MutableBuffer::new(0).into(), expected_rows: rows }
    }

    /// Values so far.
    pub(crate) fn rows(&self) -> usize {
        self.offsets.len() / 4 - 1
    }

    /// Appends so many plain values of Parquet, each behind its length in four bytes; tells how many bytes they took, `None`
    /// where there are not as many.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch pass 2 GiB.
    pub(crate) fn append_plain(&mut self, count: usize, bytes: &[u8], pool: &BufferPool) -> Result<Option<usize>> {
        let start = self.data.len();
        let (mut at, mut longest) = (0, 0);
        for (index, end) in self.offsets.grow::<i32>(count, pool).iter_mut().enumerate() {
            let Some(length) = bytes.get(at..).and_then(<[u8]>::first_chunk) else { return Ok(None) };
            let length = u32::from_le_bytes(*length) as usize;
            longest = longest.max(length);
            at += 4 + length;
            *end = (start + at - 4 * (index + 1)) as i32;
        }
        if at > bytes.len() {
            return Ok(None);
        }
        let end = start + at - 4 * count;
        let rows = self.rows();
        self.make_room(end, rows, pool)?;
        let ends = &self.offsets.as_slice()[4 * (rows + 1 - count)..];
        let ends = ends.as_chunks().0.iter().map(|end| i32::from_le_bytes(*end) as usize);
        let out = self.data.as_mut_slice();
        match longest {
            0..=16 => copy_plain::<16>(bytes, start, ends, out),
            17..=32 => copy_plain::<32>(bytes, start, ends, out),
            33..=LONGEST_SHORT_COPY => copy_plain::<LONGEST_SHORT_COPY>(bytes, start, ends, out),
            _ => copy_plain::<0>(bytes, start, ends, out),
        }
        self.data.set_len(end);
        Ok(Some(at))
    }

    /// Makes `rows` of the last `present` values: a row without one has no bytes.
    pub(crate) fn spread(&mut self, present: usize, rows: usize, has_value: impl Fn(usize) -> bool, pool: &BufferPool) {
        let first = self.rows() - present;
        self.offsets.grow::<i32>(rows - present, pool);
        // The end before the rows, and theirs.
        let ends = &mut self.offsets.as_mut_slice()[4 * first..4 * (first + rows + 1)];
        let (ends, _) = ends.as_chunks_mut::<4>();
        let mut values = present;
        for row in (0..rows).rev() {
            ends[row + 1] = ends[values];
            values -= usize::from(has_value(row));
        }
    }

    /// Whether the values from the row `first` on are texts.
    pub(crate) fn are_texts(&self, first: usize) -> bool {
        let ends =
            self.offsets.as_slice()[4 * first..].as_chunks().0.iter().map(|end| i32::from_le_bytes(*end) as usize);
        let bytes = self.data.as_slice();
        let texts = &bytes[ends.clone().next().unwrap_or(bytes.len())..];
        texts.is_ascii() || (std::str::from_utf8(texts).is_ok() && ends.clone().all(|end| begins_character(bytes, end)))
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
        let bytes = views.iter().map(|view| length_of(*view)).sum();
        let longest = views.iter().map(|view| length_of(*view)).max().unwrap_or(0);
        let buffers = array.data_buffers();
        self.extend(views.len(), bytes, pool, |offsets, out, mut at| {
            for (view, offset) in views.iter().zip(offsets) {
                let length = length_of(*view);
                if longest <= INLINE || length <= INLINE {
                    out[at..at + 16].copy_from_slice(&(view >> 32).to_le_bytes());
                } else {
                    let source = &buffers[(view >> 64) as u32 as usize].as_slice()[(view >> 96) as usize..];
                    copy_bytes(source, length, &mut out[at..]);
                }
                at += length;
                *offset = at as i32;
            }
        })
    }

    /// Appends so many values of so many bytes: `write` is given the places of their ends, all bytes with room for a
    /// short copy's overhang, and where the values begin in them.
    ///
    /// # Errors
    /// `MEMORY_LIMIT` when the strings of one batch would pass 2 GiB.
    pub(crate) fn extend(
        &mut self,
        rows: usize,
        bytes: usize,
        pool: &BufferPool,
        write: impl FnOnce(&mut [i32], &mut [u8], usize),
    ) -> Result<()> {
        let start = self.data.len();
        let end = start + bytes;
        self.make_room(end, self.rows() + rows, pool)?;
        write(self.offsets.grow(rows, pool), self.data.as_mut_slice(), start);
        self.data.set_len(end);
        Ok(())
    }

    /// Makes room for the bytes of so many rows, up to `end`.
    fn make_room(&mut self, end: usize, rows: usize, pool: &BufferPool) -> Result<()> {
        check_end(end)?;
        // The rest of the batch is expected to be like its first values; a sixteenth of slack spares most moves.
        let whole = end / rows.max(1) * self.expected_rows.max(rows);
        self.data.make_room(end + LONGEST_SHORT_COPY, whole + whole / 16, pool);
        Ok(())
    }

    /// Bytes of offsets and values so far.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.offsets.len() + self.data.len()
    }

    /// Offsets and bytes.
    #[must_use]
    pub fn finish(self) -> [ColumnBuffer; 2] {
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

/// Copies plain values that end at these places to where they belong: `SHORT` bytes of each, or as many as it has where that
/// is 0. What is written past a value is overwritten by the next one or cut off.
#[inline]
fn copy_plain<const SHORT: usize>(bytes: &[u8], start: usize, ends: impl Iterator<Item = usize>, out: &mut [u8]) {
    let (mut from, mut at) = (4, start);
    for end in ends {
        let length = end - at;
        match bytes[from..].first_chunk::<SHORT>().filter(|_| SHORT > 0) {
            Some(value) => out[at..at + SHORT].copy_from_slice(value),
            None => copy_bytes(&bytes[from..], length, &mut out[at..]),
        }
        from += length + 4;
        at = end;
    }
}

/// Whether no character goes on at a place.
fn begins_character(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
}

/// Copies `length` bytes. Short values are copied in a constant size, which compiles to a few register moves; what is
/// written past them is overwritten by the next value or cut off.
#[inline]
pub(crate) fn copy_bytes(source: &[u8], length: usize, target: &mut [u8]) {
    if length <= SHORT_COPY && source.len() >= SHORT_COPY {
        target[..SHORT_COPY].copy_from_slice(&source[..SHORT_COPY]);
    } else if length <= LONGEST_SHORT_COPY && source.len() >= LONGEST_SHORT_COPY {
        target[..LONGEST_SHORT_COPY].copy_from_slice(&source[..LONGEST_SHORT_COPY]);
    } else {
        target[..length].copy_from_slice(&source[..length]);
    }
}
