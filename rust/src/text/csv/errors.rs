//! What is wrong with a CSV text, and where.

use arrow_schema::DataType;

use crate::error::{ErrorCode, SpillwayError};

/// Characters of a cell that a message shows.
const SHOWN: usize = 100;

/// Quotes that nothing closes.
#[must_use]
pub fn unclosed_quotes(line: u64) -> SpillwayError {
    malformed(format!(
        "Cannot read the CSV: the quotes that open in line {line} are never closed; close them, or give `quote: null` if quotes mean nothing in this file"
    ))
}

/// A record with another number of cells than there are columns.
#[must_use]
pub fn ragged(line: u64, columns: usize, cells: usize) -> SpillwayError {
    let advice = if cells < columns {
        "write the missing cells, or give `raggedRows: \"fill\"` to have nulls in their place"
    } else {
        "quote a cell that holds the delimiter, or give `raggedRows: \"truncate\"` to leave out what is too much"
    };
    malformed(format!(
        "Cannot read line {line} of the CSV: it has {cells} cells and the columns are {columns}; {advice}"
    ))
}

/// A cell that is no value of its column's type.
#[must_use]
pub fn bad_cell(line: u64, column: &str, data_type: &DataType, text: &str) -> SpillwayError {
    let text = shown(text);
    malformed(format!(
        "Cannot read '{text}' in line {line} of column '{column}' as {data_type}; correct the cell, give the column another type by `types`, or give `onBadCell: \"null\"`"
    ))
    .at_column(column)
}

/// Bytes that are no text.
#[must_use]
pub fn bad_encoding(line: u64) -> SpillwayError {
    malformed(format!(
        "Cannot read line {line} of the CSV: it is not valid UTF-8; convert the file, or give `encodingErrors: \"replace\"`"
    ))
}

/// A text with its first characters only, on one line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(printable).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, line breaks among them, as escapes.
fn printable(character: char) -> impl Iterator<Item = char> {
    let escaped = character.is_control().then(|| character.escape_default());
    let plain = (!character.is_control()).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

/// An error of what the text says.
#[must_use]
pub fn malformed(message: String) -> SpillwayError {
    SpillwayError::new(ErrorCode::MalformedData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_are_cut_and_line_breaks_shown() {
        assert_eq!(shown("a\nb\0"), "a\\nb\\u{0}");
        assert_eq!(shown(&"ä".repeat(100)), "ä".repeat(100));
        assert_eq!(shown(&"ä".repeat(101)), format!("{}…", "ä".repeat(100)));
    }
}
