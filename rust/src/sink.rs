//! Sinks: record batches go in, files or bytes come out, on the workers' pool and within a memory limit.
//!
//! A [`Sink`] takes batches into a short queue. A worker takes all of them at once to a [`destination::Destination`]: a
//! file, a series of files, files by partition, or chunks of bytes for JavaScript. One worker at a time has it, so that
//! batches keep their order; the columns of a batch, or the partitions, are encoded side by side below it. The producer is
//! told when there is no room, and never blocks.

pub mod chunks;
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
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;

use crate::batch::{HeldBuffer, StreamMemory};
use crate::budget::Account;
use crate::column::ColumnBuffer;
use crate::error::{Result, SpillwayError};
use crate::sink::destination::Destination;
use crate::sink::options::SinkOptions;
use crate::sink::panics::caught;
use crate::sink::summary::Summary;
use crate::workers;

/// Batches that wait for the worker, at most; more would not make it faster.
const MAX_QUEUED_BYTES: u64 = 32 << 20;
/// Encoded bytes that wait for JavaScript, at most.
const MAX_CHUNK_BYTES: u64 = 4 << 20;

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

struct Core {
    memory: Arc<StreamMemory>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    phase: Phase,
    queue: VecDeque<Queued>,
    queued_bytes: u64,
    /// Of batches that the worker took and has not encoded in full.
    copied_bytes: u64,
    /// There, unless a worker has it or all is over.
    destination: Option<Box<Destination>>,
    /// Whether a worker was sent.
    working: bool,
    chunks: VecDeque<Buffer>,
    chunk_bytes: u64,
    /// Of these the account knows: bytes in the encoders and chunks.
    encoded_bytes: u64,
}

impl State {
    /// Whether rows wait in the destination until bytes are taken.
    fn has_waiting(&self) -> bool {
        self.destination.as_ref().is_some_and(|destination| destination.has_waiting())
    }
}

enum Phase {
    /// Batches may come.
    Open,
    /// No more batches come.
    Ending,
    /// All is written, and files get their names: it is too late to give up.
    Publishing,
    /// All is written.
    Done(Summary),
    /// The caller gets this again and again.
    Failed(SpillwayError),
    /// Given up.
    Aborted,
}

impl Sink {
    /// A sink for batches of `schema`: what can't be written is found here.
    ///
    /// # Errors
    /// Those of the files and of the format.
    pub fn open(options: SinkOptions, schema: &SchemaRef) -> Result<Self> {
        let account = Account::new(options.memory_limit_bytes);
        let destination = Box::new(Destination::new(options, schema)?);
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
        let core = Core { memory: Arc::new(memory), state: Mutex::new(state), changed: Condvar::new() };
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
        let state = crate::lock(&self.core.state);
        let waiting = self.core.changed.wait_timeout_while(state, timeout, |state| !self.core.is_ready(state, event));
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        self.core.is_ready(&state, event)
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

impl Core {
    fn has_room(&self, state: &State) -> bool {
        if state.has_waiting() {
            return false;
        }
        state.queue.is_empty() || state.queued_bytes < MAX_QUEUED_BYTES.min(self.memory.account.share() / 4)
    }

    fn has_room_for_bytes(&self, state: &State) -> bool {
        state.chunk_bytes < self.most_chunk_bytes()
    }

    fn most_chunk_bytes(&self) -> u64 {
        MAX_CHUNK_BYTES.min(self.memory.account.share() / 8).max(1)
    }

    fn is_ready(&self, state: &State, event: Event) -> bool {
        let over = !matches!(state.phase, Phase::Open | Phase::Ending) && !state.working;
        over || match event {
            Event::Room => matches!(state.phase, Phase::Open) && self.has_room(state),
            Event::Bytes => !state.chunks.is_empty(),
            Event::End => false,
        }
    }

    /// Sends a worker where there is something to do, unless one is there.
    fn send_worker(self: &Arc<Self>, state: &mut State) -> Result<()> {
        let something = match state.phase {
            Phase::Open => !state.queue.is_empty() || state.has_waiting(),
            Phase::Ending => true,
            Phase::Publishing | Phase::Done(_) | Phase::Failed(_) | Phase::Aborted => false,
        };
        if something && !state.working && self.has_room_for_bytes(state) {
            let core = Arc::clone(self);
            workers::spawn(move || core.work())?;
            state.working = true;
        }
        Ok(())
    }

    /// One turn of the worker: all that is queued, or the end.
    fn work(self: &Arc<Self>) {
        let mut state = crate::lock(&self.state);
        let waiting = state.has_waiting();
        let ending = matches!(state.phase, Phase::Ending) && state.queue.is_empty() && !waiting;
        // What waits comes first; bytes are made of one batch at a time, since more would only wait.
        let most = match &state.destination {
            Some(destination) if destination.gives_bytes() => usize::from(!waiting),
            _ => usize::MAX,
        };
        let taken = most.min(state.queue.len());
        let queue: Vec<Queued> = state.queue.drain(..taken).collect();
        state.queued_bytes -= queue.iter().map(|batch| batch.bytes).sum::<u64>();
        let destination = state.destination.take();
        drop(state);
        self.changed.notify_all();
        let Some(mut destination) = destination else { return self.worked(None, 0, Ok(None), VecDeque::new()) };
        let copied_bytes = queue.iter().map(|batch| batch.copied_bytes).sum();
        let mut chunks = VecDeque::new();
        if ending {
            let outcome = caught(|| destination.finish(&mut chunks, || self.begin_publishing()));
            return self.worked(None, 0, outcome, chunks);
        }
        let outcome = caught(|| self.encode(&mut destination, queue, &mut chunks));
        self.worked(Some(destination), copied_bytes, outcome.map(|()| None), chunks);
    }

    /// Whether files may get their names; the sink can't be given up from then on.
    fn begin_publishing(&self) -> bool {
        let mut state = crate::lock(&self.state);
        if matches!(state.phase, Phase::Ending) {
            state.phase = Phase::Publishing;
        }
        matches!(state.phase, Phase::Publishing)
    }

    fn encode(&self, destination: &mut Destination, queue: Vec<Queued>, chunks: &mut VecDeque<Buffer>) -> Result<()> {
        let batches = queue.into_iter().map(|queued| (queued.batch)()).collect::<Result<Vec<_>>>()?;
        destination.write(&batches, self.most_chunk_bytes(), chunks)?;
        drop(batches);
        // Row groups are ended early where the memory limit is small.
        let most = (self.memory.account.share() / 2) as usize;
        let mut buffered = destination.buffered_bytes();
        while buffered > most {
            destination.relieve(chunks)?;
            let before = std::mem::replace(&mut buffered, destination.buffered_bytes());
            if buffered >= before {
                break;
            }
        }
        Ok(())
    }

    /// Brings back what a worker's turn came to.
    fn worked(
        self: &Arc<Self>,
        destination: Option<Box<Destination>>,
        copied_bytes: u64,
        outcome: Result<Option<Summary>>,
        chunks: VecDeque<Buffer>,
    ) {
        let mut state = crate::lock(&self.state);
        // Copies are there until their last row is encoded.
        state.copied_bytes += copied_bytes;
        if !destination.as_ref().is_some_and(|destination| destination.has_waiting()) {
            self.memory.account.unreserve(std::mem::take(&mut state.copied_bytes));
        }
        let over = !matches!(state.phase, Phase::Open | Phase::Ending);
        match outcome {
            Ok(None) if !over => state.destination = destination,
            outcome => {
                // Files are removed here, outside the lock, before anybody is told.
                drop(state);
                drop(destination);
                state = crate::lock(&self.state);
                if !matches!(state.phase, Phase::Aborted) {
                    match outcome {
                        Ok(Some(summary)) => state.phase = Phase::Done(summary),
                        Ok(None) => {}
                        Err(error) => state.phase = Phase::Failed(error),
                    }
                }
            }
        }
        state.working = false;
        if matches!(state.phase, Phase::Aborted | Phase::Failed(_)) {
            self.drop_queue(&mut state);
        } else {
            state.chunk_bytes += chunks.iter().map(|chunk| chunk.len() as u64).sum::<u64>();
            state.chunks.extend(chunks);
        }
        self.count_encoded(&mut state);
        if let Err(error) = self.send_worker(&mut state) {
            state.phase = Phase::Failed(error);
        }
        if !matches!(state.phase, Phase::Open | Phase::Ending) {
            self.memory.account.stop();
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Moves to a final state, unless the sink is in one.
    fn settle(self: &Arc<Self>, last: Phase) {
        let mut state = crate::lock(&self.state);
        if !matches!(state.phase, Phase::Open | Phase::Ending) {
            return;
        }
        state.phase = last;
        self.drop_queue(&mut state);
        let destination = state.destination.take();
        self.count_encoded(&mut state);
        drop(state);
        drop(destination);
        self.memory.account.stop();
        self.changed.notify_all();
    }

    fn drop_queue(&self, state: &mut State) {
        let queued: u64 = state.queue.iter().map(|batch| batch.copied_bytes).sum();
        self.memory.account.unreserve(queued + std::mem::take(&mut state.copied_bytes));
        state.queue.clear();
        state.queued_bytes = 0;
        state.chunks.clear();
        state.chunk_bytes = 0;
    }

    /// Tells the account of what is encoded and waits.
    fn count_encoded(&self, state: &mut State) {
        let buffered = state.destination.as_ref().map_or(0, |destination| destination.buffered_bytes() as u64);
        let now = state.chunk_bytes + buffered;
        let account = &self.memory.account;
        account.reserve(now);
        account.unreserve(std::mem::replace(&mut state.encoded_bytes, now));
    }
}
