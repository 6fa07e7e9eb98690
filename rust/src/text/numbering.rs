//! The numbers of rows, and which of them are wanted.

use crate::options::ScanOptions;

/// Numbers rows as they come, in order.
#[derive(Debug)]
pub struct Numbering {
    per_file: bool,
    offset: u64,
    /// `None` where there is no limit.
    limit: Option<u64>,
    in_stream: u64,
    in_file: u64,
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
            in_file: 0,
        }
    }

    /// Numbers the next rows.
    pub fn number(&mut self, rows: u64) -> Numbered {
        let skipped = self.offset.min(rows);
        let wanted = self.limit.map_or(rows - skipped, |limit| limit.min(rows - skipped));
        let first = if self.per_file { self.in_file } else { self.in_stream };
        let numbered = Numbered { skipped, wanted, number: first + skipped, in_file: self.in_file + skipped };
        self.offset -= skipped;
        self.limit = self.limit.map(|limit| limit - wanted);
        self.in_stream += rows;
        self.in_file += rows;
        numbered
    }

    /// The next rows are of another file.
    pub fn end_file(&mut self) {
        self.in_file = 0;
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
        assert_eq!(numbering.number(3), Numbered { skipped: 3, wanted: 0, number: 3, in_file: 3 });
        numbering.end_file();
        assert_eq!(numbering.number(5), Numbered { skipped: 2, wanted: 3, number: 5, in_file: 2 });
        assert!(!numbering.is_over());
        assert_eq!(numbering.number(5), Numbered { skipped: 0, wanted: 1, number: 8, in_file: 5 });
        assert!(numbering.is_over());
        assert_eq!(numbering.rows(), 13);
    }

    #[test]
    fn numbers_begin_anew_with_each_file_where_that_is_wanted() {
        let mut numbering = numbering(r#"{"path": "f", "rowIndexPerFile": true}"#);
        assert_eq!(numbering.number(3).number, 0);
        numbering.end_file();
        assert_eq!(numbering.number(3).number, 0);
        assert_eq!(numbering.number(3).number, 3);
    }
}
