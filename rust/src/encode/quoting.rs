//! Which cells of a CSV file are quoted, and how.

use serde::Deserialize;

use super::csv::CsvOptions;
use crate::error::{ErrorCode, Result, SpillwayError};

/// Which cells are quoted; a null never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuoteStyle {
    /// Those that hold a delimiter, a quote or a line's end, are empty, or look like a null.
    #[default]
    Necessary,
    /// All.
    Always,
    /// All of columns that aren't numbers, and those where it is necessary.
    NonNumeric,
    /// None: it is an error where a quote is needed. An empty text is written as a null is.
    Never,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum LineEnding {
    /// `\n`.
    #[default]
    #[serde(rename = "\n")]
    Lf,
    /// `\r\n`.
    #[serde(rename = "\r\n")]
    Crlf,
}

impl LineEnding {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::Crlf => "\r\n",
        }
    }
}

/// The rules of one file.
#[derive(Debug)]
pub(super) struct Quoting {
    style: QuoteStyle,
    quote: char,
    /// Before a quote within a cell: the quote itself where quotes are doubled.
    escape: char,
    null_value: String,
    /// Bytes that a cell without quotes can't hold.
    special: [bool; 256],
}

impl Quoting {
    /// # Errors
    /// `INVALID_ARGUMENT` for characters that aren't one byte, that end a line, or that stand for two things.
    pub(super) fn new(options: &CsvOptions) -> Result<Self> {
        let escape = options.escape.unwrap_or(options.quote);
        let invalid = |message: String| Err(SpillwayError::new(ErrorCode::InvalidArgument, message));
        let mut special = [false; 256];
        for (name, character) in [("delimiter", options.delimiter), ("quote", options.quote), ("escape", escape)] {
            if !character.is_ascii() || matches!(character, '\n' | '\r' | '\0') {
                return invalid(format!(
                    "Cannot write CSV with {name} {character:?}: it must be one ASCII character that ends no line"
                ));
            }
            special[character as usize] = true;
        }
        if options.delimiter == options.quote || options.delimiter == escape {
            return invalid(format!(
                "Cannot write CSV with {:?} as delimiter and as quote or escape; choose another delimiter",
                options.delimiter
            ));
        }
        special[usize::from(b'\n')] = true;
        special[usize::from(b'\r')] = true;
        let quoting = Self {
            style: options.quote_style,
            quote: options.quote,
            escape,
            null_value: options.null_value.clone(),
            special,
        };
        if let Some(found) = quoting.first_special(&options.null_value) {
            return invalid(format!(
                "Cannot write nulls as {:?}: nulls are not quoted, and it holds {found:?}; choose another nullValue",
                options.null_value
            ));
        }
        Ok(quoting)
    }

    /// Quotes the cell that begins at `start` and reaches to the text's end, if it must be.
    ///
    /// # Errors
    /// The first character that needs quotes, where quotes are not allowed.
    pub(super) fn close_cell(&self, text: &mut String, start: usize, is_text: bool) -> std::result::Result<(), char> {
        let cell = &text[start..];
        let wanted = match self.style {
            QuoteStyle::Always => true,
            QuoteStyle::NonNumeric if is_text => true,
            QuoteStyle::NonNumeric | QuoteStyle::Necessary => {
                cell.is_empty() || cell == self.null_value || self.first_special(cell).is_some()
            }
            QuoteStyle::Never => return self.first_special(cell).map_or(Ok(()), Err),
        };
        if wanted {
            self.quote(text, start);
        }
        Ok(())
    }

    fn quote(&self, text: &mut String, start: usize) {
        let cell = text.split_off(start);
        text.reserve(cell.len() + 2);
        text.push(self.quote);
        for character in cell.chars() {
            if character == self.quote || character == self.escape {
                text.push(self.escape);
            }
            text.push(character);
        }
        text.push(self.quote);
    }

    fn first_special(&self, cell: &str) -> Option<char> {
        // All special characters are ASCII, which is no part of another character.
        cell.bytes().find(|byte| self.special[usize::from(*byte)]).map(char::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(options: &CsvOptions, cell: &str, is_text: bool) -> String {
        let mut text = format!("before{cell}");
        Quoting::new(options).expect("quoting").close_cell(&mut text, 6, is_text).expect("cell");
        text.split_off(6)
    }

    #[test]
    fn cells_are_quoted_where_they_would_be_read_as_something_else() {
        let options = CsvOptions::default();
        for plain in ["a", " a ", "a'b", "1.5", "\u{fc}\u{1f600}", "a;b", "\\"] {
            assert_eq!(closed(&options, plain, true), plain);
        }
        for special in ["", "a,b", "a\nb", "a\rb", ",", "\n"] {
            assert_eq!(closed(&options, special, true), format!("\"{special}\""));
        }
        assert_eq!(closed(&options, "say \"hi\"", true), "\"say \"\"hi\"\"\"");
        let null = CsvOptions { null_value: "NULL".into(), ..CsvOptions::default() };
        assert_eq!(closed(&null, "NULL", true), "\"NULL\"");
    }

    #[test]
    fn an_escape_stands_before_quotes_and_before_itself() {
        let options = CsvOptions { escape: Some('\\'), ..CsvOptions::default() };
        assert_eq!(closed(&options, r#"a"b\"#, true), r#""a\"b\\""#);
        assert_eq!(closed(&options, r"a\b", true), r#""a\\b""#);
    }

    #[test]
    fn styles_say_which_other_cells_are_quoted() {
        let styled = |quote_style| CsvOptions { quote_style, ..CsvOptions::default() };
        assert_eq!(closed(&styled(QuoteStyle::Always), "1", false), "\"1\"");
        assert_eq!(closed(&styled(QuoteStyle::NonNumeric), "1", false), "1");
        assert_eq!(closed(&styled(QuoteStyle::NonNumeric), "1", true), "\"1\"");
        assert_eq!(closed(&styled(QuoteStyle::Never), "", true), "");
        let quoting = Quoting::new(&styled(QuoteStyle::Never)).expect("quoting");
        assert_eq!(quoting.close_cell(&mut "a,b".to_owned(), 0, true), Err(','));
    }

    #[test]
    fn characters_that_stand_for_two_things_are_refused() {
        let refused = [
            CsvOptions { delimiter: '"', ..CsvOptions::default() },
            CsvOptions { delimiter: '\n', ..CsvOptions::default() },
            CsvOptions { delimiter: '\u{20ac}', ..CsvOptions::default() },
            CsvOptions { quote: '\r', ..CsvOptions::default() },
            CsvOptions { escape: Some(','), ..CsvOptions::default() },
            CsvOptions { null_value: "a,b".into(), ..CsvOptions::default() },
        ];
        for options in refused {
            assert_eq!(Quoting::new(&options).expect_err("refused").code(), ErrorCode::InvalidArgument, "{options:?}");
        }
    }
}
