//! The state of a sink, which its producer, its worker and the taker of its bytes share.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

use arrow_buffer::Buffer;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::batches::batch::StreamMemory;
use crate::error::{Result, SpillwayError};
use crate::sink::destination::Destination;
use crate::sink::panics::caught;
use crate::sink::summary::Summary;
use crate::sink::{Event, Queued};
use crate::workers;

/// Batches that wait for the worker of a file, at most; more would not make it faster.
const MAX_QUEUED_BYTES: u64 = 32 << 20;
/// The same where bytes are made, of one batch at a time.
const MAX_QUEUED_BYTES_OF_ENCODERS: u64 = 8 << 20;
/// Encoded bytes that wait for JavaScript, at most.
const MAX_CHUNK_BYTES: u64 = 4 << 20;

/// Shared by all who have to do with a sink.
pub(super) struct Core {
    pub(super) memory: Arc<StreamMemory>,
    /// Whether it makes bytes, and no files.
    pub(super) gives_bytes: bool,
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

/// What they share, under a lock.
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) queue: VecDeque<Queued>,
    pub(super) queued_bytes: u64,
    /// Of batches that the worker took and has not encoded in full.
    pub(super) copied_bytes: u64,
    /// There, unless a worker has it or all is over.
    pub(super) destination: Option<Box<Destination>>,
    /// Whether a worker was sent.
    pub(super) working: bool,
    pub(super) chunks: VecDeque<Buffer>,
    pub(super) chunk_bytes: u64,
    /// Of these the account knows: bytes in the encoders and chunks.
    pub(super) encoded_bytes: u64,
}

impl State {
    /// Whether rows wait in the destination until bytes are taken.
    fn has_waiting(&self) -> bool {
        self.destination.as_ref().is_some_and(|destination| destination.has_waiting())
    }
}

/// How far a sink is.
pub(super) enum Phase {
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

impl Core {
    pub(super) fn has_room(&self, state: &State) -> bool {
        if state.has_waiting() {
            return false;
        }
        let most = if self.gives_bytes { MAX_QUEUED_BYTES_OF_ENCODERS } else { MAX_QUEUED_BYTES };
        state.queue.is_empty() || state.queued_bytes < most.min(self.memory.account.share() / 4)
    }

    fn has_room_for_bytes(&self, state: &State) -> bool {
        state.chunk_bytes < self.most_chunk_bytes()
    }

    fn most_chunk_bytes(&self) -> u64 {
        MAX_CHUNK_BYTES.min(self.memory.account.share() / 8).max(1)
    }

    pub(super) fn is_ready(&self, state: &State, event: Event) -> bool {
        let over = !matches!(state.phase, Phase::Open | Phase::Ending) && !state.working;
        over || match event {
            Event::Room => matches!(state.phase, Phase::Open) && self.has_room(state),
            Event::Bytes => !state.chunks.is_empty(),
            Event::End => false,
        }
    }

    /// Sends a worker where there is something to do, unless one is there.
    pub(super) fn send_worker(self: &Arc<Self>, state: &mut State) -> Result<()> {
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
        let most = if self.gives_bytes { usize::from(!waiting) } else { usize::MAX };
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
        let batches = queue.into_par_iter().map(|queued| (queued.batch)()).collect::<Result<Vec<_>>>()?;
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
    pub(super) fn settle(self: &Arc<Self>, last: Phase) {
        let mut state = crate::lock(&self.state);
        self.drop_queue(&mut state);
        if !matches!(state.phase, Phase::Open | Phase::Ending) {
            // Nobody takes the last bytes any more.
            return self.count_encoded(&mut state);
        }
        state.phase = last;
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
    pub(super) fn count_encoded(&self, state: &mut State) {
        let buffered = state.destination.as_ref().map_or(0, |destination| destination.buffered_bytes() as u64);
        let now = state.chunk_bytes + buffered;
        let account = &self.memory.account;
        account.reserve(now);
        account.unreserve(std::mem::replace(&mut state.encoded_bytes, now));
    }
}
