//! What comes before the first record: a byte order mark, lines to skip, and the columns' names.

use std::collections::HashSet;

use memchr::{memchr_iter, memchr2};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::csv::dialect::{after_line_break, count_line_breaks};
use crate::text::csv::errors::{duplicate_name, unclosed_quotes};
use crate::text::csv::options::Header;
use crate::text::csv::records::{Records, Unclosed};
use crate::text::csv::rules::Rules;
use crate::text::format::Head;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads the beginning of a file, as [`crate::text::format::TextFormat::head`] says.
///
/// # Errors
/// A header that is not there, that quotes never close, or that names a column twice.
pub fn head(rules: &Rules, header: &Header, skip_rows: u64, bytes: &[u8], ended: bool) -> Result<Option<Head>> {
    let Some(start) = after_skipped(bytes, skip_rows, ended) else { return Ok(None) };
    let before = |end: usize, names| Head { bytes: end, lines: count_line_breaks(&bytes[..end]), names };
    match header {
        Header::First(false) => {
            // The first record tells how many columns there are: what comes before it must not take its place.
            let record = Records::new(&bytes[start..], rules.dialect).next_record();
            let first = record.map(|record| start + record).or(ended.then_some(bytes.len()));
            Ok(first.map(|first| before(first, None)))
        }
        Header::Names(names) => Ok(Some(before(start, Some(names.clone())))),
        Header::First(true) => {
            let named = read_names(rules, &bytes[start..], 1 + count_line_breaks(&bytes[..start]), ended)?;
            Ok(named.map(|(length, names)| before(start + length, Some(names))))
        }
    }
}

/// Where the text begins, behind a byte order mark and the lines that are skipped; `None` if that is not told yet.
fn after_skipped(bytes: &[u8], skip_rows: u64, ended: bool) -> Option<usize> {
    let mut at = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else if BYTE_ORDER_MARK.starts_with(bytes) && !ended {
        return None;
    } else {
        0
    };
    for _ in 0..skip_rows {
        let Some(end) = memchr2(b'\n', b'\r', &bytes[at..]) else {
            return ended.then_some(bytes.len());
        };
        if is_half_a_break(bytes, at + end, ended) {
            return None;
        }
        at = after_line_break(bytes, at + end);
    }
    Some(at)
}

/// Whether a CR at the end of what is there may be the first half of a CRLF.
fn is_half_a_break(bytes: &[u8], at: usize, ended: bool) -> bool {
    !ended && bytes[at] == b'\r' && at + 1 == bytes.len()
}

/// The first record and its length, with the lines before it that are none.
fn read_names(rules: &Rules, bytes: &[u8], line: u64, ended: bool) -> Result<Option<(usize, Vec<String>)>> {
    let first_line = &bytes[..memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len())];
    // Before cells are made of them, of which each takes more than its byte.
    rules.check_columns(memchr_iter(rules.dialect.delimiter, first_line).count())?;
    let (mut records, mut cells) = (Records::new(bytes, rules.dialect), Vec::new());
    let start = match records.read(&mut cells) {
        Ok(start) => start,
        Err(Unclosed(open)) if ended => return Err(unclosed_quotes(line + count_line_breaks(&bytes[..open]))),
        Err(Unclosed(_)) => return Ok(None),
    };
    let end = records.position();
    let is_whole = end < bytes.len() || bytes.last().is_some_and(|last| *last == b'\n');
    if !ended && (start.is_none() || !is_whole) {
        return Ok(None);
    }
    let Some(start) = start else {
        let message = "Cannot read the header of the CSV: there is no line; give `header` with the columns' names, or leave the file out";
        return Err(SpillwayError::new(ErrorCode::EmptyFile, message));
    };
    let text = rules.decoded(&bytes[..end], line)?;
    rules.check_columns(cells.len())?;
    // Where bytes were replaced, the cells are elsewhere.
    cells.clear();
    Records::new(text.as_bytes(), rules.dialect)
        .read(&mut cells)
        .map_err(|Unclosed(_)| SpillwayError::internal("a header lost its quotes"))?;
    let (mut scratch, mut names) = (String::new(), Vec::with_capacity(cells.len()));
    for (index, cell) in cells.iter().enumerate() {
        let name = rules.text(*cell, &text, &mut scratch);
        names.push(if name.is_empty() { column_name(index) } else { name.to_owned() });
    }
    check_names(&names, line + count_line_breaks(&bytes[..start]))?;
    Ok(Some((end, names)))
}

/// The name of a column that has none.
#[must_use]
pub fn column_name(index: usize) -> String {
    format!("column_{}", index + 1)
}

fn check_names(names: &[String], line: u64) -> Result<()> {
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(duplicate_name(line, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::csv::options::CsvOptions;

    fn rules() -> Rules {
        Rules::new(&CsvOptions { comment: Some('#'), trim: true, ..CsvOptions::default() }).expect("rules")
    }

    fn read(text: &[u8], skip_rows: u64, ended: bool) -> Result<Option<Head>> {
        head(&rules(), &Header::First(true), skip_rows, text, ended)
    }

    /// A head of so many bytes and line breaks, with these names.
    fn head_of(bytes: usize, lines: u64, names: &[&str]) -> Head {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Head { bytes, lines, names: Some(names) }
    }

    #[test]
    fn the_first_record_has_the_names() {
        let head = read(b"\xef\xbb\xbf\r\n#x\"\r\n a ,\"b\r\n\"\"c\",\r\n1,2,3", 0, false).expect("head");
        assert_eq!(head, Some(head_of(25, 4, &["a", "b\r\n\"c", "column_3"])));
    }

    #[test]
    fn lines_are_skipped_whatever_they_hold() {
        let head = read(b"say \"hi\r\rx\n\na,b\n", 3, false).expect("head");
        assert_eq!(head, Some(head_of(16, 5, &["a", "b"])));
        let error = read(b"a\n", 5, true).expect_err("no header");
        assert_eq!(error.code(), ErrorCode::EmptyFile);
    }

    #[test]
    fn more_bytes_are_asked_for_until_the_header_is_whole() {
        let text = b"\xef\xbb\xbfskip\r\na,\"b\r\nc\"\r\n";
        for length in 0..text.len() {
            assert_eq!(read(&text[..length], 1, false).expect("head"), None, "{length}");
        }
        let whole = read(text, 1, false).expect("head");
        assert_eq!(whole, Some(head_of(text.len(), 3, &["a", "b\r\nc"])));
        assert_eq!(read(b"a,b", 0, true).expect("head"), Some(head_of(3, 0, &["a", "b"])));
    }

    #[test]
    fn a_header_that_cannot_be_is_an_error_with_its_line() {
        let duplicate = read(b"\na,b,a\n", 0, true).expect_err("duplicate").to_string();
        assert!(duplicate.contains("line 2") && duplicate.contains("'a'"), "{duplicate}");
        let unclosed = read(b"a\n\n\"b", 1, true).expect_err("unclosed").to_string();
        assert!(unclosed.contains("line 3"), "{unclosed}");
        let invalid = read(b"\na\xff\n", 0, true).expect_err("encoding").to_string();
        assert!(invalid.contains("line 2"), "{invalid}");
    }

    #[test]
    fn names_may_come_from_elsewhere() {
        let of = |header: &Header| head(&rules(), header, 0, b"\xef\xbb\xbf1,2", false).expect("head");
        assert_eq!(of(&Header::First(false)), Some(Head { bytes: 3, lines: 0, names: None }));
        assert_eq!(of(&Header::Names(vec!["a".into()])), Some(head_of(3, 0, &["a"])));
    }

    #[test]
    fn without_a_header_the_first_record_comes_behind_lines_that_are_none() {
        let of = |text: &[u8], ended| head(&rules(), &Header::First(false), 0, text, ended).expect("head");
        assert_eq!(of(b"\r\n#x\n1,2\n", false), Some(Head { bytes: 5, lines: 2, names: None }));
        assert_eq!(of(b"\n#x", false), None);
        assert_eq!(of(b"\n#x", true), Some(Head { bytes: 3, lines: 1, names: None }));
    }
}
