//! A running text scan: which pieces are read, parsed, numbered and shown, and what waits for the consumer.
//!
//! A piece goes through states in a queue, in the order of the text. Nothing here reads or parses: what is to be done is
//! told as jobs, and each job's result is taken in again.

mod hand_over;
mod slots;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;

use crate::batch::{Batch, StreamMemory};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::file_log::FileLog;
use crate::options::ScanOptions;
use crate::progress::Progress;
use crate::text::gather::{Assembly, BatchSize, Gatherer, Part, ReadyBatch};
use crate::text::numbering::Numbering;
use crate::text::piece_reader::{FileResult, Next, PieceReader, PieceSize, Unparsed};
use crate::text::reservation::Reservation;
use crate::text::row_cost::RowCost;
use crate::text::shape::TextShape;
use crate::workers;

/// Text of a piece, at most: some milliseconds of parsing, and small enough that cancelling is quick.
const MOST_TEXT: u64 = 4 << 20;
/// Text of a piece, at least, where memory allows for it: less would cost more in hand-overs than in parsing.
const LEAST_TEXT: u64 = 4 << 10;
/// A piece takes at most this part of the stream's share, so that several are in flight.
const PIECES_PER_SHARE: u64 = 8;
/// Most bytes of a batch, unless the caller says otherwise.
const DEFAULT_BATCH_BYTES: u64 = 32 << 20;
/// Rows of a piece, at least, where a predicate may leave few of them.
const ROWS_TO_TEST: u64 = 8192;

/// What a worker is to do.
pub enum Job {
    /// Read the next piece, for which this is set aside.
    Read(Box<dyn PieceReader>, PieceSize, Reservation),
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
    /// `None` while a worker has it.
    reader: Option<Box<dyn PieceReader>>,
    reading: Reading,
    /// Whether something was pushed since a worker took the reader.
    more_came: bool,
    /// Text of a record, about.
    row_text: u64,
    slots: VecDeque<Slot>,
    /// How many of them are numbered.
    numbered: usize,
    next_id: u64,
    numbering: Numbering,
    /// Files that were left out.
    skipped_files: Vec<usize>,
    gatherer: Gatherer,
    /// Rows that are in batches.
    gathered_rows: u64,
    /// Files that were read to their end, whose last rows may wait.
    ended_files: Vec<usize>,
    next_sequence: u64,
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Going,
    /// Nothing more was pushed; `eager` when the reader would have taken what there is.
    Waiting {
        eager: bool,
    },
    /// All was read that is wanted.
    Over,
}

/// A place in the order of the text.
struct Slot {
    id: u64,
    file: usize,
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
    /// A scan that has read nothing but a sample.
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
        Self {
            log: Arc::clone(log),
            memory: Arc::clone(memory),
            progress: Arc::clone(progress),
            cost,
            is_plain: shape.is_plain(),
            filters: shape.filters(),
            reader: Some(reader),
            reading: if options.limit == Some(0) || options.max_rows == Some(0) {
                Reading::Over
            } else {
                Reading::Going
            },
            more_came: false,
            row_text: row_text.max(1),
            slots: VecDeque::new(),
            numbered: 0,
            next_id: 0,
            numbering: Numbering::new(&options),
            skipped_files: Vec::new(),
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
        self.drain();
        self.gather(wanted_rows, &mut jobs);
        if self.may_read(wanted_rows)
            && let Some(reader) = self.reader.take()
        {
            let size = self.piece_size(wanted_rows);
            let reserved = Reservation::new(&self.memory.account, self.parsed_bytes(size));
            jobs.push(Job::Read(reader, size, reserved));
        }
        jobs
    }

    /// The reader is back.
    pub fn was_read(&mut self, reader: Box<dyn PieceReader>, eager: bool, result: FileResult<Next>) -> Option<Job> {
        let mut reader = reader;
        self.skipped_files.iter().for_each(|file| reader.leave(*file));
        self.reader = Some(reader);
        let more_came = std::mem::take(&mut self.more_came);
        if self.reading == Reading::Over {
            return None;
        }
        let (file, state, job) = match result {
            Ok(Next::NotYet) => {
                self.reading = if more_came { Reading::Going } else { Reading::Waiting { eager } };
                return None;
            }
            Ok(Next::End) => {
                self.reading = Reading::Over;
                return None;
            }
            Ok(Next::EndOfInput(file)) => (file, SlotState::EndOfFile, None),
            Ok(Next::Piece(piece)) => {
                self.row_text = (piece.bytes / piece.records.max(1)).max(1);
                (piece.file, SlotState::Busy, Some(piece))
            }
            Err((file, error)) => (file, SlotState::Failed(error), None),
        };
        if self.skipped_files.contains(&file) {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.slots.push_back(Slot { id, file, state });
        job.map(|piece| Job::Parse(id, piece))
    }

    /// More was pushed, or nothing more will be.
    pub fn was_pushed(&mut self) {
        // A worker that has the reader may have looked before.
        self.more_came = self.reader.is_none();
        if matches!(self.reading, Reading::Waiting { .. }) {
            self.reading = Reading::Going;
        }
    }

    /// A piece was parsed.
    pub fn was_parsed(&mut self, id: u64, result: Result<Rows>) {
        self.settle(id, result.map(SlotState::Parsed));
    }

    /// The steps were taken on a piece.
    pub fn was_shown(&mut self, id: u64, result: Result<Option<Part>>) {
        self.settle(id, result.map(SlotState::Shown));
    }

    /// A batch was made.
    pub fn was_assembled(&mut self, id: u64, result: Result<ReadyBatch>) {
        self.gatherer.made(id, result);
        self.progress.chunks_decoded.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn settle(&mut self, id: u64, result: Result<SlotState>) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == id) {
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
                // there is no memory for more.
                is_last: is_end
                    || self.gatherer.rows() as u64 >= left
                    || (!is_fixed && (no_more_now || self.next_sequence == 0 && self.gatherer.batches() == 0))
                    || (is_fixed && no_more_now && self.reading == Reading::Going),
                is_end,
            };
            let Some(assembly) = self.gatherer.next(size, &self.memory.account) else { return };
            self.note_gathered(&assembly);
            jobs.push(Job::Assemble(assembly));
        }
    }

    /// Whether a worker does something that rows come of.
    fn is_busy(&self) -> bool {
        self.reader.is_none() || self.slots.iter().any(|slot| matches!(slot.state, SlotState::Busy))
    }

    /// Whether nothing comes after the rows that are there, or a failure does.
    fn no_rows_follow(&self) -> bool {
        match self.slots.front() {
            Some(slot) => matches!(slot.state, SlotState::Failed(_)),
            None => self.reading == Reading::Over && self.reader.is_some(),
        }
    }

    fn may_read(&self, wanted_rows: u64) -> bool {
        let is_idle = self.slots.is_empty() && self.gatherer.batches() == 0;
        let goes_on = match self.reading {
            Reading::Going => true,
            Reading::Waiting { eager } => !eager && self.is_eager(),
            Reading::Over => false,
        };
        let has_failed = self.slots.iter().any(|slot| matches!(slot.state, SlotState::Failed(_)));
        let is_enough = self.numbering.is_over() || self.slots.len() + self.gatherer.batches() >= ahead();
        if self.reader.is_none() || !goes_on || has_failed || is_enough {
            return false;
        }
        let size = self.piece_size(wanted_rows);
        let expected = size.bytes + self.parsed_bytes(size);
        // However little memory is left, a scan goes on; but rows that wait are given first.
        let waits_for_rows = self.options.fixed_rows.is_some_and(|rows| (self.gatherer.rows() as u64) < rows);
        let share = self.memory.account.share();
        // Room for a copy is left over.
        expected + size.budget <= self.room()
            || (is_idle && (self.gatherer.rows() == 0 || (waits_for_rows && self.room() >= share / 2)))
    }

    /// What a piece takes once it is parsed, about: a quarter more than the last one's rows would.
    fn parsed_bytes(&self, size: PieceSize) -> u64 {
        let expected = self.cost.bytes(size.bytes / self.row_text, size.bytes);
        (expected + expected / 4).min(size.budget)
    }

    /// Bytes that the stream may still have.
    fn room(&self) -> u64 {
        self.memory.account.share().saturating_sub(self.memory.account.total())
    }

    /// Whether few bytes are better than none: nothing else is there for the consumer.
    fn is_eager(&self) -> bool {
        self.slots.is_empty() && self.gatherer.rows() == 0 && self.gatherer.batches() == 0
    }

    fn piece_size(&self, wanted_rows: u64) -> PieceSize {
        let share = self.memory.account.share();
        let budget = self.batch_bytes().min(share / PIECES_PER_SHARE).max(1);
        let wanted = self.options.fixed_rows.unwrap_or(wanted_rows);
        let wanted = if self.filters { wanted.max(ROWS_TO_TEST) } else { wanted };
        let records = wanted.min(self.numbering.left()).max(1);
        // A quarter more than the last records had, so that as many fit.
        let text = records.saturating_mul(self.row_text).saturating_mul(5) / 4;
        let fitting = self.cost.text_within(budget, self.row_text);
        let bytes = text.min(fitting).clamp(LEAST_TEXT.min(fitting.max(1)), MOST_TEXT);
        PieceSize { bytes, records, budget, eager: self.is_eager() }
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

/// Pieces and batches that are on their way: one a worker, and two for the consumer.
fn ahead() -> usize {
    workers::threads() + 2
}
