//! NDJSON as a text format: one JSON object a line.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{Fields, Schema, SchemaRef};
use memchr::{memchr_iter, memrchr};
use serde::Deserialize;

use crate::error::{Result, SpillwayError};
use crate::files::given_schema::given_schema;
use crate::text::format::{Head, Parsed, Piece, Sample, Split, TextFormat, TextParser, Wanted};
use crate::text::json::columns::object_fields;
use crate::text::json::infer::ObjectKinds;
use crate::text::json::reader::{Kind, Reader, Syntax};
use crate::text::json::value::{Bad, Context, Rules};
use crate::text::malformed::malformed;
use crate::transform::nullable;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Options of NDJSON, as the caller's JSON says them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NdjsonOptions {
    /// Records that the schema is inferred from, at most.
    #[serde(default)]
    infer_rows: Option<u64>,
    /// The schema: an IPC stream without batches, in hexadecimal.
    #[serde(default)]
    schema: Option<String>,
    /// What a field that the schema does not have is.
    #[serde(default)]
    on_unknown_field: OnUnknownField,
    /// What becomes of a record that is no JSON object, or has a value that its column can't hold.
    #[serde(default)]
    on_bad_record: OnBadRecord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnUnknownField {
    #[default]
    Ignore,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnBadRecord {
    #[default]
    Error,
    /// It is left out.
    Skip,
    /// Values that fit no column are null, and all of a record that is no JSON object.
    Null,
}

/// Enough for fields that are seldom there, and read in a few milliseconds.
const DEFAULT_INFER_ROWS: u64 = 10_000;

/// NDJSON.
#[derive(Debug)]
pub struct Ndjson {
    infer_rows: u64,
    schema: Option<SchemaRef>,
    reject_unknown: bool,
    on_bad_record: OnBadRecord,
}

impl Ndjson {
    /// The format with these options.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a schema that can't be read.
    pub fn new(options: &NdjsonOptions) -> Result<Self> {
        Ok(Self {
            infer_rows: options.infer_rows.unwrap_or(DEFAULT_INFER_ROWS),
            schema: options.schema.as_deref().map(nullable_schema).transpose()?,
            reject_unknown: options.on_unknown_field == OnUnknownField::Error,
            on_bad_record: options.on_bad_record,
        })
    }
}

impl TextFormat for Ndjson {
    fn head(&self, bytes: &[u8], ended: bool) -> Result<Option<Head>> {
        if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) && !ended {
            return Ok(None);
        }
        let bytes = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        Ok(Some(Head { bytes, ..Head::default() }))
    }

    fn split(&self, bytes: &[u8], _first_line: u64, most_records: u64, ended: bool) -> Result<Split> {
        let end = match memrchr(b'\n', bytes) {
            _ if ended => bytes.len(),
            Some(at) => at + 1,
            None => return Ok(Split::default()),
        };
        let nth = usize::try_from(most_records.saturating_sub(1)).ok();
        let last = nth.and_then(|nth| memchr_iter(b'\n', &bytes[..end]).nth(nth));
        let (end, lines) = match last {
            Some(at) => (at + 1, most_records),
            None => (end, memchr_iter(b'\n', &bytes[..end]).count() as u64),
        };
        let unended = end > 0 && bytes[end - 1] != b'\n';
        Ok(Split { bytes: end, lines, records: lines + u64::from(unended) })
    }

    fn sample_records(&self) -> u64 {
        if self.schema.is_some() { 0 } else { self.infer_rows.max(1) }
    }

    fn infer(&self, samples: &[Sample<'_>]) -> Result<SchemaRef> {
        if let Some(schema) = &self.schema {
            return Ok(Arc::clone(schema));
        }
        let mut kinds = ObjectKinds::default();
        for sample in samples {
            for (line, bytes) in (sample.first_line..).zip(sample.bytes.split(|byte| *byte == b'\n')) {
                let bytes = bytes.trim_ascii_end();
                match check_record(bytes) {
                    // Noted only once it is known to be whole.
                    Ok(Some(text)) => note_record(text, &mut kinds).map_err(|syntax| bad_syntax(line, syntax, bytes)),
                    Ok(None) => Ok(()),
                    Err(_) if self.on_bad_record != OnBadRecord::Error => Ok(()),
                    Err(syntax) => Err(bad_syntax(line, syntax, bytes)),
                }
                .map_err(|error| sample.path.map_or(error.clone(), |path| error.at_path(path)))?;
            }
        }
        Ok(Arc::new(kinds.schema()?))
    }

    fn parser(&self, schema: &SchemaRef, wanted: &[Wanted]) -> Result<Box<dyn TextParser>> {
        // Types are checked here, not when the first piece is parsed.
        object_fields(schema.fields(), wanted, 0)?;
        let fields: Fields = wanted.iter().map(|wanted| Arc::clone(&wanted.field)).collect();
        let rules = Rules {
            null_bad_values: self.on_bad_record == OnBadRecord::Null,
            reject_unknown: self.reject_unknown,
            schema_given: self.schema.is_some(),
        };
        Ok(Box::new(Parser {
            schema: Arc::clone(schema),
            wanted: wanted.to_vec(),
            batch: Arc::new(Schema::new(fields)),
            rules,
            on_bad_record: self.on_bad_record,
        }))
    }
}

struct Parser {
    schema: SchemaRef,
    wanted: Vec<Wanted>,
    batch: SchemaRef,
    rules: Rules,
    on_bad_record: OnBadRecord,
}

impl TextParser for Parser {
    fn parse(&self, piece: &Piece<'_>) -> Result<Parsed> {
        let most_rows = memchr_iter(b'\n', piece.bytes).count() + 1;
        let mut columns = object_fields(self.schema.fields(), &self.wanted, most_rows)?;
        let mut context = Context { rules: self.rules, ..Context::default() };
        let mut kept = Kept::default();
        let mut nulled_records = 0;
        // Most pieces are all text; else each line is looked at for itself.
        let text = std::str::from_utf8(piece.bytes).ok();
        let mut start = 0;
        let ends = memchr_iter(b'\n', piece.bytes).map(|at| at + 1).chain([piece.bytes.len()]);
        for (line, end) in (piece.first_line..).zip(ends) {
            if piece.is_cancelled() {
                break;
            }
            let bytes = piece.bytes[start..end].trim_ascii_end();
            let record = match text {
                Some(text) => Ok(&text[start..start + bytes.len()]),
                None => std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to())),
            };
            start = end;
            let read = match record.and_then(|text| begin_record(text)) {
                Ok(None) => continue,
                Ok(Some(mut reader)) => {
                    let read = columns.append(&mut reader, &mut context);
                    read.and_then(|()| end_record(&mut reader).map_err(Bad::from))
                }
                Err(syntax) => {
                    columns.append_null();
                    Err(Bad::from(syntax))
                }
            };
            match (read, self.on_bad_record) {
                (Ok(()), _) => kept.push(true),
                (Err(bad), OnBadRecord::Error) => return Err(bad_record(line, bad, bytes)),
                (Err(_), OnBadRecord::Skip) => kept.push(false),
                (Err(_), OnBadRecord::Null) => {
                    nulled_records += 1;
                    kept.push(true);
                }
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(kept.rows));
        let batch =
            RecordBatch::try_new_with_options(Arc::clone(&self.batch), self.in_order(&columns.finish()?), &options);
        let batch = batch.map_err(|e| SpillwayError::internal("records give no batch").with_cause(&e))?;
        Ok(Parsed {
            batch: kept.of(batch)?,
            skipped_records: kept.left_out.len() as u64,
            nulled_values: context.nulled + nulled_records,
        })
    }
}

impl Parser {
    /// Columns in the order in which they are wanted, rather than that of the schema.
    fn in_order(&self, columns: &[ArrayRef]) -> Vec<ArrayRef> {
        let place = |wanted: &Wanted| self.wanted.iter().filter(|other| other.column < wanted.column).count();
        self.wanted.iter().filter_map(|wanted| columns.get(place(wanted)).cloned()).collect()
    }
}

/// Which records are kept of those that were read.
#[derive(Default)]
struct Kept {
    rows: usize,
    left_out: Vec<usize>,
}

impl Kept {
    fn push(&mut self, is_kept: bool) {
        if !is_kept {
            self.left_out.push(self.rows);
        }
        self.rows += 1;
    }

    fn of(&self, batch: RecordBatch) -> Result<RecordBatch> {
        if self.left_out.is_empty() {
            return Ok(batch);
        }
        let mut kept = vec![true; self.rows];
        self.left_out.iter().for_each(|row| kept[*row] = false);
        arrow_select::filter::filter_record_batch(&batch, &BooleanArray::from(kept))
            .map_err(|e| SpillwayError::internal("bad records can't be left out").with_cause(&e))
    }
}

/// A reader within a line's object; `None` for a blank line.
fn begin_record(text: &str) -> std::result::Result<Option<Reader<'_>>, Syntax> {
    let mut reader = Reader::new(text);
    if reader.is_at_end() {
        return Ok(None);
    }
    if reader.peek()? != Kind::Object {
        return Err(Syntax { at: reader.position(), what: "it is no object" });
    }
    reader.begin()?;
    Ok(Some(reader))
}

fn end_record(reader: &mut Reader<'_>) -> std::result::Result<(), Syntax> {
    if reader.is_at_end() {
        return Ok(());
    }
    Err(Syntax { at: reader.position(), what: "something follows the object" })
}

/// A line's text, if it is one object; `None` for a blank line.
fn check_record(bytes: &[u8]) -> std::result::Result<Option<&str>, Syntax> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    let Some(_) = begin_record(text)? else { return Ok(None) };
    let mut reader = Reader::new(text);
    reader.skip(&mut String::new())?;
    end_record(&mut reader)?;
    Ok(Some(text))
}

fn note_record(text: &str, kinds: &mut ObjectKinds) -> std::result::Result<(), Syntax> {
    match begin_record(text)? {
        Some(mut reader) => kinds.add(&mut reader),
        None => Ok(()),
    }
}

fn not_utf8(at: usize) -> Syntax {
    Syntax { at, what: "it is not UTF-8" }
}

fn bad_record(line: u64, bad: Bad, text: &[u8]) -> SpillwayError {
    match bad {
        Bad::Syntax(syntax) => bad_syntax(line, syntax, text),
        Bad::Value { at, column, expected } => {
            let what = format!(
                "column '{column}' holds {expected}, and character {} begins something else",
                character(text, at)
            );
            malformed(line, &what, text).at_column(column)
        }
        Bad::Unknown(column) => {
            malformed(line, &format!("the schema has no column '{column}'"), text).at_column(column)
        }
        Bad::Twice(column) => {
            malformed(line, &format!("the object has column '{column}' more than once"), text).at_column(column)
        }
    }
}

fn bad_syntax(line: u64, Syntax { at, what }: Syntax, text: &[u8]) -> SpillwayError {
    malformed(line, &format!("{what} at character {}", character(text, at)), text)
}

/// The number of a character, from 1.
fn character(text: &[u8], at: usize) -> usize {
    String::from_utf8_lossy(&text[..at.min(text.len())]).chars().count() + 1
}

/// The schema that the caller gives. A record may lack any field, so that all are nullable.
fn nullable_schema(text: &str) -> Result<SchemaRef> {
    let schema = given_schema(text)?;
    let fields: Fields = schema.fields().iter().map(nullable).collect();
    Ok(Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())))
}
