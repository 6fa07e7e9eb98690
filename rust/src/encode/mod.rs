//! Encoders: record batches of one schema go in, the bytes of a file format come out.
//!
//! An encoder knows nothing of files, threads or memory limits: a sink owns it, feeds it on the workers' pool, and takes
//! the bytes to a file or to JavaScript.

pub mod arrow_ipc;
mod column_orders;
mod column_writers;
pub mod compressed;
pub mod csv;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod ndjson;
mod options;
pub mod parquet;
mod parquet_options;
mod pieces;
pub mod quoting;
mod retype;
mod sorting;
mod storage;
mod usual;
mod values;

use arrow_array::RecordBatch;

pub use crate::encode::options::EncoderOptions;
pub use crate::encode::parquet_options::ParquetOptions;
use crate::error::{ErrorCode, Result, SpillwayError};

/// What arrow or parquet say of a batch that they can't encode.
pub(crate) fn encode_error(error: &(impl ToString + ?Sized)) -> SpillwayError {
    let cause = error.to_string();
    let code = if cause.contains("not yet implemented") || cause.starts_with("NYI") {
        ErrorCode::UnsupportedFeature
    } else {
        ErrorCode::InvalidArgument
    };
    SpillwayError::new(code, format!("Cannot write the batch: {cause}")).with_cause(&cause)
}

/// Where encoded bytes go.
pub trait Output: Send {
    /// Bytes that were not taken away yet; encoders append to them. What was appended is final.
    fn bytes(&mut self) -> &mut Vec<u8>;

    /// Takes the bytes away, where there is a place for them already: an encoder that makes many at once calls this
    /// between parts of them, so that they need not all be in memory. What is left is taken between two calls of it.
    ///
    /// # Errors
    /// What that place says, such as a full disk.
    fn drain(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Output for Vec<u8> {
    fn bytes(&mut self) -> &mut Vec<u8> {
        self
    }
}

/// Turns batches of one schema into bytes.
pub trait Encoder: Send {
    /// Encodes more batches, in order, and appends the bytes that are ready.
    ///
    /// # Errors
    /// What the format can't hold, or contradicts what was encoded before; what the output says.
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()>;

    /// Encodes what is left and ends the output, which is a whole file or stream then. Called once, as the last.
    ///
    /// # Errors
    /// As [`Encoder::write`].
    fn finish(&mut self, out: &mut dyn Output) -> Result<()>;

    /// Ends what can be ended early, such as an open row group, to free its memory.
    ///
    /// # Errors
    /// As [`Encoder::write`].
    fn flush(&mut self, _out: &mut dyn Output) -> Result<()> {
        Ok(())
    }

    /// Bytes of batches that are best encoded at once, about; all where there is none. Text takes several times the bytes
    /// of what it tells, and all that one [`Encoder::write`] makes is in memory.
    fn window_bytes(&self) -> Option<usize> {
        None
    }

    /// Memory of what waits inside, such as the pages of an open row group.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// Bytes that this will come to in the output, about: fewer than it takes in memory.
    fn pending_bytes(&self) -> usize {
        0
    }

    /// Row groups that were ended; 0 for a format without them.
    fn row_groups(&self) -> usize {
        0
    }
}
