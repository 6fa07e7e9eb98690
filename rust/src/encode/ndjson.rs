//! NDJSON: a line a row, with an object of the row's values.

use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_json::writer::{
    Encoder as ValueEncoder, EncoderFactory, EncoderOptions, LineDelimitedWriter, NullableEncoder, WriterBuilder,
    make_encoder,
};
use arrow_schema::{ArrowError, DataType, FieldRef, Fields, SchemaRef};
use serde::Deserialize;

use super::Encoder;
use super::pieces::{WINDOW_BYTES, cannot_hold, check_columns, encode_error, encode_pieces};
use super::retype::cast_batch;
use super::values::{TimePatterns, Values, in_utc};
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
        Ok(Self { options, schema: SchemaRef::clone(schema), written })
    }

    fn encode(&self, batch: &RecordBatch) -> Result<Vec<u8>> {
        let failed = |error| encode_error(&error, "NDJSON");
        let batch = cast_batch(batch, &self.written).map_err(failed)?;
        let exact = Arc::new(ExactValues::default());
        let mut writer: LineDelimitedWriter<Vec<u8>> = self.builder(Arc::clone(&exact)).build(Vec::new());
        writer.write(&batch).map_err(failed)?;
        match exact.failure.get() {
            None => Ok(writer.into_inner()),
            Some((column, error)) => Err(failed(ArrowError::CastError(error.clone())).at_column(column)),
        }
    }

    fn builder(&self, exact: Arc<ExactValues>) -> WriterBuilder {
        let mut builder =
            WriterBuilder::new().with_explicit_nulls(self.options.explicit_nulls).with_encoder_factory(exact);
        if let Some(pattern) = &self.options.date_format {
            builder = builder.with_date_format(pattern.clone()).with_datetime_format(pattern.clone());
        }
        if let Some(pattern) = &self.options.timestamp_format {
            builder = builder.with_timestamp_format(pattern.clone()).with_timestamp_tz_format(pattern.clone());
        }
        if let Some(pattern) = &self.options.time_format {
            builder = builder.with_time_format(pattern.clone());
        }
        builder
    }
}

impl Encoder for NdjsonEncoder {
    fn write(&mut self, batches: &[RecordBatch], out: &mut Vec<u8>) -> Result<()> {
        check_columns(batches, &self.schema)?;
        encode_pieces(batches, out, |piece| self.encode(piece))
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn window_bytes(&self) -> Option<usize> {
        Some(WINDOW_BYTES)
    }
}

/// Encodes what arrow-json by itself would get wrong: it writes the text of an error for a date beyond the calendar, and
/// an empty text for a null within a dictionary.
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
        let encoder: Box<dyn ValueEncoder + 'a> = match array.data_type() {
            data_type if data_type.is_temporal() => {
                let patterns = TimePatterns {
                    date: options.date_format(),
                    timestamp: options.timestamp_format(),
                    time: options.time_format(),
                };
                Box::new(TimeEncoder {
                    column: field.name(),
                    values: Values::try_new(array, &patterns.format_options())?,
                    text: String::new(),
                    failure: Arc::clone(&self.failure),
                })
            }
            DataType::Dictionary(..) => {
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

struct TimeEncoder<'a> {
    column: &'a str,
    values: Values<'a>,
    text: String,
    failure: Arc<OnceLock<(String, String)>>,
}

impl ValueEncoder for TimeEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        self.text.clear();
        let written = self.values.write(row, &mut self.text).map_err(|error| error.to_string());
        // A pattern may hold quotes.
        let written = written.and_then(|()| serde_json::to_writer(out, &self.text).map_err(|error| error.to_string()));
        if let Err(error) = written {
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
