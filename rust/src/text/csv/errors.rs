//! What is wrong with a CSV text, and in which line.

use arrow_schema::DataType;

use crate::error::{ErrorCode, SpillwayError};
use crate::text::malformed::quoted;

/// Quotes that nothing closes.
#[must_use]
pub fn unclosed_quotes(line: u64) -> SpillwayError {
    let advice = "close them, or give `quote: null` if quotes mean nothing in this text";
    at_line(line, &format!("the quotes that open in it are never closed; {advice}"))
}

/// A record with another number of cells than there are columns.
#[must_use]
pub fn ragged(line: u64, columns: usize, cells: usize) -> SpillwayError {
    let advice = if cells < columns {
        "write the missing ones, or give `raggedRows: \"fill\"` to have nulls in their place"
    } else {
        "quote a cell that holds the delimiter, or give `raggedRows: \"truncate\"` to leave out what is too much"
    };
    let cells = if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
    let columns = if columns == 1 { "1 column".to_owned() } else { format!("{columns} columns") };
    at_line(line, &format!("it has {cells} for {columns}; {advice}"))
}

/// A cell that is no value of its column's type.
#[must_use]
pub fn bad_cell(line: u64, column: &str, data_type: &DataType, text: &str) -> SpillwayError {
    let advice = "correct it, give the column another type by `types`, or give `onBadCell: \"null\"`";
    let text = quoted(text.as_bytes());
    at_line(line, &format!("{text} in column '{column}' is no {data_type}; {advice}")).at_column(column)
}

/// Bytes that are no text.
#[must_use]
pub fn bad_encoding(line: u64) -> SpillwayError {
    at_line(line, "it is not valid UTF-8; convert the text, or give `encodingErrors: \"replace\"`")
}

/// Two columns of one name.
#[must_use]
pub fn duplicate_name(line: u64, name: &str) -> SpillwayError {
    let advice = format!("give names of your own by `header`, and `skipRows: {line}` to skip these");
    at_line(line, &format!("it is the header, and names two columns '{name}'; {advice}")).at_column(name)
}

fn at_line(line: u64, what: &str) -> SpillwayError {
    SpillwayError::new(ErrorCode::MalformedData, format!("Cannot read line {line}: {what}")).at_line(line)
}
