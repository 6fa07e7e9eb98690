//! What the interface for other languages needs of a scan, whatever it reads.

use std::sync::Arc;
use std::time::Duration;

use arrow_schema::SchemaRef;

use crate::batches::batch::Batch;
use crate::error::Result;
use crate::stats::ScanStats;

/// A scan that gives batches to one consumer. Dropping it cancels it; batches already given stay valid.
pub trait BatchScan: Send + Sync {
    /// The batches' schema; `None` while that is not known.
    ///
    /// # Errors
    /// What the scan failed with.
    fn schema(&self) -> Result<Option<SchemaRef>>;

    /// Takes the next batch if it is there, and lets the scan go on. `wanted_rows` is the size of batches from now on.
    ///
    /// # Errors
    /// What the scan failed with, after all batches before it; the same again on every later call.
    fn next(&self, wanted_rows: Option<u64>) -> Result<Outcome>;

    /// Blocks until [`BatchScan::next`] or [`BatchScan::schema`] has something to say, for at most `timeout`; returns
    /// whether it has.
    fn wait(&self, timeout: Duration) -> bool;

    /// Stops the scan and frees what waits for the consumer. Idempotent.
    fn cancel(&self);

    /// Whether the consumer holds more than its half of the memory, so that it should be given copies.
    fn consumer_over_share(&self) -> bool;

    /// The scan's counts.
    fn stats(&self) -> ScanStats;

    /// Something about the scan as JSON; `None` where there is nothing to say, or not yet.
    fn report(&self, what: Report) -> Option<serde_json::Result<Vec<u8>>>;

    /// Where the bytes to be read are given to; `None` for a scan that reads files.
    fn input(&self) -> Option<Arc<dyn ByteInput>> {
        None
    }

    /// The next batch, waiting for it as long as it takes; `None` at the end.
    ///
    /// # Errors
    /// As [`BatchScan::next`].
    fn next_blocking(&self, wanted_rows: Option<u64>) -> Result<Option<Box<Batch>>> {
        loop {
            match self.next(wanted_rows)? {
                Outcome::Batch(batch) => return Ok(Some(batch)),
                Outcome::End => return Ok(None),
                Outcome::Empty => while !self.wait(Duration::from_millis(100)) {},
            }
        }
    }
}

/// What [`BatchScan::next`] finds.
#[derive(Debug)]
pub enum Outcome {
    /// The next batch.
    Batch(Box<Batch>),
    /// Nothing yet: wait.
    Empty,
    /// All rows were given.
    End,
}

/// What can be told of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// What is going to be read.
    Plan,
    /// What the first file says of itself.
    File,
    /// Sizes of the last batches, and why.
    Decisions,
    /// What a predicate spares.
    Pruning,
    /// What became of each file.
    Files,
}

/// The bytes of a scan that others push.
pub trait ByteInput: Send + Sync {
    /// Gives the next bytes, which are copied.
    ///
    /// # Errors
    /// What the scan failed with.
    fn push(&self, bytes: &[u8]) -> Result<Pushed>;

    /// There are no more bytes. Idempotent.
    fn end(&self);

    /// Blocks until [`ByteInput::push`] has something other to say than [`Pushed::Full`], for at most `timeout`; returns
    /// whether it has.
    fn wait(&self, timeout: Duration) -> bool;
}

/// What became of bytes that were pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// They were taken.
    Taken,
    /// There is no room: wait, and push them again.
    Full,
    /// The scan is over: nobody wants them.
    Over,
}
