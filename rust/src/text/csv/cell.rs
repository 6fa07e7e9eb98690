//! Where a cell's text is, and what it says.

use crate::text::csv::dialect::Dialect;

const QUOTED: u32 = 1 << 31;
const ESCAPED: u32 = 1 << 30;
const MISSING: u32 = u32::MAX;

/// The most bytes of a piece that cells can be of.
pub const MOST_BYTES: usize = ESCAPED as usize - 1;

/// A cell of a piece: its place in the text, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    start: u32,
    /// The highest bits say that it was quoted, and that it is not its own text.
    length: u32,
}

impl Cell {
    /// A cell that its record does not have.
    pub const MISSING: Self = Self { start: MISSING, length: 0 };

    /// A cell without quotes.
    #[inline]
    #[must_use]
    pub fn plain(start: usize, end: usize) -> Self {
        Self { start: start as u32, length: (end - start) as u32 }
    }

    /// A cell whose text begins behind its opening quote.
    #[must_use]
    pub fn quoted(start: usize, end: usize, escaped: bool) -> Self {
        let plain = Self::plain(start, end);
        Self { length: plain.length | QUOTED | if escaped { ESCAPED } else { 0 }, ..plain }
    }

    /// Whether its record does not have it.
    #[inline]
    #[must_use]
    pub fn is_missing(self) -> bool {
        self.start == MISSING
    }

    /// Whether it was quoted.
    #[inline]
    #[must_use]
    pub fn is_quoted(self) -> bool {
        self.length & QUOTED != 0
    }

    /// The bytes of its text, or a few more.
    #[must_use]
    pub fn bytes(self) -> usize {
        (self.length & !(QUOTED | ESCAPED)) as usize
    }

    /// Where its text begins.
    #[must_use]
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Its text, which is put together in `scratch` where the file says it in another way.
    #[inline]
    #[must_use]
    pub fn text<'a>(self, piece: &'a str, dialect: Dialect, scratch: &'a mut String) -> &'a str {
        let start = self.start as usize;
        let end = start + self.bytes();
        // Missing cells begin behind the piece, and have no text.
        let raw = piece.get(start..end).unwrap_or_default();
        if self.length & ESCAPED == 0 { raw } else { unescaped(raw, dialect, scratch) }
    }
}

/// What a quoted cell says, from behind its opening quote on. Text behind the closing quote belongs to it as it is.
fn unescaped<'a>(raw: &str, dialect: Dialect, scratch: &'a mut String) -> &'a str {
    scratch.clear();
    let bytes = raw.as_bytes();
    let quote = dialect.quote.unwrap_or(b'"');
    let escape = dialect.escape.unwrap_or(quote);
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(quote, escape, rest)) {
        at += found;
        scratch.push_str(&raw[copied..at]);
        copied = at + 1;
        if bytes[at] == quote && bytes.get(at + 1) != Some(&quote) {
            break;
        }
        at += 2;
    }
    scratch.push_str(&raw[copied..]);
    scratch
}
