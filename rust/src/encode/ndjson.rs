//! NDJSON: a line a row, with an object of the row's values.

use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StructArray};
use arrow_buffer::NullBuffer;
use arrow_json::writer::{Encoder as ValueEncoder, EncoderFactory, EncoderOptions, NullableEncoder, make_encoder};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, SchemaRef};
use serde::Deserialize;

use super::pieces::{Pieces, WINDOW_BYTES, cannot_hold, check_columns, encode_error};
use super::retype::cast_batch;
use super::values::{TimePatterns, Values, in_utc};
use super::{Encoder, Output};
use crate::error::Result;

/// How an NDJSON file is written.
///
/// Integers and decimals are numbers with all their digits, also beyond 2^53; floats have the fewest digits that read
/// back as the same, and `NaN` and infinities are null. Dates, times and durations are texts in ISO 8601, timestamps with
/// a zone in UTC with a `Z`; binary is in hexadecimal. A map with texts as keys is an object.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NdjsonOptions {
    /// Whether nulls are written; their fields are left out otherwise, of structs and maps too.
    pub explicit_nulls: bool,
    /// A pattern of dates, such as `%d.%m.%Y`.
    pub date_format: Option<String>,
    /// A pattern of timestamps.
    pub timestamp_format: Option<String>,
    /// A pattern of times.
    pub time_format: Option<String>,
}

/// Writes batches as NDJSON.
#[derive(Debug)]
pub struct NdjsonEncoder {
    options: NdjsonOptions,
    schema: SchemaRef,
    /// The columns as they are written.
    written: SchemaRef,
    pieces: Pieces,
}

impl NdjsonEncoder {
    /// An encoder of batches of the schema.
    ///
    /// # Errors
    /// `UNSUPPORTED_FEATURE` for a column that has no form in JSON, `INVALID_ARGUMENT` for a pattern that is none.
    pub fn new(options: NdjsonOptions, schema: &SchemaRef) -> Result<Self> {
        check_names(schema.fields(), None)?;
        for field in schema.fields() {
            check_type(field.data_type(), field.name())?;
        }
        let written = in_utc(schema);
        let patterns = TimePatterns {
            date: options.date_format.as_deref(),
            timestamp: options.timestamp_format.as_deref(),
            time: options.time_format.as_deref(),
        };
        patterns.check(&written)?;
        Ok(Self { options, schema: SchemaRef::clone(schema), written, pieces: Pieces::default() })
    }

    fn encode(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        let failed = |error| encode_error(&error, "NDJSON");
        let batch = cast_batch(batch, &self.written).map_err(failed)?;
        let exact = Arc::new(ExactValues::default());
        let options = self.encoder_options(Arc::clone(&exact));
        let root: FieldRef = Arc::new(Field::new_struct("", batch.schema_ref().fields().clone(), false));
        let rows = StructArray::from(batch);
        let mut encoder = make_encoder(&root, &rows, &options).map_err(failed)?;
        for row in 0..rows.len() {
            encoder.encode(row, out);
            out.push(b'\n');
        }
        match exact.failure.get() {
            None => Ok(()),
            Some((column, error)) => Err(failed(ArrowError::CastError(error.clone())).at_column(column)),
        }
    }

    fn encoder_options(&self, exact: Arc<ExactValues>) -> EncoderOptions {
        let mut options =
            EncoderOptions::default().with_explicit_nulls(self.options.explicit_nulls).with_encoder_factory(exact);
        if let Some(pattern) = &self.options.date_format {
            options = options.with_date_format(pattern.clone()).with_datetime_format(pattern.clone());
        }
        if let Some(pattern) = &self.options.timestamp_format {
            options = options.with_timestamp_format(pattern.clone()).with_timestamp_tz_format(pattern.clone());
        }
        if let Some(pattern) = &self.options.time_format {
            options = options.with_time_format(pattern.clone());
        }
        options
    }
}

impl Encoder for NdjsonEncoder {
    fn write(&mut self, batches: &[RecordBatch], out: &mut dyn Output) -> Result<()> {
        check_columns(batches, &self.schema)?;
        self.pieces.encode(batches, out.bytes(), |piece, bytes| self.encode(piece, bytes))
    }

    fn finish(&mut self, _out: &mut dyn Output) -> Result<()> {
        Ok(())
    }

    fn window_bytes(&self) -> Option<usize> {
        Some(WINDOW_BYTES)
    }
}

/// Encodes what arrow-json by itself would get wrong: it writes the text of an error for a date beyond the calendar, and
/// an empty text for a null within a dictionary. And decimals, for which it takes several times as long.
#[derive(Debug, Default)]
struct ExactValues {
    /// The column and the error of the first value that has no text.
    failure: Arc<OnceLock<(String, String)>>,
}

impl EncoderFactory for ExactValues {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        options: &'a EncoderOptions,
    ) -> std::result::Result<Option<NullableEncoder<'a>>, ArrowError> {
        let patterns = TimePatterns {
            date: options.date_format(),
            timestamp: options.timestamp_format(),
            time: options.time_format(),
        };
        let form = match array.data_type() {
            DataType::Decimal128(..) => Some(Form::Number),
            data_type if data_type.is_temporal() && patterns.is_given_for(data_type) => Some(Form::AnyText),
            data_type if data_type.is_temporal() => Some(Form::PlainText),
            _ => None,
        };
        let encoder: Box<dyn ValueEncoder + 'a> = match (form, array.data_type()) {
            (Some(form), _) => Box::new(TextEncoder {
                column: field.name(),
                form,
                values: Values::try_new(array, patterns)?,
                text: String::new(),
                failure: Arc::clone(&self.failure),
            }),
            (None, DataType::Dictionary(..)) => {
                let dictionary = array.as_any_dictionary();
                let values = dictionary.values();
                // There are no keys to values that are not there: all rows are null.
                let keys = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
                Box::new(DictionaryEncoder { keys, values: make_encoder(field, values.as_ref(), options)? })
            }
            _ => return Ok(None),
        };
        let nulls: Option<NullBuffer> = array.logical_nulls();
        Ok(Some(NullableEncoder::new(encoder, nulls)))
    }
}

/// How a value's text stands in JSON.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// As it is.
    Number,
    /// In quotes, and holds none.
    PlainText,
    /// In quotes, and may hold them, as a pattern may.
    AnyText,
}

/// Encodes values by their text.
struct TextEncoder<'a> {
    column: &'a str,
    form: Form,
    values: Values<'a>,
    text: String,
    failure: Arc<OnceLock<(String, String)>>,
}

impl TextEncoder<'_> {
    fn write(&mut self, row: usize, out: &mut Vec<u8>) -> std::result::Result<(), String> {
        self.text.clear();
        self.values.write(row, &mut self.text).map_err(|error| error.to_string())?;
        match self.form {
            Form::Number => out.extend_from_slice(self.text.as_bytes()),
            Form::PlainText => {
                out.push(b'"');
                out.extend_from_slice(self.text.as_bytes());
                out.push(b'"');
            }
            Form::AnyText => serde_json::to_writer(out, &self.text).map_err(|error| error.to_string())?,
        }
        Ok(())
    }
}

impl ValueEncoder for TextEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        if let Err(error) = self.write(row, out) {
            self.failure.get_or_init(|| (self.column.to_owned(), error));
        }
    }
}

struct DictionaryEncoder<'a> {
    keys: Vec<usize>,
    values: NullableEncoder<'a>,
}

impl ValueEncoder for DictionaryEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        self.values.encode(self.keys[row], out);
    }
}

fn check_names(fields: &Fields, column: Option<&str>) -> Result<()> {
    for (index, field) in fields.iter().enumerate() {
        if fields.iter().take(index).any(|earlier| earlier.name() == field.name()) {
            let column = column.unwrap_or(field.name());
            let what = format!("one of two fields named '{}'", field.name());
            return Err(cannot_hold(column, &what, "NDJSON", "rename one of them"));
        }
    }
    Ok(())
}

fn check_type(data_type: &DataType, column: &str) -> Result<()> {
    use DataType::{
        Dictionary, FixedSizeList, LargeList, LargeListView, LargeUtf8, List, ListView, Map, RunEndEncoded, Struct,
        Union, Utf8, Utf8View,
    };
    match data_type {
        List(item) | LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) => {
            check_type(item.data_type(), column)
        }
        Struct(fields) => {
            check_names(fields, Some(column))?;
            fields.iter().try_for_each(|field| check_type(field.data_type(), column))
        }
        Map(entries, _) => {
            if let Struct(fields) = entries.data_type()
                && let [keys, values] = fields.as_ref()
                && matches!(keys.data_type(), Utf8 | LargeUtf8 | Utf8View)
            {
                return check_type(values.data_type(), column);
            }
            let advice = "cast the keys to text, or write Arrow or Parquet";
            Err(cannot_hold(column, "a map whose keys aren't texts", "NDJSON", advice))
        }
        Dictionary(_, values) => check_type(values, column),
        RunEndEncoded(_, values) => check_type(values.data_type(), column),
        Union(..) => Err(cannot_hold(column, "a union", "NDJSON", "select its parts, or write Arrow")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
