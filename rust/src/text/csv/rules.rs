//! How the cells of a CSV text are read: its options, checked.

use std::borrow::Cow;

use arrow_array::types::DecimalType;
use arrow_cast::parse::Parser;

use crate::error::Result;
use crate::limits::{Limit, ReadLimits};
use crate::text::csv::cell::Cell;
use crate::text::csv::dialect::{Dialect, count_line_breaks};
use crate::text::csv::errors::bad_encoding;
use crate::text::csv::moment::{Clock, date, date_by};
use crate::text::csv::number::{decimal, float};
use crate::text::csv::options::{CsvOptions, EncodingErrors, OnBadCell, RaggedRows};

/// How cells are read.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The bytes that have a meaning.
    pub dialect: Dialect,
    /// What records of another length are.
    pub ragged_rows: RaggedRows,
    /// What cells are that are no values of their column's type.
    pub on_bad_cell: OnBadCell,
    /// Whether numbers have a comma in front of their fraction.
    decimal_comma: bool,
    /// A pattern of days; ISO 8601 when absent.
    date_format: Option<String>,
    /// A pattern of points of time; ISO 8601 when absent.
    pub timestamp_format: Option<String>,
    trim: bool,
    encoding_errors: EncodingErrors,
    empty_is_null: bool,
    /// Those that are not empty.
    null_values: Vec<String>,
    /// What a text may ask for.
    pub limits: ReadLimits,
}

impl Rules {
    /// The rules that the options say.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that contradict each other.
    pub fn new(options: &CsvOptions) -> Result<Self> {
        Ok(Self {
            dialect: options.dialect()?,
            ragged_rows: options.ragged_rows,
            on_bad_cell: options.on_bad_cell,
            decimal_comma: options.decimal_comma,
            date_format: options.date_format.clone(),
            timestamp_format: options.timestamp_format.clone(),
            trim: options.trim,
            encoding_errors: options.encoding_errors,
            empty_is_null: options.null_values.iter().any(String::is_empty),
            null_values: options.null_values.iter().filter(|value| !value.is_empty()).cloned().collect(),
            limits: ReadLimits::default(),
        })
    }

    /// There may be so many columns.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub fn check_columns(&self, columns: usize) -> Result<()> {
        self.limits.check(Limit::Columns, columns as u64, || "the CSV".into())
    }

    /// The characters of bytes that begin with a record, in line `first_line`.
    ///
    /// # Errors
    /// `MALFORMED_DATA` with the line where they are not UTF-8, unless that is replaced.
    pub fn decoded<'a>(&self, bytes: &'a [u8], first_line: u64) -> Result<Cow<'a, str>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(_) if self.encoding_errors == EncodingErrors::Replace => Ok(String::from_utf8_lossy(bytes)),
            Err(error) => Err(bad_encoding(first_line + count_line_breaks(&bytes[..error.valid_up_to()]))),
        }
    }

    /// What a cell says.
    #[inline]
    #[must_use]
    pub fn text<'a>(&self, cell: Cell, piece: &'a str, scratch: &'a mut String) -> &'a str {
        let text = cell.text(piece, self.dialect, scratch);
        if self.trim && !cell.is_quoted() { text.trim_matches([' ', '\t']) } else { text }
    }

    /// The float that a text says.
    #[must_use]
    pub fn float<T: Parser<Native: Into<f64>>>(&self, text: &str) -> Option<T::Native> {
        if self.decimal_comma { float::<T>(&with_point(text)?) } else { float::<T>(text) }
    }

    /// The decimal number that a text says.
    #[must_use]
    pub fn decimal<T: DecimalType>(&self, text: &str, precision: u8, scale: i8) -> Option<T::Native> {
        if self.decimal_comma {
            decimal::<T>(&with_point(text)?, precision, scale)
        } else {
            decimal::<T>(text, precision, scale)
        }
    }

    /// The day that a text says.
    #[must_use]
    pub fn date(&self, text: &str) -> Option<i32> {
        match &self.date_format {
            Some(pattern) => date_by(text, pattern),
            None => date(text),
        }
    }

    /// The point of time that a text says. A day is its first moment.
    #[must_use]
    pub fn timestamp(&self, text: &str, clock: &Clock) -> Option<i64> {
        let timestamp = match &self.timestamp_format {
            Some(pattern) => clock.timestamp_by(text, pattern),
            None => clock.timestamp(text),
        };
        timestamp.or_else(|| clock.midnight(self.date(text)?))
    }

    /// Whether a text stands for null, where it is not quoted text.
    #[inline]
    #[must_use]
    pub fn is_null(&self, text: &str) -> bool {
        if text.is_empty() { self.empty_is_null } else { self.null_values.iter().any(|value| value == text) }
    }
}

/// A number with a point in place of its comma; `None` where it has a point already.
fn with_point(text: &str) -> Option<String> {
    (!text.contains('.')).then(|| text.replace(',', "."))
}
