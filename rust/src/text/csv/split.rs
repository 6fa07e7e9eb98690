//! Where the last whole record of some bytes ends.

use memchr::{memchr, memchr_iter, memrchr};

use crate::error::Result;
use crate::text::csv::byte_set::{ByteSet, Places};
use crate::text::csv::dialect::{Dialect, after_line_break, count_line_breaks, ends_line};
use crate::text::csv::errors::unclosed_quotes;
use crate::text::format::Split;

/// Splits bytes that begin with a record, as [`crate::text::format::TextFormat::split`] says.
///
/// # Errors
/// Quotes that are open at the end of the file.
pub fn split(dialect: Dialect, bytes: &[u8], first_line: u64, most_records: u64, ended: bool) -> Result<Split> {
    if dialect.quote.is_none_or(|quote| memchr(quote, bytes).is_none()) && !has_lone_return(bytes, ended) {
        return Ok(split_at_feeds(bytes, most_records, ended));
    }
    let quote = dialect.quote.unwrap_or(b'\n');
    let mut places = Places::new(bytes, ByteSet::new([quote, quote, b'\n', b'\r']));
    let (mut split, mut quoted_lines) = (Split::default(), 0);
    while let Some(place) = places.next() {
        if ends_line(bytes[place]) {
            if place + 1 == bytes.len() && bytes[place] == b'\r' && !ended {
                // The other half of a CRLF may come next.
                break;
            }
            let end = after_line_break(bytes, place);
            split = Split { bytes: end, lines: split.lines + quoted_lines + 1, records: split.records + 1 };
            quoted_lines = 0;
            if split.records == most_records {
                return Ok(split);
            }
            places.skip_to(end);
        } else if opens_quotes(dialect, bytes, split.bytes, place) {
            let Some((close, _)) = dialect.closing_quote(bytes, place + 1) else {
                if ended {
                    return Err(unclosed_quotes(first_line + count_line_breaks(&bytes[..place])));
                }
                break;
            };
            quoted_lines += count_line_breaks(&bytes[place..close]);
            places.skip_to(close + 1);
        }
    }
    Ok(if ended { with_rest(split, bytes.len(), quoted_lines) } else { split })
}

/// Whether the quote at `place` begins a cell of the record, or comment, that begins at `start`.
fn opens_quotes(dialect: Dialect, bytes: &[u8], start: usize, place: usize) -> bool {
    let begins_cell = place == start || bytes[place - 1] == dialect.delimiter;
    begins_cell && dialect.comment != Some(bytes[start])
}

/// Whether a CR is a line break of its own. The last byte may be the first half of a CRLF.
fn has_lone_return(bytes: &[u8], ended: bool) -> bool {
    let is_lone = |at: usize| bytes.get(at + 1).map_or(ended, |next| *next != b'\n');
    memchr_iter(b'\r', bytes).any(is_lone)
}

/// Every LF ends a record.
fn split_at_feeds(bytes: &[u8], most_records: u64, ended: bool) -> Split {
    let feeds = memchr_iter(b'\n', bytes).count() as u64;
    if feeds >= most_records {
        let last = memchr_iter(b'\n', bytes).nth(most_records.saturating_sub(1) as usize);
        return Split { bytes: last.map_or(0, |last| last + 1), lines: most_records, records: most_records };
    }
    let end = memrchr(b'\n', bytes).map_or(0, |last| last + 1);
    let split = Split { bytes: end, lines: feeds, records: feeds };
    if ended { with_rest(split, bytes.len(), 0) } else { split }
}

/// The bytes behind the last line break are a record too.
fn with_rest(split: Split, end: usize, lines: u64) -> Split {
    if split.bytes == end {
        return split;
    }
    Split { bytes: end, lines: split.lines + lines, records: split.records + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::csv::records::Records;
    use crate::text::csv::tests::nasty_texts;

    fn dialects() -> [Dialect; 4] {
        let default = Dialect::default();
        [
            default,
            Dialect { escape: Some(b'\\'), ..default },
            Dialect { comment: Some(b'a'), skip_blank_lines: false, ..default },
            Dialect { quote: None, ..default },
        ]
    }

    /// The cells of all records, with the line that each record begins in.
    fn read(dialect: Dialect, text: &str, first_line: u64) -> Option<Vec<(u64, Vec<String>)>> {
        let (mut records, mut cells, mut scratch) = (Records::new(text.as_bytes(), dialect), Vec::new(), String::new());
        let mut all = Vec::new();
        while let Some(start) = records.read(&mut cells).ok()? {
            let line = first_line + count_line_breaks(&text.as_bytes()[..start]);
            all.push((line, cells.drain(..).map(|cell| cell.text(text, dialect, &mut scratch).into()).collect()));
        }
        Some(all)
    }

    /// The same from pieces that are cut from windows of `size` bytes, which grow where a record is longer.
    fn read_pieces(dialect: Dialect, text: &str, size: usize, most: u64) -> Option<Vec<(u64, Vec<String>)>> {
        let (mut all, mut at, mut line, mut window) = (Vec::new(), 0, 1, size);
        while at < text.len() {
            let end = (at + window).min(text.len());
            let split = split(dialect, &text.as_bytes()[at..end], line, most, end == text.len()).ok()?;
            assert!(split.bytes > 0 || end < text.len());
            assert!(split.records <= most);
            let piece = &text[at..at + split.bytes];
            assert_eq!(split.lines, count_line_breaks(piece.as_bytes()));
            let records = read(dialect, piece, line)?;
            assert!(records.len() as u64 <= split.records);
            all.extend(records);
            window = if split.bytes == 0 { window * 2 } else { size };
            at += split.bytes;
            line += split.lines;
        }
        Some(all)
    }

    #[test]
    fn pieces_of_every_size_hold_the_records_of_the_whole() {
        let mut whole_texts = 0;
        for dialect in dialects() {
            for text in nasty_texts(300) {
                let whole = read(dialect, &text, 1);
                whole_texts += usize::from(whole.is_some());
                for size in 1..=text.len().max(1) {
                    for most in [1, 2, u64::MAX] {
                        assert_eq!(read_pieces(dialect, &text, size, most), whole, "{text:?} {size} {most}");
                    }
                }
            }
        }
        assert!(whole_texts > 600, "{whole_texts}");
    }

    #[test]
    fn a_quote_that_nothing_closes_is_told_with_its_line() {
        let dialect = Dialect::default();
        let error = split(dialect, b"a,\"x\ny\"\r\nb,\"c\nd", 5, u64::MAX, true).expect_err("unclosed");
        assert_eq!((error.line(), error.to_string().contains("never closed")), (Some(7), true));
        let whole = split(dialect, b"a,\"x\ny\"\r\nb,\"c\nd", 5, u64::MAX, false).expect("split");
        assert_eq!(whole, Split { bytes: 9, lines: 2, records: 1 });
    }

    #[test]
    fn half_a_line_break_ends_nothing() {
        let dialect = Dialect::default();
        let of = |text: &[u8], ended| split(dialect, text, 1, u64::MAX, ended).expect("split").bytes;
        assert_eq!((of(b"a\r", false), of(b"a\r", true), of(b"a\rb", false), of(b"a\r\nb", false)), (0, 2, 2, 3));
        assert_eq!((of(b"\"a\"\r", false), of(b"\"a\"\r", true), of(b"\"a\"\rb", false)), (0, 4, 4));
    }
}
