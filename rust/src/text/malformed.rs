//! Errors of text that is not what its format demands.

use crate::error::{ErrorCode, SpillwayError};

/// Most characters of a text that a message quotes.
const MOST_QUOTED: usize = 100;

/// An error about a line, which quotes what stands there: `what` says what is wrong, in a few words.
#[must_use]
pub fn malformed(line: u64, what: &str, text: &[u8]) -> SpillwayError {
    let message = format!("Cannot read line {line}: {what}, in {}", quoted(text));
    SpillwayError::new(ErrorCode::MalformedData, message).at_line(line)
}

/// A text between quotation marks, cut to 100 characters, for messages.
#[must_use]
pub fn quoted(text: &[u8]) -> String {
    // A character has four bytes at most, and one more tells whether anything is cut off.
    let beginning = &text[..text.len().min(4 * (MOST_QUOTED + 1))];
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_end_matches(['\r', '\n']);
    match text.char_indices().nth(MOST_QUOTED) {
        Some((end, _)) => format!("'{}…'", &text[..end]),
        None => format!("'{text}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(quoted(b"short\r\n"), "'short'");
        let long = "ü".repeat(1000);
        assert_eq!(quoted(long.as_bytes()), format!("'{}…'", "ü".repeat(100)));
        assert_eq!(quoted("ü".repeat(100).as_bytes()), format!("'{}'", "ü".repeat(100)));
    }

    #[test]
    fn an_error_has_its_line() {
        let error = malformed(7, "it is no JSON object", b"[1]\n");
        assert_eq!((error.code(), error.line()), (ErrorCode::MalformedData, Some(7)));
        assert_eq!(error.to_string(), "Cannot read line 7: it is no JSON object, in '[1]'");
    }
}
