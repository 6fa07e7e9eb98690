//! CSV: a line a row, and quotes around what would be read as something else.
//!
//! A null is the bare `nullValue`, and a text that looks like it is quoted: `a,,"",b` holds a null and an empty text, as
//! in `PostgreSQL`'s and `DuckDB`'s CSV. Where a table has one column, an empty `nullValue` is quoted too, since readers
//! skip blank lines; its nulls and empty texts can't be told apart then, unless another `nullValue` is given.

use arrow_array::RecordBatch;
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, SchemaRef};
use serde::Deserialize;

use super::pieces::{Pieces, WINDOW_BYTES, cannot_hold, check_columns, encode_error};
use super::quoting::{LineEnding, QuoteStyle, Quoting};
use super::retype::cast_batch;
use super::values::{TimePatterns, Values, in_utc};
use super::{Encoder, Output};
use crate::error::{ErrorCode, Result, SpillwayError};

/// How a CSV file is written.
///
/// Numbers have all their digits, and floats the fewest that read back as the same; `NaN`, `inf` and `-inf` are these
/// words. Dates, times and durations are in ISO 8601, timestamps with a zone in UTC with a `Z`; binary is in hexadecimal.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CsvOptions {
    /// Whether the first line has the columns' names.
    pub header: bool,
    /// Between the cells of a line.
    pub delimiter: char,
    /// Around cells.
    pub quote: char,
    /// Before a quote within a cell, and before itself; quotes are doubled when absent.
    pub escape: Option<char>,
    /// Which cells are quoted.
    pub quote_style: QuoteStyle,
    /// What a null is written as; never quoted.
    pub null_value: String,
    /// A pattern of dates, such as `%d.%m.%Y`.
    pub date_format: Option<String>,
    /// A pattern of timestamps.
    pub timestamp_format: Option<String>,
    /// A pattern of times.
    pub time_format: Option<String>,
    /// What ends a line.
    pub line_ending: LineEnding,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            header: true,
            delimiter: ',',
            quote: '"',
            escape: None,
            quote_style: QuoteStyle::default(),
            null_value: String::new(),
            date_format: None,
            timestamp_format: None,
            time_format: None,
            line_ending: LineEnding::default(),
        }
    }
}

impl CsvOptions {
    fn patterns(&self) -> TimePatterns<'_> {
        TimePatterns {
            date: self.date_format.as_deref(),
            timestamp: self.timestamp_format.as_deref(),
            time: self.time_format.as_deref(),
        }
    }
}

/// Writes batches as CSV.
#[derive(Debug)]
pub struct CsvEncoder {
    options: CsvOptions,
    quoting: Quoting,
    schema: SchemaRef,
    /// The columns as they are written.
    written: SchemaRef,
    header_due: bool,
    pieces: Pieces,
}

impl CsvEncoder {
    /// An encoder of batches of the schema.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a column of a type that a cell can't hold, `INVALID_ARGUMENT` for options that
    /// contradict each other.
    pub fn new(options: CsvOptions, schema: &SchemaRef) -> Result<Self> {
        let quoting = Quoting::new(&options)?;
        for field in schema.fields() {
            if !fits_a_cell(field.data_type()) {
                let advice = "select its parts, cast it to text, or write NDJSON, Arrow or Parquet";
                return Err(cannot_hold(field.name(), &format!("{}", field.data_type()), "CSV", advice));
            }
        }
        let written = in_utc(schema);
        options.patterns().check(&written)?;
        let header_due = options.header;
        Ok(Self { options, quoting, schema: SchemaRef::clone(schema), written, header_due, pieces: Pieces::default() })
    }

    fn write_header(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if !std::mem::take(&mut self.header_due) || self.schema.fields().is_empty() {
            return Ok(());
        }
        let mut line = String::new();
        for (index, field) in self.schema.fields().iter().enumerate() {
            self.begin_cell(index, &mut line);
            let start = line.len();
            line.push_str(field.name());
            self.quoting.close_cell(&mut line, start, true).map_err(|what| unquoted(field.name(), what))?;
        }
        line.push_str(self.options.line_ending.as_str());
        out.extend_from_slice(line.as_bytes());
        Ok(())
    }

    fn encode(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        let failed = |error| encode_error(&error, "CSV");
        let batch = cast_batch(batch, &self.written).map_err(failed)?;
        let patterns = self.options.patterns();
        let columns = batch.columns().iter().map(|array| {
            Ok(Cells {
                values: Values::try_new(array.as_ref(), patterns).map_err(failed)?,
                nulls: array.logical_nulls(),
                is_text: !array.data_type().is_numeric(),
            })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        // Pieces begin empty.
        let mut text = String::from_utf8(std::mem::take(out)).unwrap_or_default();
        for row in 0..batch.num_rows() {
            for (index, column) in columns.iter().enumerate() {
                self.begin_cell(index, &mut text);
                if column.is_null(row) {
                    self.write_null(columns.len(), &mut text);
                    continue;
                }
                let name = || self.schema.field(index).name();
                let start = text.len();
                column.values.write(row, &mut text).map_err(|error| failed(error).at_column(name()))?;
                self.quoting.close_cell(&mut text, start, column.is_text).map_err(|what| unquoted(name(), what))?;
            }
            text.push_str(self.options.line_ending.as_str());
        }
        *out = text.into_bytes();
        Ok(())
    }

    fn begin_cell(&self, index: usize, text: &mut String) {
        if index > 0 {
            text.push(self.options.delimiter);
        }
    }

    fn write_null(&self, columns: usize, text: &mut String) {
        if columns == 1 && self.options.null_value.is_empty() {
            text.push(self.options.quote);
            text.push(self.options.quote);
        } else {
            text.push_str(&self.options.null_value);
        }
    }
}

impl Encoder for CsvEncoder {
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        check_columns(batches, &self.schema)?;
        if self.schema.fields().is_empty() && batches.iter().any(|batch| batch.num_rows() > 0) {
            let message = "Cannot write rows without columns as CSV: a line would be blank; select at least one column";
            return Err(SpillwayError::new(ErrorCode::UnsupportedFeature, message));
        }
        self.write_header(out.bytes())?;
        self.pieces.encode(batches, out.bytes(), |piece, bytes| self.encode(piece, bytes))
    }

    fn finish(&mut self, out: &mut dyn Output) -> Result<()> {
        self.write_header(out.bytes())
    }

    fn window_bytes(&self) -> Option<usize> {
        Some(WINDOW_BYTES)
    }
}

/// A column of a piece.
struct Cells<'a> {
    values: Values<'a>,
    nulls: Option<NullBuffer>,
    is_text: bool,
}

impl Cells<'_> {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }
}

fn unquoted(column: &str, what: char) -> SpillwayError {
    let message = format!(
        "Cannot write column '{column}' without quotes: a text holds {what:?}; leave out quoteStyle 'never', or \
         choose another delimiter"
    );
    SpillwayError::new(ErrorCode::UnsupportedFeature, message).at_column(column)
}

fn fits_a_cell(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => fits_a_cell(values),
        other => !other.is_nested(),
    }
}

#[cfg(test)]
mod tests;
