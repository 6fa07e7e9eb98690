//! What a scan tells of itself: its counts, gathered from where they are kept, its plan, and what became of its files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Core, Scan};
use crate::files::dataset_plan::DatasetPlan;
use crate::progress::Decision;
use crate::rows::filter_stats::FilterStats;
use crate::stats::ScanStats;
use crate::workers;

impl Core {
    pub(super) fn stats(&self) -> ScanStats {
        let account = &self.memory.account;
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        let files = self.log.totals();
        let milliseconds = |nanos: u64| nanos as f64 / 1e6;
        ScanStats {
            rows: load(&counters.rows),
            batches: load(&counters.batches),
            bytes: load(&counters.bytes),
            queued_bytes: account.queued(),
            held_bytes: account.held(),
            peak_bytes: account.peak(),
            share_bytes: account.share(),
            chunks_in_flight: load(&self.progress.chunks_in_flight),
            decode_ms: milliseconds(load(&counters.decode_nanos)),
            rows_planned: load(&self.progress.rows_planned),
            rows_total: files.rows_planned,
            rows_left: files.rows_planned.saturating_sub(load(&self.progress.rows_planned)) as f64,
            compressed_bytes: files.compressed_bytes,
            compressed_bytes_read: files.compressed_bytes_read,
            row_groups: files.row_groups,
            reserved_bytes: account.reserved(),
            first_batch_ms: milliseconds(load(&counters.first_batch_nanos)),
            threads: workers::threads() as u64,
            batches_decoded: load(&self.progress.chunks_decoded),
            pool_bytes: self.memory.pool.idle_bytes() as u64,
            row_bytes: load(&self.progress.row_bytes),
            files: self.files,
            files_opened: files.opened,
            files_done: files.done,
            files_ruled_out: files.ruled_out,
            files_skipped: files.skipped,
            skipped_records: 0,
            nulled_values: 0,
        }
    }
}

impl Scan {
    /// What a predicate spares and what it did so far; `None` without a predicate, or while the file is being opened.
    #[must_use]
    pub fn pruning(&self) -> Option<serde_json::Result<Vec<u8>>> {
        let first = self.core.first.get()?;
        let pruning = self.core.log.totals().pruning.or(first.opened.plan.pruning)?;
        Some(serde_json::to_vec(&pruning.report(&first.dataset.filter_stats)))
    }

    /// What the predicate did to the rows so far; `None` while the first file is being opened.
    #[must_use]
    pub fn filter_stats(&self) -> Option<Arc<FilterStats>> {
        self.core.first.get().map(|first| Arc::clone(&first.dataset.filter_stats))
    }

    /// The plan: of all files where the scan only plans, else of the first; `None` while that is being opened.
    #[must_use]
    pub fn plan(&self) -> Option<serde_json::Result<Vec<u8>>> {
        let first = self.core.first.get()?;
        Some(match &first.plan {
            Some(plan) => serde_json::to_vec(plan),
            None => serde_json::to_vec(&DatasetPlan::of(&first.opened)),
        })
    }

    /// What became of each file so far; `None` while the first is being opened.
    #[must_use]
    pub fn files(&self) -> Option<serde_json::Result<Vec<u8>>> {
        self.core.first.get().map(|first| self.core.log.to_json(&first.dataset.options))
    }

    /// Sizes of the last chunks, and why.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        self.core.progress.decisions()
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
