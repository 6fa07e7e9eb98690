//! A running scan: which chunks are planned, which lane decodes what next, what waits for the consumer.
//!
//! The consumer sees chunks in file order. Each active segment has one lane a column; a lane decodes chunk after chunk
//! for as long as chunks are planned, and is parked when the next one is not. A chunk is planned when the budget has room
//! for it, and always when the head segment has none, so that a scan goes on however little memory is left.

mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BinaryHeap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::active_segment::{ActiveSegment, LaneState, Ready};
use crate::batch::{Batch, HeldBuffer, HeldDictionary, StreamMemory};
use crate::chunk::{Chunk, ChunkSize, SizeLimits, SizeReason, choose_size};
use crate::column::{Column, plain_column};
use crate::dictionary::Interner;
use crate::error::{Result, SpillwayError};
use crate::lane::Lane;
use crate::opened::Opened;
use crate::page_reader::PageBuffers;
use crate::predict::ColumnPredictor;
use crate::progress::Progress;
use crate::row_lane::{Decoded, RowLane};
use crate::schema::ScanColumn;
use crate::work::{SegmentLane, Task, Work};

/// A dictionary may take this part of the stream's share.
const DICTIONARIES_PER_SHARE: u64 = 4;

/// The mutable state of a scan that has begun to decode.
pub struct Schedule {
    opened: Arc<Opened>,
    memory: Arc<StreamMemory>,
    interners: Vec<Arc<Interner>>,
    pages: Arc<PageBuffers>,
    /// Segments being decoded, in file order; the front is the head, which the consumer gets.
    active: VecDeque<ActiveSegment>,
    next_segment: usize,
    ready: BinaryHeap<Ready>,
    progress: Arc<Progress>,
    next_sequence: u64,
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
    /// A schedule in which nothing is planned yet.
    #[must_use]
    pub fn new(opened: &Arc<Opened>, memory: &Arc<StreamMemory>, progress: &Arc<Progress>) -> Self {
        let limit = (memory.account.share() / DICTIONARIES_PER_SHARE) as usize;
        Self {
            opened: Arc::clone(opened),
            memory: Arc::clone(memory),
            interners: opened.dictionary_names().map(|name| Arc::new(Interner::new(name, limit))).collect(),
            pages: Arc::default(),
            active: VecDeque::new(),
            next_segment: 0,
            ready: BinaryHeap::new(),
            progress: Arc::clone(progress),
            next_sequence: 0,
            given_rows: 0,
        }
    }

    /// Plans as many chunks as may be decoded now; returns how many lanes became ready.
    pub fn plan_ahead(&mut self, wanted_rows: u64) -> usize {
        let mut ready = 0;
        self.retire_finished();
        self.activate_segments();
        let mut position = 0;
        while position < self.active.len() {
            while self.may_plan(position) {
                ready += self.plan_chunk(position, wanted_rows);
            }
            position += 1;
        }
        ready
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
                self.memory.account.unreserve(chunk.size.bytes);
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
            let Some(head) = self.active.front_mut() else {
                return if self.next_segment >= self.opened.plan.segments.len() { Next::End } else { Next::NotReady };
            };
            if head.chunks.front().is_some_and(Chunk::is_done) {
                let chunk = head.chunks.pop_front();
                head.first_chunk += 1;
                self.progress.chunks_in_flight.fetch_sub(1, Ordering::Relaxed);
                match chunk {
                    Some(Chunk { failure: Some(error), size, .. }) => {
                        self.memory.account.unreserve(size.bytes);
                        return Next::Failed(error);
                    }
                    Some(chunk) => return Next::Batch(Box::new(self.hand_over(chunk))),
                    None => {}
                }
            } else {
                return Next::NotReady;
            }
        }
    }

    /// Rows that the consumer will still take.
    fn rows_wanted(&self) -> u64 {
        self.opened.options.max_rows.map_or(u64::MAX, |most| most.saturating_sub(self.given_rows))
    }

    /// Goes on to the next segment where the head has given all its chunks.
    fn retire_finished(&mut self) {
        while self.active.front().is_some_and(|head| head.chunks.is_empty() && head.next_row >= head.end) {
            self.active.pop_front();
            self.activate_segments();
        }
    }

    /// Whether a waiting consumer should look: whether there is enough to take, or nothing more.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match self.active.front() {
            Some(head) if head.chunks.is_empty() => {
                self.rows_wanted() == 0
                    || (head.next_row >= head.end
                        && self.active.len() == 1
                        && self.next_segment >= self.opened.plan.segments.len())
            }
            // A waiting consumer is woken for two batches at a time: a wake-up takes a processor from a worker. The first
            // batch is given at once.
            Some(head) => {
                let second_is_done = self.next_sequence == 0 || head.chunks.get(1).is_none_or(Chunk::is_done);
                head.chunks.front().is_some_and(Chunk::is_done) && second_is_done
            }
            None => self.next_segment >= self.opened.plan.segments.len(),
        }
    }

    fn activate_segments(&mut self) {
        let opened = Arc::clone(&self.opened);
        while self.active.len() < opened.plan.active_segments.max(1) {
            let Some(segment) = opened.plan.segments.get(self.next_segment) else { return };
            self.active.push_back(self.activate(self.next_segment, segment.rows.clone()));
            self.next_segment += 1;
        }
    }

    fn activate(&self, id: usize, rows: Range<u64>) -> ActiveSegment {
        let Opened { file, space, columns, .. } = self.opened.as_ref();
        if let Some(plan) = &self.opened.row_plan {
            let stats = &self.opened.filter_stats;
            let lane = RowLane::new(file, plan, space, rows.clone(), &self.interners, &self.pages, stats);
            let lane = LaneState::Parked { lane: Box::new(SegmentLane::Rows(lane)), next_chunk: 0 };
            return ActiveSegment::new(id, rows, vec![lane], Vec::new());
        }
        let lane = |column: &ScanColumn| {
            let interner = column.dictionary.and_then(|id| self.interners.get(id)).map(Arc::clone);
            let lane = Lane::new(file, column, space, rows.clone(), interner, &self.pages);
            LaneState::Parked { lane: Box::new(SegmentLane::Column(lane)), next_chunk: 0 }
        };
        let predictor = |column: &ScanColumn| ColumnPredictor::new(file, space, &column.root.leaves);
        let (lanes, predictors) = (columns.iter().map(lane).collect(), columns.iter().map(predictor).collect());
        ActiveSegment::new(id, rows, lanes, predictors)
    }

    /// Whether the segment's next chunk may be planned, as far as that can be told without its size.
    fn may_plan(&self, position: usize) -> bool {
        let segment = &self.active[position];
        if segment.next_row >= segment.end || segment.chunks.back().is_some_and(|chunk| chunk.failure.is_some()) {
            return false;
        }
        if self.opened.row_plan.is_some() && !self.may_plan_rows(position) {
            return false;
        }
        let account = &self.memory.account;
        let expected = match &self.opened.row_plan {
            Some(_) => self.row_chunk_bytes(position).2,
            None => segment.chunks.back().map_or(0, |chunk| chunk.size.bytes),
        };
        if position == 0 {
            // One chunk a worker and two for the consumer keep all busy; more would only take fresh memory and grow cold.
            let ahead = self.opened.plan.threads + 2;
            segment.chunks.is_empty() || (segment.chunks.len() < ahead && account.total() + expected <= account.share())
        } else {
            // Half of the share is the head's, since only the head's chunks can be taken.
            account.total() + expected <= account.share() / 2
        }
    }

    fn plan_chunk(&mut self, position: usize, wanted_rows: u64) -> usize {
        if self.opened.row_plan.is_some() {
            return self.plan_rows(position, wanted_rows);
        }
        let options = &self.opened.options;
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
        chunk.failure = chosen.err().map(|error| error.at_path(&self.opened.plan.path));
        let failed = chunk.failure.is_some();
        self.progress.rows_read(size.rows);
        self.memory.account.reserve(size.bytes);
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
        let row_index = self.opened.options.row_index.is_some() && self.opened.row_plan.is_none();
        let ActiveSegment { chunks, predictors, .. } = &mut self.active[position];
        let chunk = &mut chunks[index];
        for ((predictor, column), predicted) in predictors.iter_mut().zip(&chunk.columns).zip(&chunk.column_bytes) {
            predictor.observe(*predicted, column.as_ref().map_or(0, Column::byte_len) as u64);
        }
        if row_index {
            let spans = self.opened.space.spans(chunk.rows.clone());
            let numbers = spans.iter().flat_map(|span| {
                let first = span.first_row_in_file as i64;
                first..first + (span.rows.end - span.rows.start) as i64
            });
            let array = arrow_array::Int64Array::from_iter_values(numbers);
            chunk.columns.insert(0, Some(plain_column(&arrow_array::Array::to_data(&array))));
        }
        chunk.bytes = chunk.columns.iter().flatten().map(|column| column.capacity() as u64).sum();
        self.memory.account.queue(chunk.size.bytes, chunk.bytes);
        self.progress.chunks_decoded.fetch_add(1, Ordering::Relaxed);
    }

    fn hand_over(&mut self, chunk: Chunk) -> Batch {
        self.memory.account.hand_over(chunk.bytes);
        let mut nodes = Vec::new();
        let mut buffers = Vec::new();
        for column in chunk.columns.into_iter().flatten() {
            nodes.extend(column.nodes);
            buffers.extend(column.buffers.into_iter().map(|buffer| HeldBuffer::new(buffer, &self.memory)));
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.given_rows += chunk.size.rows;
        Batch {
            sequence,
            rows: chunk.size.rows,
            first_row_in_file: self.opened.space.spans(chunk.rows).first().map_or(0, |span| span.first_row_in_file),
            bytes: chunk.bytes,
            decode_ms: chunk.decode_time.as_secs_f64() * 1000.0,
            reason: chunk.size.reason,
            nodes,
            buffers,
            dictionaries: self.new_dictionary_values(),
        }
    }

    fn new_dictionary_values(&self) -> Vec<HeldDictionary> {
        let updates =
            self.interners.iter().enumerate().filter_map(|(id, interner)| Some((id, interner.take_update()?)));
        let held = updates.map(|(id, update)| {
            self.memory.account.hold((update.offsets.capacity() + update.data.capacity()) as u64);
            HeldDictionary {
                id,
                length: update.length,
                offsets: HeldBuffer::new(update.offsets, &self.memory),
                data: HeldBuffer::new(update.data, &self.memory),
            }
        });
        held.collect()
    }
}

impl Drop for Schedule {
    /// Gives back what was reserved and queued; lanes still on workers give back nothing, since they reserved nothing.
    fn drop(&mut self) {
        self.progress.chunks_in_flight.store(0, Ordering::Relaxed);
        for chunk in self.active.iter().flat_map(|segment| &segment.chunks) {
            if chunk.missing == 0 && chunk.failure.is_none() {
                self.memory.account.drop_queued(chunk.bytes);
            } else {
                self.memory.account.unreserve(chunk.size.bytes);
            }
        }
    }
}
