//! A segment that is being decoded, and what of it can be decoded next.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::files::segment_files::{SegmentFiles, SegmentPredictor};
use crate::plan::ScanPlan;
use crate::schedule::chunk::Chunk;
use crate::schedule::work::{SegmentLane, Task, Work};

/// A segment that is being decoded: its lanes, and its chunks that the consumer has not taken.
pub struct ActiveSegment {
    /// Its number, counted over all files.
    pub id: usize,
    /// The files that it is of.
    pub files: SegmentFiles,
    /// Its last row, exclusive.
    pub end: u64,
    /// First row that is in no chunk.
    pub next_row: u64,
    /// Number of the front chunk.
    pub first_chunk: u64,
    /// Chunks, in order.
    pub chunks: VecDeque<Chunk>,
    /// A lane a column, or one for all.
    pub lanes: Vec<LaneState>,
    /// One for each lane that decodes a column.
    pub predictors: Vec<SegmentPredictor>,
}

/// Where a lane is.
pub enum LaneState {
    /// Waits for chunk `next_chunk` to be planned.
    Parked {
        /// The decoder.
        lane: Box<SegmentLane>,
        /// Number of the chunk.
        next_chunk: u64,
    },
    /// In the ready heap or on a worker.
    Busy,
}

/// A lane that can decode its next chunk; earlier chunks first, then the dearest column.
pub struct Ready {
    /// What comes first.
    pub order: (Reverse<usize>, Reverse<u64>, u64),
    /// What is to be done.
    pub work: Work,
}

impl ActiveSegment {
    /// A segment of which nothing is planned.
    #[must_use]
    pub fn new(id: usize, files: SegmentFiles, lanes: Vec<LaneState>, predictors: Vec<SegmentPredictor>) -> Self {
        Self { id, end: files.rows(), files, next_row: 0, first_chunk: 0, chunks: VecDeque::new(), lanes, predictors }
    }

    /// The plan of its first file, which speaks for all.
    #[must_use]
    pub fn plan(&self) -> &ScanPlan {
        &self.files.first().plan
    }

    /// Whether rows are tested or computed one by one.
    #[must_use]
    pub fn is_of_rows(&self) -> bool {
        self.files.first().row_plan.is_some()
    }

    /// Whether it is of a file, by its index.
    #[must_use]
    pub fn is_of(&self, file: usize) -> bool {
        self.files.iter().any(|rows| rows.opened.index == file)
    }

    /// Whether all its rows are in chunks.
    #[must_use]
    pub fn is_planned(&self) -> bool {
        self.next_row >= self.end
    }

    /// Whether the consumer has taken all its chunks.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_planned() && self.chunks.is_empty()
    }

    /// Moves a parked lane whose next chunk is planned to the ready heap. A failure parks lanes for good only from its
    /// chunk on: those before it are still given, and other columns may not be there yet.
    pub fn make_ready(&mut self, column: usize, ready: &mut BinaryHeap<Ready>) -> bool {
        let segment = self;
        let state = std::mem::replace(&mut segment.lanes[column], LaneState::Busy);
        let LaneState::Parked { lane, next_chunk } = state else { return false };
        let index = usize::try_from(next_chunk.wrapping_sub(segment.first_chunk)).unwrap_or(usize::MAX);
        let failed = segment.chunks.iter().take(index.saturating_add(1)).any(|chunk| chunk.failure.is_some());
        let Some(chunk) = segment.chunks.get(index).filter(|_| !failed) else {
            segment.lanes[column] = LaneState::Parked { lane, next_chunk };
            return false;
        };
        let predicted_bytes = chunk.column_bytes[column];
        let task = chunk.ask.map_or(Task::Column { rows: chunk.size.rows, predicted_bytes }, Task::Rows);
        let work = Work { lane, task, segment: segment.id, chunk: next_chunk, column };
        ready.push(Ready { order: (Reverse(segment.id), Reverse(next_chunk), predicted_bytes), work });
        true
    }
}

impl PartialEq for Ready {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Ready {}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ready {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}
