//! A scan from opening to its last batch: the state that the consumer, the workers and returning bytes meet in.
//!
//! Pull only: nothing is decoded before the first [`Scan::next`], and workers never block. A worker takes one column of
//! one chunk, decodes it, and asks again; where the budget has no room, the lane is parked and the worker is free.

mod as_batch_scan;
mod stats;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

pub use crate::batch_scan::Outcome;
use crate::batches::batch::{Batch, BytesBack, StreamMemory};
use crate::batches::pool::BufferPool;
use crate::error::{Result, SpillwayError, caught};
use crate::files::dataset::Dataset;
use crate::files::dataset_plan::DatasetPlan;
use crate::files::file_log::FileLog;
use crate::files::file_queue::ToOpen;
use crate::files::opened::Opened;
use crate::memory::budget::Account;
use crate::options::ScanOptions;
use crate::progress::Progress;
use crate::schedule::{Next, Schedule};
use crate::stats::{Counters, ScanStats};
use crate::stop_check::StopCheck;
use crate::workers;

/// Buffers kept for filling again, at most; a fraction of the budget where that is smaller.
const MAX_POOL_BYTES: u64 = 64 << 20;
const POOLS_PER_SHARE: u64 = 4;

/// A scan of one file or many. Dropping it cancels it; batches already given stay valid.
#[derive(Debug)]
pub struct Scan {
    core: Arc<Core>,
}

/// The part of a scan that workers and returning buffers share with the consumer.
pub struct Core {
    memory: Arc<StreamMemory>,
    first: OnceLock<First>,
    files: u64,
    log: Arc<FileLog>,
    state: Mutex<State>,
    changed: Condvar,
    wanted_rows: AtomicU64,
    counters: Counters,
    progress: Arc<Progress>,
    created: Instant,
}

/// What is known once the first file is open.
struct First {
    dataset: Arc<Dataset>,
    opened: Arc<Opened>,
    /// Of all files, where the scan only plans.
    plan: Option<DatasetPlan>,
}

enum State {
    /// The first file is being opened; `demanded` when the consumer has asked for a batch.
    Opening { demanded: bool },
    /// Opened, and nobody has asked for a batch.
    Idle,
    /// Decoding.
    Running(Box<Schedule>),
    /// All rows were given.
    Ended,
    /// The consumer gets this again and again.
    Failed(SpillwayError),
    /// The consumer wants no more.
    Cancelled,
}

impl Scan {
    /// Starts to open the first file, on a worker. Nothing is decoded, and no other file opened, before the first
    /// [`Scan::next`].
    #[must_use]
    pub fn open(options: ScanOptions) -> Self {
        let account = Account::new(options.memory_limit_bytes);
        let pool_bytes = (account.share() / POOLS_PER_SHARE).min(MAX_POOL_BYTES) as usize;
        let core = Arc::new_cyclic(|core: &Weak<Core>| Core {
            memory: Arc::new(StreamMemory {
                pool: BufferPool::counted(pool_bytes, Arc::clone(&account)),
                account,
                woken: core.clone(),
            }),
            first: OnceLock::new(),
            files: options.files.len() as u64,
            log: Arc::default(),
            state: Mutex::new(State::Opening { demanded: false }),
            changed: Condvar::new(),
            wanted_rows: AtomicU64::new(options.batch_rows),
            counters: Counters::default(),
            progress: Arc::default(),
            created: Instant::now(),
        });
        let opener = Arc::clone(&core);
        if let Err(error) = workers::spawn(move || opener.open_first(options)) {
            core.settle(State::Failed(error));
        }
        Self { core }
    }

    /// The first file, its plan and schema; `None` while it is being opened.
    ///
    /// # Errors
    /// What opening or decoding failed with.
    pub fn opened(&self) -> Result<Option<Arc<Opened>>> {
        if let State::Failed(error) = &*crate::lock(&self.core.state) {
            return Err(error.clone());
        }
        Ok(self.core.first.get().map(|first| Arc::clone(&first.opened)))
    }

    /// Takes the next batch if it is there, and lets decoding go on. `wanted_rows` is the size of chunks planned from now on.
    ///
    /// # Errors
    /// What opening or decoding failed with, after all batches before it; the same again on every later call.
    pub fn next(&self, wanted_rows: Option<u64>) -> Result<Outcome> {
        if let Some(rows) = wanted_rows {
            self.core.wanted_rows.store(rows.max(1), Ordering::Relaxed);
        }
        self.core.next()
    }

    /// Blocks until [`Scan::next`] or [`Scan::opened`] has something to say, for at most `timeout`; returns whether it has.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> bool {
        crate::wait_until(&self.core.state, &self.core.changed, timeout, State::is_ready)
    }

    /// The next batch, waiting for it as long as it takes; `None` at the end.
    ///
    /// # Errors
    /// As [`Scan::next`].
    pub fn next_blocking(&self, wanted_rows: Option<u64>) -> Result<Option<Box<Batch>>> {
        loop {
            match self.next(wanted_rows)? {
                Outcome::Batch(batch) => return Ok(Some(batch)),
                Outcome::End => return Ok(None),
                Outcome::Empty => while !self.wait(Duration::from_millis(100)) {},
            }
        }
    }

    /// Stops decoding within one chunk a worker, and opening within one file a worker, and frees the queue. Idempotent.
    pub fn cancel(&self) {
        self.core.settle(State::Cancelled);
    }

    /// Whether the consumer holds more than its half of the memory, so that it should be given copies.
    #[must_use]
    pub fn consumer_over_share(&self) -> bool {
        self.core.memory.account.consumer_over_share()
    }

    /// The scan's counts.
    #[must_use]
    pub fn stats(&self) -> ScanStats {
        self.core.stats()
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl State {
    /// Whether a waiting consumer should look.
    fn is_ready(&self) -> bool {
        match self {
            Self::Opening { .. } => false,
            Self::Running(schedule) => schedule.is_ready(),
            Self::Idle | Self::Ended | Self::Failed(_) | Self::Cancelled => true,
        }
    }
}

impl Core {
    /// Opens the first file and begins to decode if the consumer has asked already.
    fn open_first(self: &Arc<Self>, options: ScanOptions) {
        let path = options.first_path().to_owned();
        let share = self.memory.account.share();
        let explain = options.explain;
        let cancelled = || !matches!(*crate::lock(&self.state), State::Opening { .. });
        let stop = StopCheck::new(&cancelled);
        let open = || {
            let (dataset, opened) = Dataset::open(options, share, &self.log, stop)?;
            let opened = Arc::new(opened);
            let plan = explain.then(|| dataset.plan_all(&opened, &self.log, stop)).transpose()?;
            Ok(First { dataset: Arc::new(dataset), opened, plan })
        };
        let first = match caught(open).map_err(|error| error.at_path(&path)) {
            Ok(first) => first,
            Err(error) => return self.settle(State::Failed(error)),
        };
        let mut state = crate::lock(&self.state);
        if let State::Opening { demanded } = *state {
            let first = self.first.get_or_init(|| first);
            if !explain {
                self.log.opened(&first.opened);
                if first.dataset.rules_out(first.opened.index) {
                    self.log.ruled_out(first.opened.index);
                }
            }
            *state = State::Idle;
            if demanded {
                self.start(&mut state, first);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    fn start(self: &Arc<Self>, state: &mut State, first: &First) {
        self.memory.account.start();
        let First { dataset, opened, .. } = first;
        let mut schedule = Box::new(Schedule::new(dataset, opened, &self.log, &self.memory, &self.progress));
        self.decode_ahead(&mut schedule);
        *state = State::Running(schedule);
    }

    /// Opens a file ahead of its being read.
    fn open_file(self: &Arc<Self>, ToOpen { index, window }: ToOpen) {
        let Some(First { dataset, .. }) = self.first.get() else { return };
        // Up to a hundred of these may be waiting when the scan is cancelled.
        if self.with_schedule(|_| ()).is_none() {
            return;
        }
        let path = &dataset.options.files[index].path;
        let result = caught(|| dataset.open_file(index, window)).map_err(|error| error.at_path(path));
        let consumer_can_take = self.with_schedule(|schedule| {
            schedule.file_opened(index, result);
            self.decode_ahead(schedule);
            schedule.is_ready()
        });
        if consumer_can_take == Some(true) {
            self.changed.notify_all();
        }
    }

    fn next(self: &Arc<Self>) -> Result<Outcome> {
        let mut state = crate::lock(&self.state);
        if let (State::Idle, Some(first)) = (&*state, self.first.get()) {
            self.start(&mut state, first);
        }
        let next = match &mut *state {
            State::Opening { demanded } => {
                *demanded = true;
                return Ok(Outcome::Empty);
            }
            State::Idle => return Ok(Outcome::Empty),
            State::Ended | State::Cancelled => return Ok(Outcome::End),
            State::Failed(error) => return Err(error.clone()),
            State::Running(schedule) => {
                let next = schedule.take();
                self.decode_ahead(schedule);
                next
            }
        };
        drop(state);
        match next {
            Next::Batch(batch) => {
                self.counters.give(&batch, self.created);
                Ok(Outcome::Batch(batch))
            }
            Next::NotReady => Ok(Outcome::Empty),
            Next::End => {
                self.settle(State::Ended);
                Ok(Outcome::End)
            }
            Next::Failed(error) => {
                self.settle(State::Failed(error.clone()));
                Err(error)
            }
        }
    }

    /// Moves to a final state, unless the scan is in one; what was decoded and not taken is freed outside the lock.
    fn settle(&self, last: State) {
        let mut state = crate::lock(&self.state);
        let before = match *state {
            State::Opening { .. } | State::Idle | State::Running(_) => std::mem::replace(&mut *state, last),
            State::Ended | State::Failed(_) | State::Cancelled => return,
        };
        drop(state);
        drop(before);
        self.memory.account.stop();
        self.memory.pool.close();
        self.changed.notify_all();
    }

    /// Plans what the budget allows and sends a worker for each lane that became ready.
    fn decode_ahead(self: &Arc<Self>, schedule: &mut Schedule) {
        let ready = schedule.plan_ahead(self.wanted_rows.load(Ordering::Relaxed));
        for _ in 0..ready {
            self.send_worker();
        }
        while let Some(file) = schedule.next_to_open() {
            let core = Arc::clone(self);
            // The pool runs, or the first file would not be open.
            let _ = workers::spawn(move || core.open_file(file));
        }
    }

    fn send_worker(self: &Arc<Self>) {
        let core = Arc::clone(self);
        // The pool runs, or the file would not be open.
        let _ = workers::spawn(move || core.work());
    }

    /// One worker's turn: the most urgent column, decoded without the lock.
    fn work(self: &Arc<Self>) {
        let Some(mut work) = self.with_schedule(Schedule::next_work).flatten() else { return };
        let started = Instant::now();
        let result = caught(|| work.decode(&self.memory.pool));
        let elapsed = started.elapsed();
        self.counters.decode_nanos.fetch_add(elapsed.as_nanos() as u64, Ordering::Relaxed);
        let consumer_can_take = self.with_schedule(|schedule| {
            if schedule.finish_work(work, result, elapsed) {
                self.send_worker();
            }
            self.decode_ahead(schedule);
            schedule.is_ready()
        });
        if consumer_can_take == Some(true) {
            self.changed.notify_all();
        }
    }

    fn with_schedule<T>(&self, body: impl FnOnce(&mut Schedule) -> T) -> Option<T> {
        match &mut *crate::lock(&self.state) {
            State::Running(schedule) => Some(body(schedule)),
            _ => None,
        }
    }
}

impl BytesBack for Core {
    /// Chunks that had no room may be planned now.
    fn bytes_came_back(self: Arc<Self>) {
        self.with_schedule(|schedule| self.decode_ahead(schedule));
    }
}
