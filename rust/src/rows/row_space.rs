//! The scan's rows, numbered from 0: the rows of the chosen row groups one after the other, less offset and limit, less
//! what a predicate's pruning left out.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;

use crate::options::FileWindow;

/// Maps the scan's row numbers to row groups and to the file's row numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSpace {
    parts: Vec<Part>,
    rows: Range<u64>,
}

/// Consecutive rows of a row group: their scan's numbers, and their first row in the row group and in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    row_group: usize,
    rows: Range<u64>,
    first_row: u64,
    first_row_in_file: u64,
    all_match: bool,
}

/// Rows of one row group: a range within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Index of the row group in the file.
    pub row_group: usize,
    /// Rows within the row group.
    pub rows: Range<u64>,
    /// The first of these rows, counted over the whole file.
    pub first_row_in_file: u64,
    /// Whether the scan's predicate is known to be true for all of these rows.
    pub all_match: bool,
}

/// What is kept of a row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Index of the row group in the file.
    pub row_group: usize,
    /// Rows within the row group, ascending.
    pub rows: Vec<Range<u64>>,
    /// Whether the scan's predicate is known to be true for all of them.
    pub all_match: bool,
}

impl RowSpace {
    /// The rows of `row_groups`, ascending, and of these those in the window.
    #[must_use]
    pub fn new(metadata: &ParquetMetaData, row_groups: &[usize], window: FileWindow) -> Self {
        let FileWindow { offset, limit, first_row } = window;
        let mut first_rows = Vec::with_capacity(metadata.num_row_groups());
        let mut total = first_row;
        for row_group in metadata.row_groups() {
            first_rows.push(total);
            total = total.saturating_add(row_group.num_rows().max(0) as u64);
        }
        let mut start = 0_u64;
        let mut parts = Vec::with_capacity(row_groups.len());
        for index in row_groups {
            let end = start + metadata.row_group(*index).num_rows().max(0) as u64;
            parts.push(Part {
                row_group: *index,
                rows: start..end,
                first_row: 0,
                first_row_in_file: first_rows[*index],
                all_match: false,
            });
            start = end;
        }
        let first = offset.min(start);
        let last = limit.map_or(start, |limit| first.saturating_add(limit).min(start));
        Self { parts, rows: first..last }
    }

    /// What is left of these rows where only some of each row group are kept; row groups that `kept` does not name are
    /// left out. The rows are numbered anew.
    #[must_use]
    pub fn keep(&self, kept: &[Kept]) -> Self {
        let mut parts = Vec::new();
        let mut end = 0;
        for span in self.spans(self.rows()) {
            let Some(keep) = kept.iter().find(|keep| keep.row_group == span.row_group) else { continue };
            for range in &keep.rows {
                let (first, last) = (range.start.max(span.rows.start), range.end.min(span.rows.end));
                if first < last {
                    parts.push(Part {
                        row_group: span.row_group,
                        rows: end..end + (last - first),
                        first_row: first,
                        first_row_in_file: span.first_row_in_file + (first - span.rows.start),
                        all_match: keep.all_match,
                    });
                    end += last - first;
                }
            }
        }
        Self { parts, rows: 0..end }
    }

    /// The scan's rows.
    #[must_use]
    pub fn rows(&self) -> Range<u64> {
        self.rows.clone()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row group of a row, and the row's place in it.
    #[must_use]
    pub fn locate(&self, row: u64) -> Option<(usize, u64)> {
        let index = self.parts.partition_point(|part| part.rows.end <= row);
        self.parts.get(index).map(|part| (part.row_group, row - part.rows.start + part.first_row))
    }

    /// The row groups that hold `rows`, each once.
    #[must_use]
    pub fn row_groups(&self, rows: Range<u64>) -> Vec<usize> {
        let mut row_groups: Vec<usize> = self.spans(rows).into_iter().map(|span| span.row_group).collect();
        row_groups.dedup();
        row_groups
    }

    /// The parts of `rows` by row group; empty row groups have none.
    #[must_use]
    pub fn spans(&self, rows: Range<u64>) -> Vec<Span> {
        let first = self.parts.partition_point(|part| part.rows.end <= rows.start);
        let overlapping = self.parts[first..].iter().take_while(|part| part.rows.start < rows.end);
        overlapping
            .filter(|part| !part.rows.is_empty())
            .map(|part| {
                let start = rows.start.max(part.rows.start) - part.rows.start;
                let end = rows.end.min(part.rows.end) - part.rows.start;
                Span {
                    row_group: part.row_group,
                    rows: part.first_row + start..part.first_row + end,
                    first_row_in_file: part.first_row_in_file + start,
                    all_match: part.all_match,
                }
            })
            .collect()
    }

    /// Ends of the parts within the scan's rows, in the scan's numbers.
    pub fn boundaries(&self) -> impl Iterator<Item = u64> + '_ {
        self.parts.iter().map(|part| part.rows.end.min(self.rows.end)).filter(|end| *end > self.rows.start)
    }
}
