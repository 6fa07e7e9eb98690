//! How many rows the next chunk gets: the strategy's wish, cut down to what the budget and the metadata allow.

use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

use crate::batches::column::Column;
use crate::batches::pool::expected_capacity;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::rows::row_lane::Ask;

/// Most bytes of a batch, unless the caller says otherwise.
const DEFAULT_BATCH_BYTES: u64 = 32 << 20;
/// A batch takes at most this part of the stream's share, so that several are in flight.
const BATCHES_PER_SHARE: u64 = 8;

/// Why a chunk has the rows that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SizeReason {
    /// The strategy's size.
    Strategy = 0,
    /// The most bytes of a batch.
    ByteCap = 1,
    /// The stream's share of memory.
    MemoryBudget = 2,
    /// Where the segment ends.
    EndOfRows = 3,
    /// The caller's exact size.
    Fixed = 4,
}

/// A chunk's size and what it is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSize {
    /// Rows.
    pub rows: u64,
    /// Decoded bytes, predicted from the metadata of its pages.
    pub bytes: u64,
    /// What decided.
    pub reason: SizeReason,
}

/// What bounds a chunk.
#[derive(Debug, Clone, Copy)]
pub struct SizeLimits {
    /// Rows that the strategy wants.
    pub wanted_rows: u64,
    /// Exact rows that the caller wants.
    pub fixed_rows: Option<u64>,
    /// Rows left in the segment.
    pub remaining_rows: u64,
    /// Most bytes of a batch that the caller wants.
    pub max_batch_bytes: Option<u64>,
    /// The stream's share of memory.
    pub share_bytes: u64,
}

/// Chooses the next chunk's rows; `predict` gives the decoded bytes of that many rows.
///
/// # Errors
/// `MEMORY_LIMIT` when a single row is larger than the stream's share.
pub fn choose_size(limits: SizeLimits, mut predict: impl FnMut(u64) -> u64) -> Result<ChunkSize> {
    let wanted = limits.fixed_rows.unwrap_or(limits.wanted_rows).max(1);
    let mut reason = match limits.fixed_rows {
        Some(_) => SizeReason::Fixed,
        None => SizeReason::Strategy,
    };
    if limits.remaining_rows < wanted {
        reason = SizeReason::EndOfRows;
    }
    let (cap, cap_reason) = byte_cap(limits);
    let mut rows = wanted.min(limits.remaining_rows);
    let mut bytes = predict(rows);
    while bytes > cap && rows > 1 {
        // In proportion: it ends soon, since what is cut off are the dearest rows or like the others.
        let fitting = (u128::from(rows) * u128::from(cap) / u128::from(bytes)) as u64;
        rows = fitting.clamp(1, rows - 1);
        bytes = predict(rows);
        reason = cap_reason;
    }
    if rows == 1 && bytes > limits.share_bytes {
        let message = format!(
            "Cannot decode one row of about {bytes} bytes within the stream's {} bytes; raise `memoryLimit` or read fewer columns",
            limits.share_bytes
        );
        return Err(SpillwayError::new(ErrorCode::MemoryLimit, message));
    }
    Ok(ChunkSize { rows, bytes, reason })
}

/// Most bytes of the next chunk, and what decides them.
#[must_use]
pub fn byte_cap(limits: SizeLimits) -> (u64, SizeReason) {
    if limits.fixed_rows.is_some() {
        return (limits.share_bytes / 2, SizeReason::MemoryBudget);
    }
    let cap = limits.max_batch_bytes.unwrap_or(DEFAULT_BATCH_BYTES);
    let budget = limits.share_bytes / BATCHES_PER_SHARE;
    if cap <= budget { (cap, SizeReason::ByteCap) } else { (budget, SizeReason::MemoryBudget) }
}

/// A chunk that is being decoded, column by column.
#[derive(Debug)]
pub struct Chunk {
    /// Rows of the scan's row space.
    pub rows: Range<u64>,
    /// Its size as planned.
    pub size: ChunkSize,
    /// What is set aside for it until it is decoded.
    pub reserved: u64,
    /// Predicted bytes of each column.
    pub column_bytes: Vec<u64>,
    /// What is asked of a lane that gives the rows that pass.
    pub ask: Option<Ask>,
    /// How many rows passed of each file that has some, by its index, where rows are tested.
    pub rows_of_files: Vec<(usize, u64)>,
    /// Columns that have arrived.
    pub columns: Vec<Option<Column>>,
    /// How many have not.
    pub missing: usize,
    /// The first failure of a column.
    pub failure: Option<SpillwayError>,
    /// Processor time of all columns.
    pub decode_time: Duration,
    /// Bytes of the columns, once all are there.
    pub bytes: u64,
}

impl Chunk {
    /// A chunk of which nothing is decoded.
    #[must_use]
    pub fn new(rows: Range<u64>, size: ChunkSize, column_bytes: Vec<u64>) -> Self {
        let columns: Vec<Option<Column>> = column_bytes.iter().map(|_| None).collect();
        let missing = columns.len();
        Self {
            rows,
            size,
            reserved: expected_capacity(size.bytes),
            column_bytes,
            ask: None,
            rows_of_files: Vec::new(),
            columns,
            missing,
            failure: None,
            decode_time: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Whether it can go to the consumer, as a batch or as a failure.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.missing == 0 || self.failure.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SizeLimits = SizeLimits {
        wanted_rows: 1000,
        fixed_rows: None,
        remaining_rows: 10_000,
        max_batch_bytes: Some(8000),
        share_bytes: 800_000,
    };

    #[test]
    fn the_strategy_decides_where_bytes_are_few() {
        let size = choose_size(LIMITS, |rows| rows).expect("size");
        assert_eq!(size, ChunkSize { rows: 1000, bytes: 1000, reason: SizeReason::Strategy });
    }

    #[test]
    fn long_rows_make_short_chunks() {
        let size = choose_size(LIMITS, |rows| rows * 100).expect("size");
        assert_eq!((size.rows, size.reason), (80, SizeReason::ByteCap));
        let budget = SizeLimits { share_bytes: 8000, ..LIMITS };
        assert_eq!(
            choose_size(budget, |rows| rows * 100).expect("size"),
            ChunkSize { rows: 10, bytes: 1000, reason: SizeReason::MemoryBudget }
        );
    }

    #[test]
    fn long_rows_after_short_ones_are_left_for_later() {
        let size =
            choose_size(LIMITS, |rows| if rows <= 500 { rows } else { 500 + (rows - 500) * 1_000_000 }).expect("size");
        assert!(size.rows <= 500 && size.bytes <= 8000, "{size:?}");
    }

    #[test]
    fn a_fixed_size_holds_until_half_the_share() {
        let fixed = SizeLimits { fixed_rows: Some(5000), ..LIMITS };
        assert_eq!(
            choose_size(fixed, |rows| rows * 8).expect("size"),
            ChunkSize { rows: 5000, bytes: 40_000, reason: SizeReason::Fixed }
        );
        assert_eq!(choose_size(fixed, |rows| rows * 800).expect("size").reason, SizeReason::MemoryBudget);
    }

    #[test]
    fn the_last_rows_end_the_segment() {
        let size = choose_size(SizeLimits { remaining_rows: 7, ..LIMITS }, |rows| rows).expect("size");
        assert_eq!((size.rows, size.reason), (7, SizeReason::EndOfRows));
    }

    #[test]
    fn a_row_larger_than_the_share_is_an_error() {
        let error = choose_size(LIMITS, |rows| rows * 1_000_000).expect_err("too large");
        assert_eq!(error.code(), ErrorCode::MemoryLimit);
    }
}
