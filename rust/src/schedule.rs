//! A running scan: which chunks are planned, which lane decodes what next, what waits for the consumer.
//!
//! The consumer sees chunks in the order of files and rows, or as they are ready where the scan is unordered. Each active
//! segment has one lane a column; a lane decodes chunk after chunk for as long as chunks are planned, and is parked when
//! the next one is not. A chunk is planned when the budget has room for it, and always when the head segment has none, so
//! that a scan goes on however little memory is left.

pub mod active_segment;
pub mod chunk;
mod hand_over;
pub mod lane;
mod rows;
mod segments;
#[cfg(test)]
mod tests;
pub mod work;

use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::batches::batch::{Batch, StreamMemory};
use crate::batches::column::{Column, ColumnBuffer, plain_column};
use crate::batches::dictionary::Interner;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::dataset::Dataset;
use crate::files::file_log::FileLog;
use crate::files::file_queue::FileQueue;
use crate::files::opened::Opened;
use crate::pages::page_buffers::PageBuffers;
use crate::progress::Progress;
use crate::rows::row_lane::Decoded;
use crate::schedule::active_segment::{ActiveSegment, LaneState, Ready};
use crate::schedule::chunk::{Chunk, ChunkSize, SizeLimits, SizeReason, choose_size};
use crate::schedule::work::{Task, Work};

/// Chunks that are planned of a segment behind the head while the size that is wanted may still change. They keep theirs:
/// with as many as there is memory for, three columns of `lineitem` came in 504 batches instead of 68, since the first ones
/// are small.
const CHUNKS_BEHIND_HEAD: usize = 2;
/// Batches after which a size that is still wanted is taken to stay: a strategy that grows it does so every 5 to 9.
const BATCHES_TO_SETTLE: u64 = 16;
/// A dictionary may take this part of the stream's share.
const DICTIONARIES_PER_SHARE: u64 = 4;

/// The mutable state of a scan that has begun to decode.
pub struct Schedule {
    dataset: Arc<Dataset>,
    log: Arc<FileLog>,
    files: FileQueue,
    /// The file that has segments which are not yet begun with, and the next of them.
    current: Option<(Arc<Opened>, usize)>,
    /// Segments that are decoded at once, as the last file wants it.
    segments_at_once: usize,
    /// What the next file cannot be read for: told when all before it is given.
    failure: Option<SpillwayError>,
    memory: Arc<StreamMemory>,
    interners: Vec<Arc<Interner>>,
    pages: Arc<PageBuffers>,
    /// Segments being decoded, in order; the front is the head, which the consumer gets.
    active: VecDeque<ActiveSegment>,
    next_id: usize,
    ready: BinaryHeap<Ready>,
    progress: Arc<Progress>,
    next_sequence: u64,
    /// The rows of a chunk that were wanted last, and the first batch that was given since.
    wanted: (u64, u64),
    /// Rows that the consumer got.
    given_rows: u64,
}

/// What the consumer finds.
pub enum Next {
    /// The front batch.
    Batch(Box<Batch>),
    /// Nothing yet.
    NotReady,
    /// All rows were given.
    End,
    /// Decoding failed.
    Failed(SpillwayError),
}

impl Schedule {
    /// A schedule in which nothing is planned yet; `first` is the first file.
    #[must_use]
    pub fn new(
        dataset: &Arc<Dataset>,
        first: &Arc<Opened>,
        log: &Arc<FileLog>,
        memory: &Arc<StreamMemory>,
        progress: &Arc<Progress>,
    ) -> Self {
        let limit = (memory.account.share() / DICTIONARIES_PER_SHARE) as usize;
        Self {
            dataset: Arc::clone(dataset),
            log: Arc::clone(log),
            files: FileQueue::new(dataset, log, Arc::clone(first)),
            current: None,
            segments_at_once: 1,
            failure: None,
            memory: Arc::clone(memory),
            interners: first.dictionary_names().map(|name| Arc::new(Interner::new(name, limit))).collect(),
            pages: Arc::default(),
            active: VecDeque::new(),
            next_id: 0,
            ready: BinaryHeap::new(),
            progress: Arc::clone(progress),
            next_sequence: 0,
            wanted: (0, 0),
            given_rows: 0,
        }
    }

    /// Plans as many chunks as may be decoded now; returns how many lanes became ready.
    pub fn plan_ahead(&mut self, wanted_rows: u64) -> usize {
        let mut ready = 0;
        if self.wanted.0 != wanted_rows {
            self.wanted = (wanted_rows, self.next_sequence);
        }
        self.retire_finished();
        loop {
            self.activate_segments();
            let before = self.active.len();
            for position in 0..before {
                while self.may_plan(position) {
                    ready += self.plan_chunk(position, wanted_rows);
                }
            }
            // Those whose last rows are planned now make room for the next.
            if !self.may_activate() {
                return ready;
            }
        }
    }

    /// The most urgent work.
    pub fn next_work(&mut self) -> Option<Work> {
        self.ready.pop().map(|ready| ready.work)
    }

    /// Takes a decoded column in, and its lane back; returns whether the lane became ready again.
    pub fn finish_work(&mut self, work: Work, result: Result<Decoded>, elapsed: Duration) -> bool {
        let Some(position) = self.active.iter().position(|segment| segment.id == work.segment) else {
            return false;
        };
        let segment = &mut self.active[position];
        let Some(chunk) = usize::try_from(work.chunk.wrapping_sub(segment.first_chunk))
            .ok()
            .and_then(|index| segment.chunks.get_mut(index))
        else {
            return false;
        };
        chunk.decode_time += elapsed;
        let mut next_chunk = work.chunk + 1;
        match (result, work.task) {
            (Ok(decoded), Task::Column { .. }) => {
                chunk.columns[work.column] = decoded.columns.into_iter().next();
                chunk.missing -= 1;
            }
            (Ok(decoded), Task::Rows(_)) => {
                chunk.rows.end = chunk.rows.start + decoded.rows_read;
                chunk.size.rows = decoded.rows;
                chunk.rows_of_files = decoded.rows_of_files;
                chunk.columns = decoded.columns.into_iter().map(Some).collect();
                chunk.missing = 0;
                // What the lane keeps for another chunk counts as one row that was not read.
                let end = if decoded.last { segment.end } else { segment.end - 1 };
                segment.next_row = if decoded.last { end } else { end.min(segment.next_row + decoded.rows_read) };
                self.progress.rows_read(decoded.rows_read);
            }
            (Err(error), _) => {
                chunk.failure.get_or_insert(error);
            }
        }
        if chunk.missing == 0 && chunk.failure.is_none() {
            if chunk.size.rows == 0 && matches!(work.task, Task::Rows(_)) {
                // No row passed.
                self.memory.account.unreserve(chunk.reserved);
                self.progress.chunks_in_flight.fetch_sub(1, Ordering::Relaxed);
                segment.chunks.pop_back();
                next_chunk = work.chunk;
            } else {
                self.complete_chunk(position, (work.chunk - self.active[position].first_chunk) as usize);
            }
        }
        let segment = &mut self.active[position];
        segment.lanes[work.column] = LaneState::Parked { lane: work.lane, next_chunk };
        segment.make_ready(work.column, &mut self.ready)
    }

    /// What the consumer gets now.
    pub fn take(&mut self) -> Next {
        loop {
            if self.rows_wanted() == 0 {
                return Next::End;
            }
            self.retire_finished();
            self.activate_segments();
            let Some(position) = self.position_to_give() else {
                return match &self.failure {
                    _ if !self.active.is_empty() => Next::NotReady,
                    Some(error) => Next::Failed(error.clone()),
                    None if self.is_at_end() => Next::End,
                    None => Next::NotReady,
                };
            };
            let segment = &mut self.active[position];
            let Some(chunk) = segment.chunks.pop_front() else { return Next::NotReady };
            segment.first_chunk += 1;
            let files = segment.files.clone();
            self.progress.chunks_in_flight.fetch_sub(1, Ordering::Relaxed);
            match &chunk.failure {
                None => return Next::Batch(Box::new(self.hand_over(chunk, &files))),
                Some(error) => {
                    self.memory.account.unreserve(chunk.reserved);
                    if files.len() > 1 {
                        self.read_alone(position, chunk.rows.start);
                        continue;
                    }
                    // Too little memory is wrong with no file.
                    if !self.dataset.options.skip_broken_files || error.code() == ErrorCode::MemoryLimit {
                        return Next::Failed(error.clone());
                    }
                    // Where files may be skipped, a segment is of one.
                    self.skip_file(files.first().index, error);
                }
            }
        }
    }

    /// The segment whose front chunk the consumer gets.
    fn position_to_give(&self) -> Option<usize> {
        let is_done = |segment: &ActiveSegment| segment.chunks.front().is_some_and(Chunk::is_done);
        if self.dataset.options.unordered {
            return self.active.iter().position(is_done);
        }
        self.active.front().filter(|head| is_done(head)).map(|_| 0)
    }

    /// Rows that the consumer will still take.
    fn rows_wanted(&self) -> u64 {
        self.dataset.options.max_rows.map_or(u64::MAX, |most| most.saturating_sub(self.given_rows))
    }

    /// Whether a waiting consumer should look: whether there is enough to take, or nothing more.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        if self.rows_wanted() == 0 {
            return true;
        }
        if self.active.iter().all(ActiveSegment::is_finished) {
            return self.failure.is_some() || self.is_at_end();
        }
        // A waiting consumer is woken for two batches at a time: a wake-up takes a processor from a worker. The first
        // batch is given at once, and so is a failure, behind which nothing is decoded.
        self.position_to_give().is_some_and(|position| {
            let chunks = &self.active[position].chunks;
            let is_failed = chunks.front().is_some_and(|chunk| chunk.failure.is_some());
            self.next_sequence == 0 || is_failed || chunks.get(1).is_none_or(Chunk::is_done)
        })
    }

    /// Whether the segment's next chunk may be planned, as far as that can be told without its size.
    fn may_plan(&self, position: usize) -> bool {
        let segment = &self.active[position];
        if segment.next_row >= segment.end || segment.chunks.back().is_some_and(|chunk| chunk.failure.is_some()) {
            return false;
        }
        if segment.is_of_rows() && !self.may_plan_rows(position) {
            return false;
        }
        let account = &self.memory.account;
        let expected = if segment.is_of_rows() {
            self.row_chunk_bytes(position).2
        } else {
            segment.chunks.back().map_or(0, |chunk| chunk.reserved)
        };
        let share = account.share();
        let ahead = Self::chunks_ahead(segment);
        if position == 0 {
            segment.chunks.is_empty() || (segment.chunks.len() < ahead && account.total() + expected <= share)
        } else if self.dataset.options.unordered {
            segment.chunks.len() < ahead && account.total() + expected <= share
        } else {
            // Half of the share is the head's, since only the head's chunks can be taken. Where columns keep the workers
            // busy, a segment behind the head is begun only while the head's last rows are decoded.
            let is_head_over = segment.plan().segments_at_once > 1 || self.queued_chunks() < ahead;
            let is_enough = segment.chunks.len() >= CHUNKS_BEHIND_HEAD && !self.is_size_settled();
            is_head_over && !is_enough && account.total() + expected <= share / 2
        }
    }

    /// One chunk a worker and two for the consumer keep all busy; more would only take fresh memory and grow cold.
    fn chunks_ahead(segment: &ActiveSegment) -> usize {
        segment.plan().threads + 2
    }

    /// Chunks that are planned and not given yet.
    fn queued_chunks(&self) -> usize {
        self.active.iter().map(|segment| segment.chunks.len()).sum()
    }

    /// Whether chunks that are planned now will not be smaller than those that are wanted when they are taken.
    fn is_size_settled(&self) -> bool {
        let (_, since) = self.wanted;
        self.dataset.options.fixed_rows.is_some() || self.next_sequence - since >= BATCHES_TO_SETTLE
    }

    fn plan_chunk(&mut self, position: usize, wanted_rows: u64) -> usize {
        if self.active[position].is_of_rows() {
            return self.plan_rows(position, wanted_rows);
        }
        let options = &self.dataset.options;
        let segment = &mut self.active[position];
        let first = segment.next_row;
        let limits = SizeLimits {
            wanted_rows,
            fixed_rows: options.fixed_rows,
            remaining_rows: segment.end - first,
            max_batch_bytes: options.max_batch_bytes,
            share_bytes: self.memory.account.share(),
        };
        let predictors = &mut segment.predictors;
        let mut column_bytes = Vec::new();
        let chosen = choose_size(limits, |rows| {
            column_bytes = predictors.iter_mut().map(|column| column.predict(first..first + rows)).collect();
            column_bytes.iter().copied().fold(0, u64::saturating_add)
        });
        let size = chosen
            .as_ref()
            .map_or(ChunkSize { rows: segment.end - first, bytes: 0, reason: SizeReason::MemoryBudget }, |size| *size);
        let mut chunk = Chunk::new(first..first + size.rows, size, column_bytes);
        segment.next_row = chunk.rows.end;
        chunk.failure = chosen.err().map(|error| error.at_path(&segment.plan().path));
        let failed = chunk.failure.is_some();
        self.progress.rows_read(size.rows);
        self.memory.account.reserve(chunk.reserved);
        self.progress.note(first, size);
        let complete = chunk.is_done() && !failed;
        segment.chunks.push_back(chunk);
        if failed {
            return 0;
        }
        if complete {
            let last = segment.chunks.len() - 1;
            self.complete_chunk(position, last);
            return 0;
        }
        (0..segment.lanes.len()).filter(|column| segment.make_ready(*column, &mut self.ready)).count()
    }

    /// Counts a chunk whose columns are all there as queued, and adds its row numbers.
    fn complete_chunk(&mut self, position: usize, index: usize) {
        let segment = &mut self.active[position];
        let row_index = self.dataset.options.row_index.is_some() && !segment.is_of_rows();
        let ActiveSegment { chunks, predictors, files, .. } = segment;
        let chunk = &mut chunks[index];
        for ((predictor, column), predicted) in predictors.iter_mut().zip(&chunk.columns).zip(&chunk.column_bytes) {
            predictor.observe(*predicted, column.as_ref().map_or(0, Column::byte_len) as u64);
        }
        if row_index {
            let spans =
                files.within(chunk.rows.clone()).flat_map(|(file, rows)| file.opened.space.spans(file.in_file(rows)));
            let numbers = spans.flat_map(|span| {
                let first = span.first_row_in_file as i64;
                first..first + (span.rows.end - span.rows.start) as i64
            });
            let array = arrow_array::Int64Array::from_iter_values(numbers);
            chunk.columns.insert(0, Some(plain_column(&arrow_array::Array::to_data(&array))));
        }
        chunk.bytes = chunk.columns.iter().flatten().map(|column| column.capacity() as u64).sum();
        let buffers = chunk.columns.iter_mut().flatten().flat_map(|column| &mut column.buffers);
        buffers.for_each(ColumnBuffer::count_elsewhere);
        self.memory.account.queue(chunk.reserved, chunk.bytes);
        self.progress.chunks_decoded.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Schedule {
    /// Gives back what was reserved and queued; lanes still on workers give back nothing, since they reserved nothing.
    fn drop(&mut self) {
        self.progress.chunks_in_flight.store(0, Ordering::Relaxed);
        for segment in &self.active {
            self.give_up(segment);
        }
    }
}
