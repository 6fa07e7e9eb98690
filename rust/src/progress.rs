//! How far a scan is, for whoever watches it: counts and the sizes of its last chunks.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::schedule::chunk::{ChunkSize, SizeReason};

/// Chunk sizes that a scan remembers.
const REMEMBERED_DECISIONS: usize = 256;

/// How far planning is; outlives the schedule.
#[derive(Debug, Default)]
pub struct Progress {
    /// Rows in chunks so far.
    pub rows_planned: AtomicU64,
    /// Predicted bytes a row of what was planned last.
    pub row_bytes: AtomicU64,
    /// Chunks decoded so far.
    pub chunks_decoded: AtomicU64,
    /// Chunks planned and not yet taken.
    pub chunks_in_flight: AtomicU64,
    decisions: Mutex<VecDeque<Decision>>,
}

impl Progress {
    /// Sizes of the last chunks.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        crate::lock(&self.decisions).iter().cloned().collect()
    }

    /// So many rows of the scan's row space are in chunks, or were left out by a predicate.
    pub fn rows_read(&self, rows: u64) {
        self.rows_planned.fetch_add(rows, Ordering::Relaxed);
    }

    /// A chunk was planned.
    pub fn note(&self, first_row: u64, size: ChunkSize) {
        let bytes_per_row = size.bytes.div_ceil(size.rows.max(1));
        self.row_bytes.store(bytes_per_row, Ordering::Relaxed);
        self.chunks_in_flight.fetch_add(1, Ordering::Relaxed);
        let mut decisions = crate::lock(&self.decisions);
        if decisions.len() == REMEMBERED_DECISIONS {
            decisions.pop_front();
        }
        let ChunkSize { rows, bytes, reason } = size;
        decisions.push_back(Decision { first_row, rows, bytes, bytes_per_row, reason });
    }
}

/// A chunk's size and why it was chosen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// First row of the chunk in the scan's row space.
    pub first_row: u64,
    /// Rows.
    pub rows: u64,
    /// Predicted bytes.
    pub bytes: u64,
    /// Predicted bytes a row.
    pub bytes_per_row: u64,
    /// What decided.
    pub reason: SizeReason,
}
