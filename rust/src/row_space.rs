//! The scan's rows, numbered from 0: the rows of the chosen row groups one after the other, less offset and limit.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;

/// Maps the scan's row numbers to row groups and to the file's row numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSpace {
    row_groups: Vec<Part>,
    rows: Range<u64>,
}

/// A row group's place: its rows in the scan's numbers and its first row in the file's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    row_group: usize,
    rows: Range<u64>,
    first_row_in_file: u64,
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
}

impl RowSpace {
    /// The rows of `row_groups`, ascending; `offset` rows are left out first, then all after `limit`.
    #[must_use]
    pub fn new(metadata: &ParquetMetaData, row_groups: &[usize], offset: u64, limit: Option<u64>) -> Self {
        let mut first_rows = Vec::with_capacity(metadata.num_row_groups());
        let mut total = 0_u64;
        for row_group in metadata.row_groups() {
            first_rows.push(total);
            total += row_group.num_rows().max(0) as u64;
        }
        let mut start = 0_u64;
        let mut parts = Vec::with_capacity(row_groups.len());
        for index in row_groups {
            let end = start + metadata.row_group(*index).num_rows().max(0) as u64;
            parts.push(Part { row_group: *index, rows: start..end, first_row_in_file: first_rows[*index] });
            start = end;
        }
        let first = offset.min(start);
        let last = limit.map_or(start, |limit| first.saturating_add(limit).min(start));
        Self { row_groups: parts, rows: first..last }
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
        let index = self.row_groups.partition_point(|part| part.rows.end <= row);
        self.row_groups.get(index).map(|part| (part.row_group, row - part.rows.start))
    }

    /// The row groups that hold `rows`, and how many rows of the first come before them.
    #[must_use]
    pub fn row_groups(&self, rows: Range<u64>) -> (Vec<usize>, u64) {
        let spans = self.spans(rows);
        let skip = spans.first().map_or(0, |span| span.rows.start);
        (spans.into_iter().map(|span| span.row_group).collect(), skip)
    }

    /// The parts of `rows` by row group; empty row groups have none.
    #[must_use]
    pub fn spans(&self, rows: Range<u64>) -> Vec<Span> {
        let first = self.row_groups.partition_point(|part| part.rows.end <= rows.start);
        let overlapping = self.row_groups[first..].iter().take_while(|part| part.rows.start < rows.end);
        overlapping
            .filter(|part| !part.rows.is_empty())
            .map(|part| {
                let start = rows.start.max(part.rows.start) - part.rows.start;
                let end = rows.end.min(part.rows.end) - part.rows.start;
                Span { row_group: part.row_group, rows: start..end, first_row_in_file: part.first_row_in_file + start }
            })
            .collect()
    }

    /// Ends of the row groups within the scan's rows, in the scan's numbers.
    pub fn boundaries(&self) -> impl Iterator<Item = u64> + '_ {
        self.row_groups.iter().map(|part| part.rows.end.min(self.rows.end)).filter(|end| *end > self.rows.start)
    }
}
