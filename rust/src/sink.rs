//! Sinks: record batches go in, files or bytes come out, on the workers' pool and within a memory limit.
//!
//! A [`Sink`] takes batches into a short queue. A worker takes all of them at once to a [`destination::Destination`]: a
//! file, a series of files, files by partition, or chunks of bytes for JavaScript. One worker at a time has it, so that
//! batches keep their order; the columns of a batch, or the partitions, are encoded side by side below it. The producer is
//! told when there is no room, and never blocks.

pub mod chunks;
mod core;
pub mod destination;
pub mod file_series;
pub mod options;
mod panics;
pub mod partition_key;
pub mod partitions;
pub mod pending_file;
pub mod summary;
pub mod windows;

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::batches::batch::{HeldBuffer, StreamMemory};
use crate::batches::column::ColumnBuffer;
use crate::error::{Result, SpillwayError};
use crate::memory::budget::Account;
use crate::sink::core::{Core, Phase, State};
use crate::sink::destination::Destination;
use crate::sink::options::SinkOptions;
use crate::sink::summary::Summary;

/// A batch that waits: its columns are checked and put together on a worker.
pub struct Queued {
    /// Makes the batch.
    pub batch: Box<dyn FnOnce() -> Result<RecordBatch> + Send>,
    /// All of its bytes.
    pub bytes: u64,
    /// Those that were copied for the sink; the others count where they come from.
    pub copied_bytes: u64,
}

/// What a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Room for another batch.
    Room,
    /// Bytes to take.
    Bytes,
    /// The end: all is written, has failed, or was given up and removed.
    End,
}

/// What [`Sink::take`] finds.
#[derive(Debug)]
pub enum Taken {
    /// Some bytes.
    Bytes(HeldBuffer),
    /// Nothing yet.
    Nothing,
    /// All bytes were taken.
    End,
}

/// Takes batches of one schema. Dropping it before its end gives it up.
pub struct Sink {
    core: Arc<Core>,
}

impl Sink {
    /// A sink for batches of `schema`: what can't be written is found here.
    ///
    /// # Errors
    /// Those of the files and of the format.
    pub fn open(options: SinkOptions, schema: &SchemaRef) -> Result<Self> {
        let account = Account::new(options.memory_limit_bytes);
        let destination = Box::new(Destination::new(options, schema)?);
        let gives_bytes = destination.gives_bytes();
        account.start();
        let memory = StreamMemory::unpooled(account);
        let state = State {
            phase: Phase::Open,
            queue: VecDeque::new(),
            queued_bytes: 0,
            copied_bytes: 0,
            destination: Some(destination),
            working: false,
            chunks: VecDeque::new(),
            chunk_bytes: 0,
            encoded_bytes: 0,
        };
        let core = Core { memory: Arc::new(memory), gives_bytes, state: Mutex::new(state), changed: Condvar::new() };
        Ok(Self { core: Arc::new(core) })
    }

    /// Queues a batch; returns whether there is room for another. One more than there is room for is taken too.
    ///
    /// # Errors
    /// What an earlier batch failed with.
    pub fn write(&self, batch: Queued) -> Result<bool> {
        let mut state = crate::lock(&self.core.state);
        match &state.phase {
            Phase::Open => {}
            Phase::Failed(error) => return Err(error.clone()),
            Phase::Ending | Phase::Publishing | Phase::Done(_) | Phase::Aborted => {
                return Err(SpillwayError::internal("a batch came after the end of its sink"));
            }
        }
        self.core.memory.account.reserve(batch.copied_bytes);
        state.queued_bytes += batch.bytes;
        state.queue.push_back(batch);
        self.core.send_worker(&mut state)?;
        Ok(self.core.has_room(&state))
    }

    /// No more batches come: what is queued is written, and the output ended.
    ///
    /// # Errors
    /// What an earlier batch failed with.
    pub fn finish(&self) -> Result<()> {
        let mut state = crate::lock(&self.core.state);
        match &state.phase {
            Phase::Open => state.phase = Phase::Ending,
            Phase::Failed(error) => return Err(error.clone()),
            Phase::Ending | Phase::Publishing | Phase::Done(_) | Phase::Aborted => {}
        }
        self.core.send_worker(&mut state)
    }

    /// Gives the output up: files are removed. Idempotent; nothing after the end, or once files get their names.
    pub fn abort(&self) {
        self.core.settle(Phase::Aborted);
    }

    /// Takes bytes, and lets encoding go on.
    ///
    /// # Errors
    /// What a batch failed with.
    pub fn take(&self) -> Result<Taken> {
        let mut state = crate::lock(&self.core.state);
        if let Some(chunk) = state.chunks.pop_front() {
            let bytes = chunk.len() as u64;
            state.chunk_bytes -= bytes;
            self.core.count_encoded(&mut state);
            self.core.send_worker(&mut state)?;
            self.core.changed.notify_all();
            drop(state);
            self.core.memory.account.hold(bytes);
            return Ok(Taken::Bytes(HeldBuffer::counted(ColumnBuffer::Shared(chunk), bytes, &self.core.memory)));
        }
        match &state.phase {
            Phase::Open | Phase::Ending | Phase::Publishing => Ok(Taken::Nothing),
            Phase::Done(_) | Phase::Aborted => Ok(Taken::End),
            Phase::Failed(error) => Err(error.clone()),
        }
    }

    /// Whether what a caller waits for is there.
    ///
    /// # Errors
    /// What a batch failed with.
    pub fn ready(&self, event: Event) -> Result<bool> {
        let state = crate::lock(&self.core.state);
        match &state.phase {
            Phase::Failed(error) if !state.working => Err(error.clone()),
            _ => Ok(self.core.is_ready(&state, event)),
        }
    }

    /// Blocks until that is so, or the sink has failed, for at most `timeout`; returns whether it is.
    #[must_use]
    pub fn wait(&self, event: Event, timeout: Duration) -> bool {
        let core = &self.core;
        crate::wait_until(&core.state, &core.changed, timeout, |state| core.is_ready(state, event))
    }

    /// What was written; `None` before the end.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        match &crate::lock(&self.core.state).phase {
            Phase::Done(summary) => Some(summary.clone()),
            _ => None,
        }
    }

    /// Where the bytes are counted.
    #[must_use]
    pub fn account(&self) -> &Arc<Account> {
        &self.core.memory.account
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.abort();
    }
}
