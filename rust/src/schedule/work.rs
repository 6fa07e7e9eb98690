//! One piece of decoding: what a worker takes from the schedule, does without its lock, and brings back.

use crate::batches::pool::BufferPool;
use crate::error::Result;
use crate::rows::row_lane::{Ask, Decoded, RowLane};
use crate::schedule::lane::Lane;

/// A decoder of a segment.
pub enum SegmentLane {
    /// Of one of its columns.
    Column(Lane),
    /// Of all its columns, for the rows that pass a predicate.
    Rows(RowLane),
}

/// What a lane is to decode next.
#[derive(Debug, Clone, Copy)]
pub enum Task {
    /// So many rows, which were predicted to take so many bytes.
    Column {
        /// Rows.
        rows: u64,
        /// Bytes.
        predicted_bytes: u64,
    },
    /// Rows that pass.
    Rows(Ask),
}

/// A lane, its task, and where the result belongs.
pub struct Work {
    /// The decoder.
    pub lane: Box<SegmentLane>,
    /// What it is to do.
    pub task: Task,
    /// Number of the segment.
    pub segment: usize,
    /// Number of the chunk in the segment.
    pub chunk: u64,
    /// Index of the lane in the segment.
    pub column: usize,
}

impl Work {
    /// Decodes.
    ///
    /// # Errors
    /// Those of the lane.
    pub fn decode(&mut self, pool: &BufferPool) -> Result<Decoded> {
        match (self.lane.as_mut(), self.task) {
            (SegmentLane::Column(lane), Task::Column { rows, predicted_bytes }) => {
                let column = lane.decode(rows as usize, predicted_bytes, pool)?;
                Ok(Decoded { columns: vec![column], rows, rows_of_files: Vec::new(), rows_read: rows, last: false })
            }
            (SegmentLane::Rows(lane), Task::Rows(ask)) => lane.decode(ask, pool),
            _ => Err(crate::error::SpillwayError::internal("a lane was given another lane's task")),
        }
    }
}
