//! What a predicate's metadata spared a scan, in counts.

use serde::Serialize;

use crate::files::file::ParquetFile;
use crate::prune::{RowGroupVerdict, SkipReason};
use crate::rows::filter_stats::{ConditionCounts, FilterStats};
use crate::rows::row_space::RowSpace;

/// What one kind of metadata spared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spared {
    /// Row groups of which nothing is read.
    pub row_groups: u64,
    /// Rows that are not looked at.
    pub rows: u64,
    /// Compressed bytes of the columns read that fall to these rows.
    pub compressed_bytes: u64,
}

/// What the page index spared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SparedPages {
    /// Row groups, rows and bytes, of row groups that are read in part too.
    #[serde(flatten)]
    pub spared: Spared,
    /// Pages of the predicate's columns that hold no row that may pass.
    pub pages_skipped: u64,
    /// Pages of the predicate's columns that were looked at in the index.
    pub pages: u64,
}

/// What all metadata spared. It is known when a scan is planned, and does not change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pruning {
    /// The footer's statistics.
    pub statistics: Spared,
    /// Bloom filters.
    pub bloom_filter: Spared,
    /// Dictionaries.
    pub dictionary: Spared,
    /// The page index.
    pub page_index: SparedPages,
    /// Row groups whose rows that are read all pass, so that none is tested.
    pub row_groups_known: u64,
    /// Rows of these.
    pub rows_known: u64,
}

/// All counts of a scan with a predicate.
#[derive(Debug, Serialize)]
pub struct PruningReport<'a> {
    /// What was not read.
    #[serde(flatten)]
    pub pruning: &'a Pruning,
    /// What was read and tested.
    pub filter: FilterReport<'a>,
}

/// Counts of the rows that were tested.
#[derive(Debug, Serialize)]
pub struct FilterReport<'a> {
    /// Of all conditions together.
    #[serde(flatten)]
    pub stats: &'a FilterStats,
    /// Of each, in the order in which they are tested.
    pub conditions: Vec<ConditionCounts>,
}

impl Pruning {
    /// Counts what lies in `all`, the rows that are asked for, and not in `kept`, those that the verdicts leave of them.
    #[must_use]
    pub fn new(
        file: &ParquetFile,
        all: &RowSpace,
        kept: &RowSpace,
        verdicts: &[RowGroupVerdict],
        leaves: &[usize],
    ) -> Self {
        let count = file.metadata.num_row_groups();
        let (asked, read) = (rows_by_row_group(all, count), rows_by_row_group(kept, count));
        let mut pruning = Self::default();
        for verdict in verdicts {
            let row_group = file.metadata.row_group(verdict.row_group);
            let (asked, read) = (asked[verdict.row_group], read[verdict.row_group]);
            let rows = asked - read.min(asked);
            let compressed = |leaf: &usize| {
                let bytes = row_group.column(*leaf).compressed_size().max(0) as u64;
                crate::plan::part(bytes, rows, row_group.num_rows())
            };
            let spared = match verdict.skipped_by {
                Some(SkipReason::Statistics) => &mut pruning.statistics,
                Some(SkipReason::BloomFilter) => &mut pruning.bloom_filter,
                Some(SkipReason::Dictionary) => &mut pruning.dictionary,
                Some(SkipReason::PageIndex) | None => &mut pruning.page_index.spared,
            };
            spared.row_groups += u64::from(verdict.skipped_by.is_some());
            spared.rows = spared.rows.saturating_add(rows);
            spared.compressed_bytes =
                spared.compressed_bytes.saturating_add(crate::plan::total(leaves.iter().map(compressed)));
            pruning.page_index.pages += verdict.pages;
            pruning.page_index.pages_skipped += verdict.pages_skipped;
            if verdict.all_match && read > 0 {
                pruning.row_groups_known += 1;
                pruning.rows_known += read;
            }
        }
        pruning
    }

    /// Adds the counts of another file.
    pub fn add(&mut self, other: &Self) {
        let spared = [
            (&mut self.statistics, &other.statistics),
            (&mut self.bloom_filter, &other.bloom_filter),
            (&mut self.dictionary, &other.dictionary),
            (&mut self.page_index.spared, &other.page_index.spared),
        ];
        for (sum, other) in spared {
            sum.row_groups += other.row_groups;
            sum.rows = sum.rows.saturating_add(other.rows);
            sum.compressed_bytes = sum.compressed_bytes.saturating_add(other.compressed_bytes);
        }
        self.page_index.pages_skipped += other.page_index.pages_skipped;
        self.page_index.pages += other.page_index.pages;
        self.row_groups_known += other.row_groups_known;
        self.rows_known = self.rows_known.saturating_add(other.rows_known);
    }

    /// These counts and those of the rows that were tested so far.
    #[must_use]
    pub fn report<'a>(&'a self, stats: &'a FilterStats) -> PruningReport<'a> {
        PruningReport { pruning: self, filter: FilterReport { stats, conditions: stats.conditions() } }
    }
}

fn rows_by_row_group(space: &RowSpace, row_groups: usize) -> Vec<u64> {
    let mut rows = vec![0; row_groups];
    for span in space.spans(space.rows()) {
        rows[span.row_group] += span.rows.end - span.rows.start;
    }
    rows
}
