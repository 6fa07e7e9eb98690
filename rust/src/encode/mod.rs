//! Encoders: record batches of one schema go in, the bytes of a file format come out.
//!
//! An encoder knows nothing of files, threads or memory limits: a sink owns it, feeds it on the workers' pool, and takes
//! the bytes to a file or to JavaScript.

pub mod arrow_ipc;
pub mod csv;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod ndjson;
mod pieces;
pub mod quoting;
mod retype;
mod values;

use arrow_array::RecordBatch;

use crate::error::Result;

/// Turns batches of one schema into bytes.
///
/// What was appended to `out` is final: the caller takes it away between two calls.
pub trait Encoder: Send {
    /// Encodes more batches, in order, and appends the bytes that are ready.
    ///
    /// # Errors
    /// What the format can't hold, or contradicts what was encoded before.
    fn write(&mut self, batches: &[RecordBatch], out: &mut Vec<u8>) -> Result<()>;

    /// Encodes what is left and ends the output, which is a whole file or stream then. Called once, as the last.
    ///
    /// # Errors
    /// As [`Encoder::write`].
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<()>;

    /// Encoded bytes that wait inside, such as those of an open row group.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// Row groups that were ended; 0 for a format without them.
    fn row_groups(&self) -> usize {
        0
    }
}
