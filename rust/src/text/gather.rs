//! Makes batches of the rows that pass: those of several pieces joined where pieces give few.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_data::ArrayData;

use crate::batches::column::Column;
use crate::batches::nested::{copied, export, laid_out};
use crate::error::Result;
use crate::levels::shared_column::shared_column;
use crate::memory::budget::Account;
use crate::memory::reservation::{Queued, Reservation};
use crate::schedule::chunk::SizeReason;

/// Rows of one piece that are to be given.
#[derive(Debug)]
pub struct Part {
    /// The rows.
    pub batch: RecordBatch,
    /// The index of their file.
    pub file: usize,
    /// The number of the first one in the file.
    pub first_row: u64,
    /// Their memory.
    pub reserved: Reservation,
    /// Whether they are parts of larger memory, which only what they show is counted of.
    pub is_shared: bool,
    /// Processor time that they took.
    pub decode_time: Duration,
}

/// What a batch should be like.
#[derive(Debug, Clone, Copy)]
pub struct BatchSize {
    /// Rows.
    pub rows: usize,
    /// Whether it must have exactly so many.
    pub is_fixed: bool,
    /// Most rows that are still wanted.
    pub most_rows: u64,
    /// Most bytes of what is joined.
    pub most_bytes: u64,
    /// Bytes that there is room for; `None` where the scan could not go on without the batch.
    pub room: Option<u64>,
    /// Fewer rows do: no more come for now.
    pub is_last: bool,
    /// No rows come after those that are here.
    pub is_end: bool,
}

/// Parts that wait to become batches, and batches that wait for the consumer.
#[derive(Debug, Default)]
pub struct Gatherer {
    parts: VecDeque<Part>,
    /// Rows of the first part that are in batches already.
    used: usize,
    rows: usize,
    batches: VecDeque<Gathered>,
    next_id: u64,
}

/// A batch that is being made, or waits.
#[derive(Debug)]
struct Gathered {
    id: u64,
    result: Option<Result<ReadyBatch>>,
}

/// A batch that waits for the consumer.
#[derive(Debug)]
pub struct ReadyBatch {
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its bytes.
    pub queued: Queued,
    /// For each file, the rows that are of it.
    pub files: Vec<(usize, u64)>,
    /// The number of the first row in its file.
    pub first_row: u64,
    /// Processor time that it took.
    pub decode_time: Duration,
    /// Why it has this many rows.
    pub reason: SizeReason,
}

/// Work for a worker: to make a batch of slices of parts.
#[derive(Debug)]
pub struct Assembly {
    id: u64,
    slices: Vec<RecordBatch>,
    /// Whether it is one part, whole: nothing is copied then.
    is_whole: bool,
    /// Whether it is of parts of larger memory: slices of them are copied as little.
    is_shared: bool,
    files: Vec<(usize, u64)>,
    first_row: u64,
    decode_time: Duration,
    reason: SizeReason,
    /// For the copy, or of the part.
    reserved: Reservation,
    /// Of parts that are used up.
    used_up: Vec<Reservation>,
}

impl Gatherer {
    /// Takes the next rows.
    pub fn push(&mut self, part: Part) {
        self.rows += part.batch.num_rows();
        self.parts.push_back(part);
    }

    /// Rows that are in no batch yet.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Batches that are being made or wait.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Forgets the rows that are in no batch yet.
    pub fn clear(&mut self) {
        self.parts.clear();
        (self.rows, self.used) = (0, 0);
    }

    /// Begins with the next batch if there are rows enough for it, and room for a copy where one is needed.
    pub fn next(&mut self, size: BatchSize, account: &Arc<Account>) -> Option<Assembly> {
        let (rows, reason) = self.rows_of_next(size)?;
        let rows = rows.min(usize::try_from(size.most_rows).unwrap_or(usize::MAX));
        let (rows, reason) = self.with_room(rows, reason, size)?;
        let mut assembly = Assembly {
            id: self.next_id,
            slices: Vec::new(),
            is_whole: false,
            is_shared: false,
            files: Vec::new(),
            first_row: self.parts.front()?.first_row + self.used as u64,
            decode_time: Duration::ZERO,
            reason,
            reserved: Reservation::new(account, 0),
            used_up: Vec::new(),
        };
        let copied = self.copied_bytes(rows);
        let mut missing = rows;
        while let Some(part) = self.parts.front().filter(|_| missing > 0) {
            let all = part.batch.num_rows();
            let taken = missing.min(all - self.used);
            assembly.is_whole = taken == all && rows == all;
            assembly.is_shared = part.is_shared;
            assembly.slices.push(part.batch.slice(self.used, taken));
            match assembly.files.last_mut() {
                Some((file, rows)) if *file == part.file => *rows += taken as u64,
                _ => assembly.files.push((part.file, taken as u64)),
            }
            missing -= taken;
            self.used += taken;
            if self.used < all {
                break;
            }
            self.used = 0;
            if let Some(part) = self.parts.pop_front() {
                assembly.decode_time += part.decode_time;
                assembly.used_up.push(part.reserved);
            }
        }
        self.rows -= rows;
        if assembly.is_whole {
            assembly.reserved = assembly.used_up.pop()?;
        } else {
            assembly.reserved.set(copied);
        }
        self.next_id += 1;
        self.batches.push_back(Gathered { id: assembly.id, result: None });
        Some(assembly)
    }

    /// Fewer rows where there is no room for a copy: those of the first part, which costs none.
    fn with_room(&self, rows: usize, reason: SizeReason, size: BatchSize) -> Option<(usize, SizeReason)> {
        if size.room.is_none_or(|room| self.copied_bytes(rows) <= room) {
            return Some((rows, reason));
        }
        let first = self.parts.front()?.batch.num_rows();
        (!size.is_fixed && self.used == 0 && first < rows).then_some((first, SizeReason::MemoryBudget))
    }

    /// What a batch of so many rows costs beside the parts: nothing where it is the first part, whole.
    fn copied_bytes(&self, rows: usize) -> u64 {
        let mut missing = rows;
        let mut copied = 0;
        let mut used = self.used;
        for part in &self.parts {
            let all = part.batch.num_rows();
            if used == 0 && missing == all && missing == rows {
                return 0;
            }
            let taken = missing.min(all - used);
            copied += part.reserved.bytes() * taken as u64 / all.max(1) as u64;
            missing -= taken;
            used = 0;
            if missing == 0 {
                break;
            }
        }
        copied
    }

    /// How many rows the next batch gets, and why; none where it waits for more.
    fn rows_of_next(&self, size: BatchSize) -> Option<(usize, SizeReason)> {
        let first = self.parts.front()?;
        if size.is_fixed {
            let reason = if size.is_end { SizeReason::EndOfRows } else { SizeReason::MemoryBudget };
            if self.rows >= size.rows {
                return Some((size.rows, SizeReason::Fixed));
            }
            return size.is_last.then_some((self.rows, reason));
        }
        let left = first.batch.num_rows() - self.used;
        if left > 2 * size.rows {
            return Some((size.rows, SizeReason::Strategy));
        }
        // A part that is about as large as a batch should be is one: to join it would cost a copy.
        let mut rows = left;
        let mut bytes = first.reserved.bytes();
        for part in self.parts.iter().skip(1) {
            let (more_rows, more_bytes) = (part.batch.num_rows(), part.reserved.bytes());
            if 2 * rows >= size.rows || rows + more_rows > 2 * size.rows {
                return Some((rows, SizeReason::Strategy));
            }
            if bytes + more_bytes > size.most_bytes {
                return Some((rows, SizeReason::ByteCap));
            }
            rows += more_rows;
            bytes += more_bytes;
        }
        if 2 * rows >= size.rows {
            return Some((rows, SizeReason::Strategy));
        }
        let reason = if size.is_end { SizeReason::EndOfRows } else { SizeReason::MemoryBudget };
        size.is_last.then_some((rows, reason))
    }

    /// A batch is made.
    pub fn made(&mut self, id: u64, result: Result<ReadyBatch>) {
        if let Some(batch) = self.batches.iter_mut().find(|batch| batch.id == id) {
            batch.result = Some(result);
        }
    }

    /// Whether the consumer can take one.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.batches.front().is_some_and(|batch| batch.result.is_some())
    }

    /// Whether a waiting consumer should be woken: for two batches at a time, since a wake-up takes a processor from a
    /// worker, or for as many as there are.
    #[must_use]
    pub fn is_worth_waking(&self) -> bool {
        self.is_ready() && self.batches.get(1).is_none_or(|batch| batch.result.is_some())
    }

    /// Gives the consumer the next batch.
    pub fn take(&mut self) -> Option<Result<ReadyBatch>> {
        if !self.is_ready() {
            return None;
        }
        self.batches.pop_front()?.result
    }
}

impl Assembly {
    /// Which batch it is.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.slices.iter().map(|slice| slice.num_rows() as u64).sum()
    }

    /// Its bytes, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.reserved.bytes()
    }

    /// Why it has this many rows.
    #[must_use]
    pub fn reason(&self) -> SizeReason {
        self.reason
    }

    /// Makes the batch.
    ///
    /// # Errors
    /// Those of arrow's kernels, such as for texts of more than 2 GiB.
    pub fn make(mut self) -> Result<ReadyBatch> {
        let started = Instant::now();
        let rows = self.rows();
        let columns = self.columns()?;
        let bytes = columns.iter().map(Column::capacity).sum::<usize>() as u64;
        // What is used up was copied from: it goes before the copy counts.
        self.slices.clear();
        self.used_up.clear();
        Ok(ReadyBatch {
            rows,
            columns,
            queued: self.reserved.queue(bytes),
            files: self.files,
            first_row: self.first_row,
            decode_time: self.decode_time + started.elapsed(),
            reason: self.reason,
        })
    }

    fn columns(&self) -> Result<Vec<Column>> {
        let Some(first) = self.slices.first() else { return Ok(Vec::new()) };
        let column = |index: usize| {
            let arrays: Vec<ArrayRef> = self.slices.iter().map(|slice| Arc::clone(slice.column(index))).collect();
            match arrays.as_slice() {
                [array] if self.is_shared => shared_column(array),
                [array] if !self.is_whole => Ok(laid_out(&copied(&array.to_data())?)),
                arrays => export(arrays, first.schema().field(index).data_type()),
            }
        };
        (0..first.num_columns()).map(column).collect()
    }
}

/// What a batch takes: by the capacity of its buffers, or, where they are parts of larger memory, by what they show.
#[must_use]
pub fn batch_bytes(batch: &RecordBatch, is_shared: bool) -> u64 {
    let bytes = |column: &ArrayRef| match column.to_data() {
        data if is_shared => data.get_slice_memory_size().unwrap_or(0) as u64,
        data => data_bytes(&data),
    };
    batch.columns().iter().map(bytes).sum()
}

fn data_bytes(data: &ArrayData) -> u64 {
    let nulls = data.nulls().map(arrow_buffer::NullBuffer::buffer);
    let own: usize = data.buffers().iter().chain(nulls).map(|buffer| buffer.capacity().max(buffer.len())).sum();
    own as u64 + data.child_data().iter().map(data_bytes).sum::<u64>()
}
