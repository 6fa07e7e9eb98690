//! What a predicate did to the rows that were read, in counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that workers add to.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// What it is now.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts of a scan with a predicate. A quantum is up to 8192 rows of one column.
#[derive(Debug, Default)]
pub struct FilterStats {
    /// Rows that the predicate was evaluated on.
    pub rows_tested: Count,
    /// Rows of these that passed.
    pub rows_passed: Count,
    /// Values that were not decoded, since their rows did not pass.
    pub skipped_values: Count,
    /// Quanta that were not decoded at all.
    pub skipped_quanta: Count,
    /// Quanta of which only runs of rows were decoded.
    pub run_quanta: Count,
    /// Quanta that were decoded whole and filtered.
    pub filtered_quanta: Count,
}
