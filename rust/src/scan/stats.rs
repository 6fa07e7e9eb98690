//! What a scan tells of itself: its counts, gathered from where they are kept, its plan, and what became of its files.

use std::sync::Arc;

use super::{Core, Scan};
use crate::files::dataset_plan::DatasetPlan;
use crate::progress::Decision;
use crate::rows::filter_stats::FilterStats;
use crate::stats::ScanStats;

impl Core {
    pub(super) fn stats(&self) -> ScanStats {
        let files = self.log.totals();
        let counted = ScanStats::of(&self.counters, &self.progress, &self.memory.account, &files);
        ScanStats {
            rows_total: files.rows_planned,
            rows_left: files.rows_planned.saturating_sub(counted.rows_planned) as f64,
            pool_bytes: self.memory.pool.idle_bytes() as u64,
            files: self.files,
            ..counted
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
