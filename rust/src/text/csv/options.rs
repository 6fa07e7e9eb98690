//! What a CSV text is said to be, as the caller's JSON says it.

use serde::Deserialize;

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::csv::dialect::{Dialect, ends_line};

/// Where the columns' names come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Header {
    /// From the first record, or, if false, from the columns' numbers: `column_1`.
    First(bool),
    /// From here; the first record is one of values.
    Names(Vec<String>),
}

/// What a record with another number of cells than there are columns is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RaggedRows {
    /// An error.
    #[default]
    Error,
    /// Null where cells are missing, an error where there are too many.
    Fill,
    /// Null where cells are missing, without those that are too many.
    Truncate,
}

/// What a cell is that is no value of its column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBadCell {
    /// An error.
    #[default]
    Error,
    /// Null, and counted.
    Null,
}

/// What bytes are that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodingErrors {
    /// An error.
    #[default]
    Error,
    /// U+FFFD.
    Replace,
}

/// How types are told from values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InferOptions {
    /// Records that are looked at.
    pub rows: u64,
    /// Whether days and points of time are told from text.
    pub dates: bool,
}

impl Default for InferOptions {
    fn default() -> Self {
        Self { rows: 10_000, dates: true }
    }
}

/// Options of reading CSV.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CsvOptions {
    /// Ends a cell.
    pub delimiter: char,
    /// Opens and closes a cell that may hold any text.
    pub quote: Option<char>,
    /// Within quotes, takes the meaning from what follows it. Doubled quotes are one with it and without it.
    pub escape: Option<char>,
    /// Begins a line without cells.
    pub comment: Option<char>,
    /// Where the columns' names come from.
    pub header: Header,
    /// Texts of cells that are null, unless they are quoted text.
    pub null_values: Vec<String>,
    /// Whether spaces and tabs around cells without quotes are left out.
    pub trim: bool,
    /// A strftime pattern of days; ISO 8601 when absent.
    pub date_format: Option<String>,
    /// A strftime pattern of points of time; ISO 8601 when absent.
    pub timestamp_format: Option<String>,
    /// Whether numbers have a comma in front of their fraction.
    pub decimal_comma: bool,
    /// What bytes are that are not UTF-8.
    pub encoding_errors: EncodingErrors,
    /// What records of another length are.
    pub ragged_rows: RaggedRows,
    /// Lines before the header, or before the first record, that are skipped whatever they hold.
    pub skip_rows: u64,
    /// Whether lines without any byte are no records.
    pub skip_blank_lines: bool,
    /// How types are told from values; all columns are text when absent.
    pub infer: Option<InferOptions>,
    /// What cells are that are no values of their column's type.
    pub on_bad_cell: OnBadCell,
    /// All columns, in the file's order: an IPC stream without batches, in hexadecimal.
    pub schema: Option<String>,
    /// Types of some columns, likewise.
    pub types: Option<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: Some('"'),
            escape: None,
            comment: None,
            header: Header::First(true),
            null_values: vec![String::new()],
            trim: false,
            date_format: None,
            timestamp_format: None,
            decimal_comma: false,
            encoding_errors: EncodingErrors::Error,
            ragged_rows: RaggedRows::Error,
            skip_rows: 0,
            skip_blank_lines: true,
            infer: Some(InferOptions::default()),
            on_bad_cell: OnBadCell::Error,
            schema: None,
            types: None,
        }
    }
}

impl CsvOptions {
    /// The bytes that have a meaning.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a character that is not ASCII, that breaks lines, or that has two meanings.
    pub fn dialect(&self) -> Result<Dialect> {
        // An escape that is the quote itself is the doubled quotes that are there anyway.
        let escape = self.escape.filter(|escape| Some(*escape) != self.quote);
        let named =
            [("delimiter", Some(self.delimiter)), ("quote", self.quote), ("escape", escape), ("comment", self.comment)];
        for (index, (name, character)) in named.iter().enumerate() {
            let Some(character) = character else { continue };
            if !character.is_ascii() || ends_line(*character as u8) {
                return Err(invalid(&format!(
                    "{name} is {character:?}, which is not one ASCII character other than a line break"
                )));
            }
            if let Some((other, _)) = named[..index].iter().find(|(_, earlier)| *earlier == Some(*character)) {
                return Err(invalid(&format!("{other} and {name} are both {character:?}; give two characters")));
            }
        }
        let byte = |character: Option<char>| character.map(|character| character as u8);
        if self.decimal_comma && self.delimiter == ',' {
            return Err(invalid(
                "decimalComma is true and commas are delimiters too; give the file's delimiter, such as ';'",
            ));
        }
        Ok(Dialect {
            delimiter: self.delimiter as u8,
            quote: byte(self.quote),
            escape: byte(escape),
            comment: byte(self.comment),
            skip_blank_lines: self.skip_blank_lines,
        })
    }
}

fn invalid(what: &str) -> SpillwayError {
    SpillwayError::new(ErrorCode::InvalidArgument, format!("Cannot read CSV with these options: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> CsvOptions {
        serde_json::from_str(json).expect("options")
    }

    #[test]
    fn what_is_absent_has_its_default_and_null_turns_off() {
        assert_eq!(options("{}"), CsvOptions::default());
        let off = options(r#"{"quote": null, "infer": null, "header": false}"#);
        assert_eq!((off.quote, off.infer, off.header), (None, None, Header::First(false)));
        assert_eq!(options(r#"{"header": ["a"]}"#).header, Header::Names(vec!["a".into()]));
        assert!(serde_json::from_str::<CsvOptions>(r#"{"delimeter": ";"}"#).is_err());
        assert!(serde_json::from_str::<CsvOptions>(r#"{"delimiter": ";;"}"#).is_err());
    }

    #[test]
    fn characters_have_one_meaning_each() {
        assert_eq!(options("{}").dialect().expect("dialect"), Dialect::default());
        assert_eq!(options(r#"{"escape": "\""}"#).dialect().expect("dialect").escape, None);
        for json in [
            r#"{"delimiter": "ä"}"#,
            r#"{"delimiter": "\n"}"#,
            r#"{"quote": ","}"#,
            r#"{"comment": "\""}"#,
            r#"{"escape": ","}"#,
            r#"{"decimalComma": true}"#,
        ] {
            let error = options(json).dialect().expect_err(json);
            assert_eq!(error.code(), ErrorCode::InvalidArgument, "{json}");
        }
        assert!(options(r#"{"decimalComma": true, "delimiter": ";"}"#).dialect().is_ok());
    }
}
