//! The numbers of rows, and which of them are wanted.

use std::collections::BTreeMap;

use crate::options::ScanOptions;

/// Numbers rows as they come: those of a file in order, and files in order too where [`ScanOptions::counts_rows`].
#[derive(Debug)]
pub struct Numbering {
    per_file: bool,
    offset: u64,
    /// `None` where there is no limit.
    limit: Option<u64>,
    in_stream: u64,
    /// Rows so far of files that are not numbered to their end.
    in_files: BTreeMap<usize, u64>,
}

/// Which of some rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// Rows that are skipped first.
    pub skipped: u64,
    /// Rows that are wanted behind these.
    pub wanted: u64,
    /// The number of the first wanted row, for a column of numbers.
    pub number: u64,
    /// Its number in its file.
    pub in_file: u64,
}

impl Numbering {
    /// No row has come.
    #[must_use]
    pub fn new(options: &ScanOptions) -> Self {
        Self {
            per_file: options.row_index_per_file,
            offset: options.offset,
            limit: options.limit,
            in_stream: 0,
            in_files: BTreeMap::new(),
        }
    }

    /// Numbers the next rows of a file.
    pub fn number(&mut self, file: usize, rows: u64) -> Numbered {
        let skipped = self.offset.min(rows);
        let wanted = self.limit.map_or(rows - skipped, |limit| limit.min(rows - skipped));
        let in_file = self.in_files.entry(file).or_default();
        let first = if self.per_file { *in_file } else { self.in_stream };
        let numbered = Numbered { skipped, wanted, number: first + skipped, in_file: *in_file + skipped };
        *in_file += rows;
        self.offset -= skipped;
        self.limit = self.limit.map(|limit| limit - wanted);
        self.in_stream += rows;
        numbered
    }

    /// No more rows of a file come.
    pub fn end_file(&mut self, file: usize) {
        self.in_files.remove(&file);
    }

    /// Whether no more rows are wanted.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.limit == Some(0)
    }

    /// Rows that came so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.in_stream
    }

    /// Rows that are still of use, wanted or skipped.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.limit.map_or(u64::MAX, |limit| limit.saturating_add(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(json: &str) -> Numbering {
        Numbering::new(&ScanOptions::from_json(json.as_bytes()).expect("options"))
    }

    #[test]
    fn rows_are_skipped_and_limited_over_files() {
        let mut numbering = numbering(r#"{"path": "f", "offset": 5, "limit": 4}"#);
        assert_eq!(numbering.left(), 9);
        assert_eq!(numbering.number(0, 3), Numbered { skipped: 3, wanted: 0, number: 3, in_file: 3 });
        numbering.end_file(0);
        assert_eq!(numbering.number(1, 5), Numbered { skipped: 2, wanted: 3, number: 5, in_file: 2 });
        assert!(!numbering.is_over());
        assert_eq!(numbering.number(1, 5), Numbered { skipped: 0, wanted: 1, number: 8, in_file: 5 });
        assert!(numbering.is_over());
        assert_eq!(numbering.rows(), 13);
    }

    #[test]
    fn numbers_begin_anew_with_each_file_where_that_is_wanted() {
        let mut numbering = numbering(r#"{"path": "f", "rowIndexPerFile": true}"#);
        assert_eq!(numbering.number(0, 3).number, 0);
        numbering.end_file(0);
        assert_eq!(numbering.number(1, 3).number, 0);
        assert_eq!(numbering.number(1, 3).number, 3);
    }

    #[test]
    fn files_side_by_side_have_numbers_of_their_own() {
        let mut numbering = numbering(r#"{"path": "f", "rowIndex": "row", "rowIndexPerFile": true}"#);
        let numbers = [(4, 3), (2, 5), (4, 1), (2, 2)].map(|(file, rows)| numbering.number(file, rows).number);
        assert_eq!(numbers, [0, 0, 3, 5]);
        assert_eq!(numbering.rows(), 11);
    }
}
