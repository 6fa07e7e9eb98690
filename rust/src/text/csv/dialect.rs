//! Which bytes of a CSV text have a meaning.

use crate::text::csv::byte_set::ByteSet;

/// The special bytes of a text, all of them ASCII, so that none is within another character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Ends a cell.
    pub delimiter: u8,
    /// Opens a cell that may hold any text, where a cell begins with it, and closes it.
    pub quote: Option<u8>,
    /// Within quotes, takes the meaning from the byte behind it.
    pub escape: Option<u8>,
    /// Begins a line without cells.
    pub comment: Option<u8>,
    /// Whether a line without any byte is no record.
    pub skip_blank_lines: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, skip_blank_lines: true }
    }
}

impl Dialect {
    /// What ends a cell that is not quoted, and what may open a quoted one.
    #[must_use]
    pub fn structure(&self) -> ByteSet {
        ByteSet::new([self.delimiter, self.quote.unwrap_or(b'\n'), b'\n', b'\r'])
    }

    /// Whether a byte ends a cell that is not quoted.
    #[must_use]
    pub fn ends_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || ends_line(byte)
    }

    /// Where the quotes close that a quote before `from` opened; `None` where they don't. The second value says whether
    /// what is between them holds more than its own text: doubled quotes or escapes.
    #[must_use]
    pub fn closing_quote(&self, bytes: &[u8], from: usize) -> Option<(usize, bool)> {
        let quote = self.quote?;
        let escape = self.escape.unwrap_or(quote);
        let (mut at, mut escaped) = (from, false);
        loop {
            at += memchr::memchr2(quote, escape, bytes.get(at..)?)?;
            let is_escape = bytes[at] != quote;
            if !is_escape && bytes.get(at + 1) != Some(&quote) {
                return Some((at, escaped));
            }
            escaped = true;
            at += 2;
        }
    }
}

/// Whether a byte ends a line, alone or as a part of CRLF.
#[must_use]
pub const fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the line break at `at` ends: CRLF is one.
#[must_use]
pub fn after_line_break(bytes: &[u8], at: usize) -> usize {
    if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 }
}

/// Line breaks in `bytes`, as editors count them: CRLF, LF, and CR alone.
#[must_use]
pub fn count_line_breaks(bytes: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}
