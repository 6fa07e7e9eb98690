//! The records of a text, by the rules of the `csv` crate: quotes open at a cell's start only, and what follows closing
//! quotes up to the cell's end belongs to it as it is.

use memchr::memchr3;

use crate::text::csv::byte_set::Places;
use crate::text::csv::cell::Cell;
use crate::text::csv::dialect::{Dialect, after_line_break, ends_line};

/// Quotes that nothing closes; the place of the opening one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclosed(pub usize);

/// Reads records from first to last.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    bytes: &'a [u8],
    dialect: Dialect,
    places: Places<'a>,
    /// Where the next line begins.
    next: usize,
}

impl<'a> Records<'a> {
    /// The records of `bytes`, which begin with one. The end of the bytes ends the last.
    #[must_use]
    pub fn new(bytes: &'a [u8], dialect: Dialect) -> Self {
        Self { bytes, dialect, places: Places::new(bytes, dialect.structure()), next: 0 }
    }

    /// Where the record that comes next begins, or a line that is none.
    #[must_use]
    pub fn position(&self) -> usize {
        self.next
    }

    /// Appends the cells of the next record to `cells`, and says where it begins; `None` at the end.
    ///
    /// # Errors
    /// Quotes that are open at the end.
    #[inline]
    pub fn read(&mut self, cells: &mut Vec<Cell>) -> Result<Option<usize>, Unclosed> {
        let Some(start) = self.next_record() else { return Ok(None) };
        let mut cell = start;
        while let Some(place) = self.places.next() {
            let byte = self.bytes[place];
            if byte == self.dialect.delimiter {
                cells.push(Cell::plain(cell, place));
                cell = place + 1;
            } else if ends_line(byte) {
                cells.push(Cell::plain(cell, place));
                self.end_record(place);
                return Ok(Some(start));
            } else if place == cell {
                let end = self.read_quoted(place, cells)?;
                if self.bytes.get(end) != Some(&self.dialect.delimiter) {
                    self.end_record(end);
                    return Ok(Some(start));
                }
                cell = end + 1;
                self.places.skip_to(cell);
            }
        }
        cells.push(Cell::plain(cell, self.bytes.len()));
        self.next = self.bytes.len();
        Ok(Some(start))
    }

    /// Where the next record begins, after lines that are none; `None` at the end.
    #[inline]
    pub fn next_record(&mut self) -> Option<usize> {
        loop {
            let first = *self.bytes.get(self.next)?;
            let end = if ends_line(first) && self.dialect.skip_blank_lines {
                self.next
            } else if self.dialect.comment == Some(first) {
                memchr::memchr2(b'\n', b'\r', &self.bytes[self.next..]).map_or(self.bytes.len(), |end| self.next + end)
            } else {
                return Some(self.next);
            };
            self.end_record(end);
        }
    }

    /// The line break at `end`, if there is one, is done.
    #[inline]
    fn end_record(&mut self, end: usize) {
        self.next = if end < self.bytes.len() { after_line_break(self.bytes, end) } else { end };
        self.places.skip_to(self.next);
    }

    /// Appends the cell whose quotes open at `open`, and says where it ends.
    fn read_quoted(&mut self, open: usize, cells: &mut Vec<Cell>) -> Result<usize, Unclosed> {
        let closing = self.dialect.closing_quote(self.bytes, open + 1);
        let (close, escaped) = closing.ok_or(Unclosed(open))?;
        let behind = close + 1;
        if self.bytes.get(behind).is_none_or(|byte| self.dialect.ends_cell(*byte)) {
            cells.push(Cell::quoted(open + 1, close, escaped));
            return Ok(behind);
        }
        let rest = memchr3(self.dialect.delimiter, b'\n', b'\r', &self.bytes[behind..]);
        let end = rest.map_or(self.bytes.len(), |rest| behind + rest);
        cells.push(Cell::quoted(open + 1, end, true));
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::csv::tests::{nasty_texts, oracle};

    fn read(text: &str, dialect: Dialect) -> Result<Vec<Vec<String>>, Unclosed> {
        let (mut records, mut cells, mut scratch) = (Records::new(text.as_bytes(), dialect), Vec::new(), String::new());
        let mut all = Vec::new();
        while records.read(&mut cells)?.is_some() {
            all.push(cells.drain(..).map(|cell| cell.text(text, dialect, &mut scratch).to_owned()).collect());
        }
        Ok(all)
    }

    #[test]
    fn records_are_those_that_the_csv_crate_reads() {
        let mut compared = 0;
        for escape in [None, Some(b'\\')] {
            let dialect = Dialect { escape, ..Dialect::default() };
            for text in nasty_texts(30_000) {
                match read(&text, dialect) {
                    Ok(records) => {
                        assert_eq!(records, oracle(&text, dialect), "{text:?}");
                        compared += 1;
                    }
                    Err(Unclosed(open)) => {
                        let closed = oracle(&text[..open], dialect);
                        assert!(oracle(&text, dialect).len() >= closed.len().max(1), "{text:?}");
                        assert_eq!(text.as_bytes()[open], b'"');
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared}");
    }

    #[test]
    fn comments_are_no_records() {
        let dialect = Dialect { comment: Some(b'#'), ..Dialect::default() };
        let text = "#a,\"b\nx,#y\n#\"\r\n\"#\",z\r\n#";
        assert_eq!(read(text, dialect), Ok(vec![vec!["x".into(), "#y".into()], vec!["#".into(), "z".into()]]));
    }

    #[test]
    fn quotes_mean_nothing_where_there_are_none() {
        let dialect = Dialect { quote: None, ..Dialect::default() };
        assert_eq!(read("\"a,b\"\n\"", dialect), Ok(vec![vec!["\"a".into(), "b\"".into()], vec!["\"".into()]]));
    }

    #[test]
    fn blank_lines_are_records_where_they_are_not_skipped() {
        let dialect = Dialect { skip_blank_lines: false, ..Dialect::default() };
        let one = |text: &str| vec![text.to_owned()];
        assert_eq!(read("\r\na\n\n\r", dialect), Ok(vec![one(""), one("a"), one(""), one("")]));
        assert_eq!(read("", dialect), Ok(vec![]));
    }

    #[test]
    fn quotes_that_nothing_closes_are_found_where_they_open() {
        assert_eq!(read("a\nb,\"c\n\"\"", Dialect::default()), Err(Unclosed(4)));
        let escaping = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        assert_eq!(read("\"a\\\"", escaping), Err(Unclosed(0)));
        assert_eq!(read("\"a\\", escaping), Err(Unclosed(0)));
    }

    #[test]
    fn long_cells_are_read() {
        let long = "x".repeat(3 << 20);
        let text = format!("{long},\"{long}\n\"\"\"\n");
        assert_eq!(read(&text, Dialect::default()), Ok(vec![vec![long.clone(), format!("{long}\n\"")]]));
    }
}
