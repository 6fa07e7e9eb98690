//! Batches of JavaScript's: lent for the time of one call, as arrays that borrow its memory, or taken for longer.
//!
//! A descriptor is numbers: the batch's number, its rows and the number of its first row, then each column. A column is a
//! node (length, null count, bit offset, number of buffers, number of children), its buffers (address, length in bytes and
//! the slot of native memory, or 0, each) and its children, in pre-order. The bit offset is that of the bitmaps only: all
//! else begins at its address.
//!
//! What is taken keeps its part of native memory, and has a copy of all other.
//!
//! Memory that a file is mapped to is copied too, also where it is only lent: its bytes change with the file, and kernels
//! trust that what was checked stays so.
//!
//! A batch may come from anywhere, so nothing of it is believed: every length, offset, key and text is checked before a
//! kernel sees it. That what the call gives back shares no lent memory is checked too.

mod checked;

use std::panic::RefUnwindSafe;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, SchemaRef};

use self::checked::{checked, child_types, joined, within_precision};
use crate::abi::slot::{self, Slot};
use crate::error::{ErrorCode, FILE_CHANGED, Result, SpillwayError};
#[cfg(unix)]
use crate::map_guard::{is_broken, is_mapped};

/// A batch that is lent.
pub struct Lent {
    /// Counts the batches of the transform from 0.
    pub number: u64,
    /// Number of the first row in its file.
    pub first_row: u64,
    /// The columns.
    pub batch: RecordBatch,
}

/// Stands for the lent memory: every buffer of it holds a reference.
struct Lease;

/// Numbers before the columns: the batch's number, its rows, the number of its first row.
const HEAD: usize = 3;
/// Numbers of a node.
const NODE: usize = 5;
/// Numbers of a buffer.
const BUFFER: usize = 3;

/// A batch that was taken; nothing of it was looked at yet.
pub struct Taken {
    numbers: Vec<f64>,
    buffers: Vec<Buffer>,
    /// Bytes of all buffers.
    pub bytes: u64,
    /// Bytes of those that were copied.
    pub copied_bytes: u64,
    /// Whether some lay in a map that is broken.
    is_broken: bool,
}

/// A part in native memory, as the owner of a buffer.
struct Part(#[expect(dead_code, reason = "held for its drop")] Arc<Slot>);

// It is only dropped, and its count is atomic.
impl RefUnwindSafe for Part {}

/// Takes a batch: its memory may be given back or written to once this has returned.
///
/// # Safety
/// Each buffer that `numbers` describes is as long as it says, and nobody writes to it before this function returns; a
/// slot is one that was not freed, and nobody writes to its memory any more.
///
/// # Errors
/// `INTERNAL` for numbers that describe nothing.
pub unsafe fn take(numbers: &[f64]) -> Result<Taken> {
    let mut taken =
        Taken { numbers: numbers.to_vec(), buffers: Vec::new(), bytes: 0, copied_bytes: 0, is_broken: false };
    let mut at = HEAD;
    while at < numbers.len() {
        let count = numbers.get(at + 3).copied().unwrap_or_default() as usize;
        at += NODE;
        for _ in 0..count {
            let Some([address, bytes, slot]) = numbers.get(at..at + BUFFER) else {
                return Err(SpillwayError::internal("a batch's description ends early"));
            };
            // SAFETY: by the caller's promise.
            let buffer = unsafe { taken.part(*address as usize, *bytes as usize, *slot as usize) };
            taken.bytes += buffer.len() as u64;
            taken.buffers.push(buffer);
            at += BUFFER;
        }
    }
    Ok(taken)
}

impl Taken {
    /// # Safety
    /// As [`take`]'s.
    unsafe fn part(&mut self, address: usize, bytes: usize, slot: usize) -> Buffer {
        let Some(start) = NonNull::new(address as *mut u8).filter(|_| bytes > 0) else {
            return Buffer::from(Vec::<u8>::new());
        };
        let is_mapped = is_mapped(address);
        if slot != 0 && !is_mapped {
            // SAFETY: by the caller's promise the slot is alive.
            let held = unsafe { slot::retain(slot as *mut _) };
            let all = held.as_slice().as_ptr_range();
            let end = address.checked_add(bytes);
            if all.start as usize <= address && end.is_some_and(|end| end <= all.end as usize) {
                // SAFETY: the bytes are the slot's, which the part keeps, and by the caller's promise nobody writes to them.
                return unsafe { Buffer::from_custom_allocation(start, bytes, Arc::new(Part(held))) };
            }
        }
        self.copied_bytes += bytes as u64;
        // SAFETY: by the caller's promise so many bytes are there, and stay as they are during this call.
        let copy = Buffer::from(unsafe { std::slice::from_raw_parts(start.as_ptr(), bytes) });
        self.is_broken |= is_mapped && is_broken(address);
        copy
    }

    /// Makes the batch.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for data that contradicts itself, with the column and the batch's number.
    pub fn batch(self, schema: &SchemaRef) -> Result<RecordBatch> {
        let memory = Memory::Taken(self.buffers.into_iter());
        let mut reader = Reader { numbers: &self.numbers, at: 0, memory, is_broken: self.is_broken };
        // SAFETY: what was taken is owned, and nothing is lent.
        unsafe { reader.batch(schema) }.map(|(batch, ..)| batch)
    }
}

/// Makes a batch of lent memory, and gives it to `body`.
///
/// # Safety
/// Each buffer that `numbers` describes is as long as it says, and nobody writes to it before this function returns.
///
/// # Errors
/// `INVALID_ARGUMENT` for data that contradicts itself, with the column and the batch's number; what `body` fails with.
pub unsafe fn lend<T>(numbers: &[f64], schema: &SchemaRef, body: impl FnOnce(&Lent) -> Result<T>) -> Result<T> {
    let lease = Arc::new(Lease);
    let mut reader = Reader { numbers, at: 0, memory: Memory::Lent(&lease), is_broken: false };
    // SAFETY: by the caller's promise; the lease is looked at below.
    let (batch, number, first_row) = unsafe { reader.batch(schema) }?;
    let result = body(&Lent { number, first_row, batch });
    if Arc::strong_count(&lease) > 1 {
        return Err(SpillwayError::internal("a transform kept memory that was lent to it"));
    }
    result
}

/// Reads a descriptor from front to back.
struct Reader<'a> {
    numbers: &'a [f64],
    at: usize,
    memory: Memory<'a>,
    /// Whether something lay in a map that is broken.
    is_broken: bool,
}

/// Where the buffers are.
enum Memory<'a> {
    /// At the addresses that the numbers tell, for as long as the lease is held.
    Lent(&'a Arc<Lease>),
    /// These, in order.
    Taken(std::vec::IntoIter<Buffer>),
}

impl Reader<'_> {
    /// The batch, its number and that of its first row.
    ///
    /// # Safety
    /// As [`lend`]'s, until all that holds the lease is dropped.
    unsafe fn batch(&mut self, schema: &SchemaRef) -> Result<(RecordBatch, u64, u64)> {
        let (number, rows, first_row) = (self.next()?, self.count(), self.next()?);
        let rows = rows.map_err(|cause| malformed(None, number, &cause))?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            // SAFETY: by the caller's promise.
            let column = unsafe { self.column(field.data_type()) };
            if self.is_broken {
                return Err(changed(number));
            }
            let column =
                column.and_then(|data| if data.len() == rows { Ok(data) } else { Err(other_length(&data, rows)) });
            columns.push(make_array(column.map_err(|cause| malformed(Some(field.name()), number, &cause))?));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
            .map_err(|cause| malformed(None, number, &cause))?;
        Ok((batch, number as u64, first_row as u64))
    }

    fn next(&mut self) -> Result<usize> {
        self.count().map_err(|_| SpillwayError::internal("a batch's description is wrong"))
    }

    fn count(&mut self) -> std::result::Result<usize, ArrowError> {
        let number = self.numbers.get(self.at).copied().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        self.at += 1;
        number
            .map(|number| number as usize)
            .ok_or_else(|| ArrowError::InvalidArgumentError("a length is no count".into()))
    }

    /// The next column, checked in full.
    ///
    /// # Safety
    /// As [`lend`]'s, until all that holds the lease is dropped.
    unsafe fn column(&mut self, data_type: &DataType) -> std::result::Result<ArrayData, ArrowError> {
        let (length, null_count, bit_offset) = (self.count()?, self.count()?, self.count()?);
        let (buffer_count, child_count) = (self.count()?, self.count()?);
        let mut buffers = Vec::new();
        for _ in 0..buffer_count {
            let (address, bytes, _slot) = (self.count()?, self.count()?, self.count()?);
            // SAFETY: by the caller's promise.
            buffers.push(unsafe { self.buffer(address, bytes) });
        }
        if let DataType::Dictionary(_, values) = data_type {
            let mut chunks = Vec::new();
            for _ in 0..child_count {
                // SAFETY: by the caller's promise.
                chunks.push(make_array(unsafe { self.column(values) }?));
            }
            let children = vec![joined(&chunks, values)?];
            return checked(data_type, length, null_count, bit_offset, buffers, children);
        }
        let types = child_types(data_type);
        if types.len() != child_count {
            let message = format!("a column of type {data_type} has {child_count} children, not {}", types.len());
            return Err(ArrowError::InvalidArgumentError(message));
        }
        let mut children = Vec::new();
        for child in types {
            // SAFETY: by the caller's promise.
            children.push(unsafe { self.column(child) }?);
        }
        let data = checked(data_type, length, null_count, bit_offset, buffers, children)?;
        if matches!(self.memory, Memory::Taken(_)) {
            within_precision(&data)?;
        }
        Ok(data)
    }

    /// # Safety
    /// As [`Self::column`]'s.
    unsafe fn buffer(&mut self, address: usize, bytes: usize) -> Buffer {
        let empty = || Buffer::from(Vec::<u8>::new());
        match (&mut self.memory, NonNull::new(address as *mut u8)) {
            (Memory::Taken(buffers), _) => buffers.next().unwrap_or_else(empty),
            (Memory::Lent(_), Some(start)) if bytes > 0 && is_mapped(address) => {
                // SAFETY: by the caller's promise so many bytes are there.
                let copy = Buffer::from(unsafe { std::slice::from_raw_parts(start.as_ptr(), bytes) });
                self.is_broken |= is_broken(address);
                copy
            }
            // SAFETY: by the caller's promise the memory is there and unchanged for as long as the lease is held.
            (Memory::Lent(lease), Some(start)) if bytes > 0 => unsafe {
                Buffer::from_custom_allocation(start, bytes, Arc::clone(lease) as Arc<_>)
            },
            _ => empty(),
        }
    }
}

fn other_length(data: &ArrayData, rows: usize) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("it has {} values in a batch of {rows} rows", data.len()))
}

/// Other systems don't let a file be cut off while it is mapped.
#[cfg(not(unix))]
fn is_mapped(_address: usize) -> bool {
    false
}

#[cfg(not(unix))]
fn is_broken(_address: usize) -> bool {
    false
}

fn changed(number: usize) -> SpillwayError {
    let message = format!("Cannot read batch {number}: {FILE_CHANGED}, and the batch shows it as it is; scan it again");
    SpillwayError::new(ErrorCode::FileChanged, message)
}

fn malformed(column: Option<&str>, number: usize, cause: &ArrowError) -> SpillwayError {
    let cause = match cause {
        ArrowError::InvalidArgumentError(message) => message.clone(),
        other => other.to_string(),
    };
    let of = column.map(|column| format!("column '{column}' of ")).unwrap_or_default();
    let message = format!("Cannot read {of}batch {number}: its data is malformed, {cause}");
    let error = SpillwayError::new(ErrorCode::InvalidArgument, message);
    column.map_or(error.clone(), |column| error.at_column(column))
}

#[cfg(test)]
mod tests;
