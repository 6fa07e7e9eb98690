//! A running text scan: which pieces are read, parsed, numbered and shown, and what waits for the consumer.
//!
//! A piece goes through states in a queue, in the order of the text, also where later files are read side by side with the
//! one whose turn it is. Nothing here reads or parses: what is to be done is told as jobs, and each job's result is taken in
//! again.

mod hand_over;
mod read_on;
mod reading;
mod slots;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;

use crate::batches::batch::{Batch, StreamMemory};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::dataset::FILES_PER_WORKER;
use crate::files::file_log::FileLog;
use crate::memory::reservation::Reservation;
use crate::options::ScanOptions;
use crate::progress::Progress;
use crate::text::gather::{Assembly, BatchSize, Gatherer, Part, ReadyBatch};
use crate::text::numbering::Numbering;
use crate::text::piece_reader::{PieceReader, PieceSize, Unparsed};
use crate::text::row_cost::RowCost;
use crate::text::shape::TextShape;
use crate::workers;
use reading::{Reading, WaitsFor};

/// Most bytes of a batch, unless the caller says otherwise.
const DEFAULT_BATCH_BYTES: u64 = 32 << 20;

/// What a worker is to do.
pub enum Job {
    /// Read the next piece of a file.
    Read {
        /// The index of the file.
        file: usize,
        /// Its reader.
        reader: Box<dyn PieceReader>,
        /// How large the piece should be.
        size: PieceSize,
        /// What is set aside for it.
        reserved: Reservation,
    },
    /// Parse a piece.
    Parse(u64, Unparsed),
    /// Take the steps on a piece that is parsed.
    Show(u64, Rows),
    /// Make a batch.
    Assemble(Assembly),
}

/// What a sample lets expect of records.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Text of a record, about.
    pub row_text: u64,
    /// What parsing costs.
    pub cost: RowCost,
}

/// Rows that were parsed, and are numbered once those before them are.
#[derive(Debug)]
pub struct Rows {
    /// The rows.
    pub batch: RecordBatch,
    /// The index of their file.
    pub file: usize,
    /// The number of the first one, for a column of numbers.
    pub number: u64,
    /// Its number in the file.
    pub first_row: u64,
    /// Their memory.
    pub reserved: Reservation,
    /// Whether they are parts of larger memory, which only what they show is counted of.
    pub is_shared: bool,
    /// Processor time that they took.
    pub decode_time: Duration,
}

/// What the consumer finds.
pub enum Given {
    /// The next batch.
    Batch(Box<Batch>),
    /// Nothing yet.
    NotReady,
    /// All rows were given.
    End,
    /// The scan failed.
    Failed(SpillwayError),
}

/// The mutable state of a text scan that has begun.
pub struct Run {
    options: Arc<ScanOptions>,
    log: Arc<FileLog>,
    memory: Arc<StreamMemory>,
    progress: Arc<Progress>,
    cost: RowCost,
    /// Whether what is parsed needs no more to be done to it.
    is_plain: bool,
    filters: bool,
    reading: Reading,
    /// Text of a record, about.
    row_text: u64,
    /// In the order of the files and of the text in each.
    slots: VecDeque<Slot>,
    next_id: u64,
    numbering: Numbering,
    gatherer: Gatherer,
    /// Rows that are in batches.
    gathered_rows: u64,
    /// Files that were read to their end, whose last rows may wait.
    ended_files: Vec<usize>,
    next_sequence: u64,
}

/// A place in the order of the text.
struct Slot {
    id: u64,
    file: usize,
    /// Records that it has, at most.
    records: u64,
    /// What is reserved for it.
    bytes: u64,
    /// Whether its rows have their numbers, and only what they show is missing.
    is_numbered: bool,
    state: SlotState,
}

enum SlotState {
    /// A worker parses it, or takes the steps on it.
    Busy,
    Parsed(Rows),
    /// What passed; none where no row did.
    Shown(Option<Part>),
    EndOfFile,
    Failed(SpillwayError),
}

impl Run {
    /// A scan that has read nothing but a sample, of as many files at once at most.
    #[must_use]
    pub fn new(
        reader: Box<dyn PieceReader>,
        options: Arc<ScanOptions>,
        shape: &TextShape,
        Expected { row_text, cost }: Expected,
        log: &Arc<FileLog>,
        memory: &Arc<StreamMemory>,
        progress: &Arc<Progress>,
    ) -> Self {
        let mut reading = Reading::new(reader, files_at_once(&options));
        if options.limit == Some(0) || options.max_rows == Some(0) {
            reading.stop();
        }
        Self {
            log: Arc::clone(log),
            memory: Arc::clone(memory),
            progress: Arc::clone(progress),
            cost,
            is_plain: shape.is_plain(),
            filters: shape.filters(),
            reading,
            row_text: row_text.max(1),
            slots: VecDeque::new(),
            next_id: 0,
            numbering: Numbering::new(&options),
            gatherer: Gatherer::default(),
            gathered_rows: 0,
            ended_files: Vec::new(),
            next_sequence: 0,
            options,
        }
    }

    /// What may be done now. `wanted_rows` is the size of batches from now on.
    pub fn jobs(&mut self, wanted_rows: u64) -> Vec<Job> {
        let mut jobs = Vec::new();
        self.number(&mut jobs);
        self.reading.go_on();
        self.drain();
        self.gather(wanted_rows, &mut jobs);
        self.read(wanted_rows, &mut jobs);
        jobs
    }

    /// More was pushed, or nothing more will be.
    pub fn was_pushed(&mut self) {
        self.reading.was_pushed();
    }

    /// A piece was parsed.
    pub fn was_parsed(&mut self, id: u64, result: Result<Rows>) {
        let bytes = result.as_ref().map_or(0, |rows| rows.reserved.bytes());
        self.settle(id, bytes, result.map(SlotState::Parsed));
    }

    /// The steps were taken on a piece.
    pub fn was_shown(&mut self, id: u64, result: Result<Option<Part>>) {
        let part = result.as_ref().ok().and_then(Option::as_ref);
        let bytes = part.map_or(0, |part| part.reserved.bytes());
        self.settle(id, bytes, result.map(SlotState::Shown));
    }

    /// A batch was made.
    pub fn was_assembled(&mut self, id: u64, result: Result<ReadyBatch>) {
        self.gatherer.made(id, result);
        self.progress.chunks_decoded.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn settle(&mut self, id: u64, bytes: u64, result: Result<SlotState>) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == id) {
            slot.bytes = bytes;
            slot.state = result.unwrap_or_else(SlotState::Failed);
        }
    }

    fn gather(&mut self, wanted_rows: u64, jobs: &mut Vec<Job>) {
        loop {
            let left = self.options.max_rows.map_or(u64::MAX, |most| most - self.gathered_rows);
            if self.gatherer.rows() == 0 || self.gatherer.batches() >= ahead() {
                return;
            }
            let is_end = self.no_rows_follow();
            let no_more_now = is_end || !(self.is_busy() || self.may_read(wanted_rows));
            let is_fixed = self.options.fixed_rows.is_some();
            let size = BatchSize {
                rows: usize::try_from(self.options.fixed_rows.unwrap_or(wanted_rows)).unwrap_or(usize::MAX).max(1),
                is_fixed,
                most_rows: left,
                most_bytes: self.batch_bytes(),
                room: (self.is_busy() || self.gatherer.batches() > 0).then(|| self.room()),
                // The first batch is given at once, and a last one of few rows rather than none; exact ones only where
                // there is no memory for more, and no batch waits that the consumer makes room by.
                is_last: is_end
                    || self.gatherer.rows() as u64 >= left
                    || (!is_fixed && (no_more_now || self.next_sequence == 0 && self.gatherer.batches() == 0))
                    || (is_fixed && no_more_now && self.gatherer.batches() == 0 && self.reading.is_going()),
                is_end,
            };
            let Some(assembly) = self.gatherer.next(size, &self.memory.account) else { return };
            self.note_gathered(&assembly);
            jobs.push(Job::Assemble(assembly));
        }
    }

    /// Whether a worker does something that rows come of.
    fn is_busy(&self) -> bool {
        self.reading.with_workers() > 0 || self.slots.iter().any(Slot::is_busy)
    }

    /// Whether nothing comes after the rows that are there, or a failure does.
    fn no_rows_follow(&self) -> bool {
        match self.slots.front() {
            Some(slot) => slot.has_failed() && slot.file <= self.reading.turn(),
            None => self.reading.is_over(),
        }
    }

    /// Bytes that the stream may still have.
    fn room(&self) -> u64 {
        let account = &self.memory.account;
        account.share().saturating_sub(account.total() + self.reading.bytes_coming())
    }

    /// Most bytes of a batch that is joined.
    fn batch_bytes(&self) -> u64 {
        self.options.max_batch_bytes.unwrap_or(DEFAULT_BATCH_BYTES)
    }

    /// Whether a failure ends the scan, and not only a file.
    fn is_fatal(&self, error: &SpillwayError) -> bool {
        // Too little memory is wrong with no file.
        !self.options.skip_broken_files || error.code() == ErrorCode::MemoryLimit
    }
}

impl Slot {
    /// Whether a worker does something for it.
    fn is_busy(&self) -> bool {
        matches!(self.state, SlotState::Busy)
    }

    fn has_failed(&self) -> bool {
        matches!(self.state, SlotState::Failed(_))
    }
}

/// Files that are read side by side, at most.
fn files_at_once(options: &ScanOptions) -> usize {
    let reads_only = options.text.as_ref().is_some_and(|text| text.format.is_decoded_by_pieces());
    match options.concurrency {
        _ if reads_only => 1,
        0 => FILES_PER_WORKER * workers::threads().max(1),
        asked => asked,
    }
}

/// Pieces and batches that are on their way: one a worker, and two for the consumer.
fn ahead() -> usize {
    workers::threads() + 2
}
