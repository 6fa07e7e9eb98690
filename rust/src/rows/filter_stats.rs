//! What a predicate did to the rows that were read, in counts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Serialize, Serializer};

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

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.get())
    }
}

/// Counts of a scan with a predicate.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterStats {
    /// Rows that the predicate was evaluated on.
    pub rows_tested: Count,
    /// Rows of these that passed.
    pub rows_passed: Count,
    /// Values that were not decoded, since their rows did not pass.
    #[serde(rename = "valuesSkipped")]
    pub skipped_values: Count,
    /// How columns were decoded of whose rows not all passed.
    pub quanta: Quanta,
    /// The conditions that are joined by `and`, in the order in which they were written.
    #[serde(skip)]
    conditions: Vec<ConditionStats>,
    /// Indices of the conditions, in the order in which they are best tested.
    #[serde(skip)]
    order: Mutex<Vec<usize>>,
}

/// Counts of up to 8192 rows of one column each.
#[derive(Debug, Default, Serialize)]
pub struct Quanta {
    /// Those that were not decoded at all.
    pub skipped: Count,
    /// Those of which only runs of rows were decoded.
    pub runs: Count,
    /// Those that were gone through whole, with only the values of rows that pass made of them.
    pub kept: Count,
    /// Those that were decoded whole and filtered.
    pub whole: Count,
}

/// Counts of one condition.
#[derive(Debug, Default)]
pub struct ConditionStats {
    text: String,
    tested: Count,
    passed: Count,
    nanos: Count,
}

/// A condition's counts, as they are told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionCounts {
    /// The condition.
    pub text: String,
    /// Rows that it was tested on: those that passed the conditions before it.
    pub rows_tested: u64,
    /// Rows of these for which it is true.
    pub rows_passed: u64,
    /// Processor time, with that of decoding the columns that no condition before had needed.
    pub milliseconds: f64,
}

impl FilterStats {
    /// No counts yet of conditions with these texts.
    #[must_use]
    pub fn new(conditions: impl IntoIterator<Item = String>) -> Self {
        let condition = |text| ConditionStats { text, ..ConditionStats::default() };
        let conditions: Vec<ConditionStats> = conditions.into_iter().map(condition).collect();
        let order = Mutex::new((0..conditions.len()).collect());
        Self { conditions, order, ..Self::default() }
    }

    /// A condition was tested on some rows.
    pub fn tested(&self, condition: usize, tested: u64, passed: u64, elapsed: Duration) {
        if let Some(stats) = self.conditions.get(condition) {
            stats.tested.add(tested);
            stats.passed.add(passed);
            stats.nanos.add(elapsed.as_nanos() as u64);
        }
    }

    /// Runs of a column's rows were decoded, and so many values left out.
    pub fn read_runs(&self, skipped: usize) {
        self.quanta.runs.add(1);
        self.skipped_values.add(skipped as u64);
    }

    /// Only some of a column's rows were kept while all were gone through, and so many values left out.
    pub fn read_kept(&self, skipped: usize) {
        self.quanta.kept.add(1);
        self.skipped_values.add(skipped as u64);
    }

    /// Indices of the conditions, in the order in which they are best tested.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        crate::lock(&self.order).clone()
    }

    /// Puts the conditions in order by what all lanes have seen of them: least cost for each row left out first, as
    /// Hellerstein and Stonebraker order predicates ("Predicate Migration", 1993).
    pub fn reorder(&self) {
        // Read once: other lanes go on counting, and an order that changes while it is sorted by may panic.
        let ranks: Vec<f64> = self.conditions.iter().map(ConditionStats::rank).collect();
        let rank = |index: &usize| ranks.get(*index).copied().unwrap_or_default();
        crate::lock(&self.order).sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    }

    /// The conditions' counts, in the order in which they are tested.
    #[must_use]
    pub fn conditions(&self) -> Vec<ConditionCounts> {
        let counts = |stats: &ConditionStats| ConditionCounts {
            text: stats.text.clone(),
            rows_tested: stats.tested.get(),
            rows_passed: stats.passed.get(),
            milliseconds: stats.nanos.get() as f64 / 1e6,
        };
        let order = crate::lock(&self.order);
        order.iter().filter_map(|index| self.conditions.get(*index)).map(counts).collect()
    }
}

impl ConditionStats {
    /// Cost of leaving out one row; what was never tested comes first, to be measured.
    fn rank(&self) -> f64 {
        let tested = self.tested.get();
        let left_out = tested.saturating_sub(self.passed.get()) as f64;
        if tested == 0 { 0.0 } else { self.nanos.get() as f64 / left_out.max(0.5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_in_the_order_they_are_tested_in() {
        let stats = FilterStats::new(["a".to_owned(), "b".to_owned()]);
        stats.tested(0, 10, 5, Duration::from_millis(2));
        stats.tested(1, 5, 1, Duration::from_millis(1));
        stats.tested(0, 10, 10, Duration::from_millis(1));
        let told = |stats: &FilterStats| -> Vec<(String, u64, u64, f64)> {
            let parts =
                |counts: ConditionCounts| (counts.text, counts.rows_tested, counts.rows_passed, counts.milliseconds);
            stats.conditions().into_iter().map(parts).collect()
        };
        let (a, b) = (("a".to_owned(), 20, 15, 3.0), ("b".to_owned(), 5, 1, 1.0));
        assert_eq!((told(&stats), stats.order()), (vec![a.clone(), b.clone()], vec![0, 1]));
        // A row that is left out costs 0.6 ms with the one, and 0.25 with the other.
        stats.reorder();
        assert_eq!((told(&stats), stats.order()), (vec![b, a], vec![1, 0]));
    }

    #[test]
    fn conditions_that_leave_out_nothing_come_last_and_those_never_tested_first() {
        let stats = FilterStats::new(["a", "b", "c"].map(str::to_owned));
        stats.tested(0, 10, 10, Duration::from_millis(1));
        stats.tested(1, 10, 9, Duration::from_millis(1));
        stats.reorder();
        assert_eq!(stats.order(), [2, 1, 0]);
    }

    #[test]
    fn counts_are_written_as_numbers() {
        let stats = FilterStats::default();
        stats.rows_tested.add(3);
        stats.quanta.runs.add(1);
        let json = serde_json::to_value(&stats).expect("JSON");
        let quanta = serde_json::json!({ "skipped": 0, "runs": 1, "kept": 0, "whole": 0 });
        let all = serde_json::json!({ "rowsTested": 3, "rowsPassed": 0, "valuesSkipped": 0, "quanta": quanta });
        assert_eq!(json, all);
    }
}
