//! A scan's counts, as they are kept and as they are told.

use std::sync::atomic::AtomicU64;

/// What the consumer got so far.
#[derive(Debug, Default)]
pub struct Counters {
    /// Rows given.
    pub rows: AtomicU64,
    /// Batches given.
    pub batches: AtomicU64,
    /// Bytes given.
    pub bytes: AtomicU64,
    /// Processor time of all workers.
    pub decode_nanos: AtomicU64,
    /// From opening to the first batch.
    pub first_batch_nanos: AtomicU64,
}

/// Counts of a scan; bytes, rows and milliseconds.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ScanStats {
    pub rows: u64,
    pub batches: u64,
    pub bytes: u64,
    pub queued_bytes: u64,
    pub held_bytes: u64,
    pub peak_bytes: u64,
    pub share_bytes: u64,
    pub chunks_in_flight: u64,
    pub decode_ms: f64,
    pub rows_planned: u64,
    pub rows_total: u64,
    /// Rows that are not in batches yet; infinite where only reading tells.
    pub rows_left: f64,
    pub compressed_bytes: u64,
    pub compressed_bytes_read: u64,
    pub row_groups: u64,
    pub reserved_bytes: u64,
    pub first_batch_ms: f64,
    pub threads: u64,
    pub batches_decoded: u64,
    pub pool_bytes: u64,
    pub row_bytes: u64,
    pub files: u64,
    pub files_opened: u64,
    pub files_done: u64,
    pub files_ruled_out: u64,
    pub files_skipped: u64,
    /// Bad records that were left out, as the caller wants it.
    pub skipped_records: u64,
    /// Bad values that are null instead.
    pub nulled_values: u64,
}
