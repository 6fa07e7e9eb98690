//! A text scan from opening to its last batch: the state that the consumer, the workers, returning bytes and pushed ones
//! meet in.
//!
//! Pull only, as a scan of Parquet files: nothing but a sample is read before the first batch is asked for, and workers
//! never wait.

mod as_batch_scan;
mod open;
mod pushed;
mod report;
mod work;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use crate::batch_scan::Outcome;
use crate::batches::batch::{BytesBack, StreamMemory};
use crate::batches::pool::BufferPool;
use crate::error::{Result, SpillwayError};
use crate::files::file_log::FileLog;
use crate::memory::budget::Account;
use crate::options::ScanOptions;
use crate::progress::Progress;
use crate::stats::Counters;
use crate::text::piece_reader::PieceReader;
use crate::text::push_queue::PushQueue;
use crate::text::row_cost::RowCost;
use crate::text::run::{Expected, Given, Job, Run};
use crate::text::sample::Sampled;
use crate::text::shape::TextShape;
use crate::workers;

/// A scan of text: of files, or of bytes that are pushed. Dropping it cancels it; batches already given stay valid.
pub struct TextScan {
    core: Arc<Core>,
}

/// The part of a scan that workers and returning buffers share with the consumer.
struct Core {
    options: Arc<ScanOptions>,
    memory: Arc<StreamMemory>,
    log: Arc<FileLog>,
    /// What is known once the first file was looked at.
    first: OnceLock<First>,
    state: Mutex<State>,
    changed: Condvar,
    /// Tells the parsers that nobody wants what they parse.
    over: AtomicBool,
    wanted_rows: AtomicU64,
    counters: Counters,
    skipped_records: AtomicU64,
    nulled_values: AtomicU64,
    progress: Arc<Progress>,
    created: Instant,
    /// What pushed bytes come through.
    queue: Option<Arc<PushQueue>>,
}

/// What a sample tells; nothing of it changes.
struct First {
    sampled: Sampled,
    shape: TextShape,
    cost: RowCost,
}

enum State {
    /// The schema is not known yet; `demanded` when the consumer has asked for a batch.
    Opening {
        demanded: bool,
        /// `None` while a worker has it.
        reader: Option<Box<dyn PieceReader>>,
        /// Whether something was pushed since a worker took the reader.
        more_came: bool,
    },
    /// The schema is known, and nobody has asked for a batch.
    Idle(Box<dyn PieceReader>),
    Running(Box<Run>),
    Ended,
    /// The consumer gets this again and again.
    Failed(SpillwayError),
    Cancelled,
}

impl TextScan {
    /// Starts to look at the first records, on a worker; of pushed bytes, once some are there.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options of the format that make no sense.
    pub fn open(options: ScanOptions) -> Result<Self> {
        let request = options.text.as_ref().ok_or_else(|| SpillwayError::internal("a text scan has no format"))?;
        let format = request.format.clone();
        let account = Account::new(options.memory_limit_bytes);
        let queue = request.pushed.then(|| Arc::new(PushQueue::new(&account)));
        let options = Arc::new(options);
        let log = Arc::default();
        let reader = format.reader(&options, &account, &log, queue.clone())?;
        let core = Arc::new_cyclic(|core: &Weak<Core>| Core {
            memory: Arc::new(StreamMemory { pool: BufferPool::new(0), account, woken: core.clone() }),
            log,
            first: OnceLock::new(),
            state: Mutex::new(State::Opening { demanded: false, reader: Some(reader), more_came: false }),
            changed: Condvar::new(),
            over: AtomicBool::new(false),
            wanted_rows: AtomicU64::new(options.batch_rows),
            counters: Counters::default(),
            skipped_records: AtomicU64::new(0),
            nulled_values: AtomicU64::new(0),
            progress: Arc::default(),
            created: Instant::now(),
            queue,
            options,
        });
        core.look();
        Ok(Self { core })
    }
}

impl Drop for TextScan {
    fn drop(&mut self) {
        self.core.settle(State::Cancelled);
    }
}

impl State {
    /// Whether a waiting consumer should look.
    fn is_ready(&self) -> bool {
        match self {
            Self::Opening { .. } => false,
            Self::Running(run) => run.is_ready(),
            Self::Idle(_) | Self::Ended | Self::Failed(_) | Self::Cancelled => true,
        }
    }
}

impl Core {
    fn next(self: &Arc<Self>) -> Result<Outcome> {
        let mut state = crate::lock(&self.state);
        if matches!(&*state, State::Idle(_)) {
            self.start(&mut state);
        }
        let given = match &mut *state {
            State::Opening { demanded, .. } => {
                *demanded = true;
                return Ok(Outcome::Empty);
            }
            State::Idle(_) => return Ok(Outcome::Empty),
            State::Ended | State::Cancelled => return Ok(Outcome::End),
            State::Failed(error) => return Err(error.clone()),
            State::Running(run) => {
                let given = run.take();
                self.dispatch(run.jobs(self.wanted_rows.load(Ordering::Relaxed)));
                given
            }
        };
        drop(state);
        match self.still(given) {
            Given::Batch(batch) => {
                self.counters.give(&batch, self.created);
                Ok(Outcome::Batch(batch))
            }
            Given::NotReady => Ok(Outcome::Empty),
            Given::End => {
                self.settle(State::Ended);
                Ok(Outcome::End)
            }
            Given::Failed(error) => {
                self.settle(State::Failed(error.clone()));
                Err(error)
            }
        }
    }

    /// What is given, unless a file that batches show as it is mapped has changed.
    fn still(&self, given: Given) -> Given {
        match given {
            Given::NotReady => given,
            Given::Batch(_) | Given::End | Given::Failed(_) => match self.log.check_lent() {
                Ok(()) => given,
                Err(error) => Given::Failed(error),
            },
        }
    }

    /// Begins to read, where the schema is known.
    fn start(self: &Arc<Self>, state: &mut State) {
        let Some(first) = self.first.get() else { return };
        match std::mem::replace(state, State::Cancelled) {
            State::Idle(reader) => {
                self.memory.account.start();
                let expected = Expected { row_text: first.sampled.row_text, cost: first.cost };
                let options = Arc::clone(&self.options);
                let mut run =
                    Run::new(reader, options, &first.shape, expected, &self.log, &self.memory, &self.progress);
                self.dispatch(run.jobs(self.wanted_rows.load(Ordering::Relaxed)));
                *state = State::Running(Box::new(run));
            }
            other => *state = other,
        }
    }

    /// Changes the running scan, and sends workers for what may be done then.
    fn with_run(self: &Arc<Self>, body: impl FnOnce(&mut Run) -> Option<Job>) {
        let is_ready = match &mut *crate::lock(&self.state) {
            State::Running(run) => {
                let job = body(run);
                let jobs = run.jobs(self.wanted_rows.load(Ordering::Relaxed));
                self.dispatch(job.into_iter().chain(jobs));
                run.is_ready()
            }
            _ => false,
        };
        // Who pushes bytes waits for room, which any change may make.
        if is_ready || self.queue.is_some() {
            self.changed.notify_all();
        }
    }

    fn dispatch(self: &Arc<Self>, jobs: impl IntoIterator<Item = Job>) {
        for job in jobs {
            let core = Arc::clone(self);
            // The pool runs, or nothing was looked at.
            let _ = workers::spawn(move || core.work(job));
        }
    }

    /// Moves to a final state, unless the scan is in one; what waits is freed outside the lock.
    fn settle(&self, last: State) {
        let mut state = crate::lock(&self.state);
        let before = match *state {
            State::Opening { .. } | State::Idle(_) | State::Running(_) => std::mem::replace(&mut *state, last),
            State::Ended | State::Failed(_) | State::Cancelled => return,
        };
        drop(state);
        self.over.store(true, Ordering::Relaxed);
        drop(before);
        if let Some(queue) = &self.queue {
            queue.clear();
        }
        self.memory.account.stop();
        self.changed.notify_all();
    }

    fn wait_until(&self, timeout: Duration, is_done: impl Fn(&State) -> bool) -> bool {
        crate::wait_until(&self.state, &self.changed, timeout, is_done)
    }
}

impl BytesBack for Core {
    fn bytes_came_back(self: Arc<Self>) {
        self.with_run(|_| None);
    }
}
