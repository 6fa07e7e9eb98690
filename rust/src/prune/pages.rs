//! Which rows of a row group a predicate can be true for, by the facts of pages.
//!
//! Columns have pages of different rows, so the row group is cut wherever a page of any of the predicate's columns ends,
//! and the predicate is analysed on each piece.

use std::collections::HashMap;
use std::ops::Range;

use super::analyse::analyse;
use super::facts::{ColumnFacts, Facts};
use super::outcomes::Outcomes;
use super::page_index::{self, Page};
use super::statistics::{Leaves, RowGroupFacts};
use crate::expression::bound::{Bound, ColumnRef};
use crate::files::file::ParquetFile;

/// What the pages tell of a row group.
#[derive(Debug)]
pub(super) struct PageVerdict {
    /// Rows for which the predicate may be true, ascending, with gaps between.
    pub(super) keep: Vec<Range<u64>>,
    /// Whether it is true for all of them.
    pub(super) all_match: bool,
    /// Pages of the predicate's columns.
    pub(super) pages: u64,
    /// Those of them without a row to keep.
    pub(super) pages_skipped: u64,
}

/// Analyses the conjuncts piece by piece. `known` are their results over the whole row group, and `facts` its facts.
/// `None` when no column has an index.
pub(super) fn by_pages(
    file: &ParquetFile,
    leaves: &Leaves,
    row_group: usize,
    conjuncts: &[(&Bound, Outcomes)],
    facts: &RowGroupFacts,
) -> Option<PageVerdict> {
    let chunks = file.metadata.row_group(row_group).columns();
    let mut indexed: Vec<(&ColumnRef, Vec<Page>)> = Vec::new();
    for (column, leaf) in leaves.iter().filter(|(_, leaf)| page_index::is_indexed(&chunks[leaf.index])) {
        if let Some(pages) = super::guarded(|| page_index::pages(file, leaf, row_group)).flatten() {
            indexed.push((column, pages));
        }
    }
    if indexed.is_empty() {
        return None;
    }
    let mut walk = Walk { next: vec![0; indexed.len()], indexed: &indexed, wider: facts };
    let mut keep: Vec<Range<u64>> = Vec::new();
    let mut all_match = true;
    for piece in pieces(&indexed, facts.rows()) {
        let outcomes = walk.outcomes(&piece, conjuncts);
        if !outcomes.may_be_true() {
            continue;
        }
        all_match &= outcomes.is_always_true();
        match keep.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ => keep.push(piece),
        }
    }
    let pages = indexed.iter().flat_map(|(_, pages)| pages);
    let skipped = pages.clone().filter(|page| !overlaps(&keep, &page.rows)).count() as u64;
    Some(PageVerdict { all_match, pages: pages.count() as u64, pages_skipped: skipped, keep })
}

/// The rows between neighbouring ends of pages of any column.
fn pieces(indexed: &[(&ColumnRef, Vec<Page>)], rows: u64) -> Vec<Range<u64>> {
    let mut ends: Vec<u64> = indexed.iter().flat_map(|(_, pages)| pages.iter().map(|page| page.rows.end)).collect();
    ends.push(rows);
    ends.sort_unstable();
    ends.dedup();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter()).map(|(start, end)| start..*end).filter(|piece| !piece.is_empty()).collect()
}

/// The pages that hold the pieces, which are asked for in ascending order.
struct Walk<'a> {
    indexed: &'a [(&'a ColumnRef, Vec<Page>)],
    next: Vec<usize>,
    wider: &'a RowGroupFacts,
}

impl Walk<'_> {
    fn outcomes(&mut self, piece: &Range<u64>, conjuncts: &[(&Bound, Outcomes)]) -> Outcomes {
        let mut facts: HashMap<&ColumnRef, Facts> = HashMap::with_capacity(self.indexed.len());
        for ((column, pages), next) in self.indexed.iter().zip(&mut self.next) {
            while pages.get(*next).is_some_and(|page| page.rows.end <= piece.start) {
                *next += 1;
            }
            if let Some(page) = pages.get(*next) {
                facts.insert(*column, page.facts.clone().or(&self.wider.facts(column)));
            }
        }
        let facts = PieceFacts { rows: piece.end - piece.start, facts, wider: self.wider };
        let of = |(conjunct, known): &(&Bound, Outcomes)| analyse(conjunct, &facts).agreed(*known);
        conjuncts.iter().map(of).fold(Outcomes::TRUE, Outcomes::and)
    }
}

struct PieceFacts<'a> {
    rows: u64,
    facts: HashMap<&'a ColumnRef, Facts>,
    wider: &'a RowGroupFacts,
}

impl ColumnFacts for PieceFacts<'_> {
    fn rows(&self) -> u64 {
        self.rows
    }

    fn facts(&self, column: &ColumnRef) -> Facts {
        self.facts.get(column).cloned().unwrap_or_else(|| self.wider.facts(column))
    }
}

/// Whether ascending ranges have a row in common with another.
fn overlaps(ranges: &[Range<u64>], rows: &Range<u64>) -> bool {
    let first = ranges.partition_point(|range| range.end <= rows.start);
    ranges.get(first).is_some_and(|range| range.start < rows.end)
}
