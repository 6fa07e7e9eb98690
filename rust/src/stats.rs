//! A scan's counts, as they are kept and as they are told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::batches::batch::Batch;
use crate::files::file_log::FileTotals;
use crate::memory::budget::Account;
use crate::progress::Progress;
use crate::workers;

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

impl Counters {
    /// The consumer gets a batch of a scan that was opened at that time.
    pub fn give(&self, batch: &Batch, opened: Instant) {
        let first = self.batches.fetch_add(1, Ordering::Relaxed) == 0;
        self.rows.fetch_add(batch.rows, Ordering::Relaxed);
        self.bytes.fetch_add(batch.bytes, Ordering::Relaxed);
        if first {
            self.first_batch_nanos.store(opened.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
    }
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

impl ScanStats {
    /// What is counted in the same way for all formats; the rest is 0.
    #[must_use]
    pub fn of(counters: &Counters, progress: &Progress, account: &Account, files: &FileTotals) -> Self {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let milliseconds = |nanos: u64| nanos as f64 / 1e6;
        Self {
            rows: load(&counters.rows),
            batches: load(&counters.batches),
            bytes: load(&counters.bytes),
            queued_bytes: account.queued(),
            held_bytes: account.held(),
            peak_bytes: account.peak(),
            share_bytes: account.share(),
            chunks_in_flight: load(&progress.chunks_in_flight),
            decode_ms: milliseconds(load(&counters.decode_nanos)),
            rows_planned: load(&progress.rows_planned),
            compressed_bytes: files.compressed_bytes,
            compressed_bytes_read: files.compressed_bytes_read,
            row_groups: files.row_groups,
            reserved_bytes: account.reserved(),
            first_batch_ms: milliseconds(load(&counters.first_batch_nanos)),
            threads: workers::threads() as u64,
            batches_decoded: load(&progress.chunks_decoded),
            row_bytes: load(&progress.row_bytes),
            files_opened: files.opened,
            files_done: files.done,
            files_ruled_out: files.ruled_out,
            files_skipped: files.skipped,
            ..Self::default()
        }
    }
}
