//! A scan from opening to its end, and what must be true of any two scans of the same bytes.

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use serde_json::Value;

use crate::abi::{self, Failure, Given, Handle};
use crate::lend;
use crate::shown::Reader;

/// Rows and bytes after which a scan is given up: a few bytes may stand for a billion rows.
const MOST_ROWS: usize = 60_000;
const MOST_BYTES: usize = 16 << 20;

/// What came of a scan.
#[derive(Debug, Default)]
pub struct Outcome {
    pub schema: Option<SchemaRef>,
    /// The schema as an Arrow IPC stream.
    pub schema_bytes: Vec<u8>,
    pub batches: Vec<RecordBatch>,
    pub failure: Option<Failure>,
    /// Whether it was given up before its end.
    pub capped: bool,
    /// What must not be.
    pub problems: Vec<String>,
}

impl Outcome {
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether all rows are there.
    pub fn is_whole(&self) -> bool {
        self.failure.is_none() && !self.capped
    }
}

/// Scans a file, or bytes that are pushed in chunks of so many.
pub fn run(options: &Value, pushed: Option<(&[u8], usize)>) -> Outcome {
    let mut outcome = Outcome::default();
    if let Err(failure) = steps(options, pushed, &mut outcome) {
        let allowed = !matches!(
            failure.code.as_str(),
            "INTERNAL" | "INVALID_HANDLE" | "FILE_CHANGED" | "FILE_NOT_FOUND" | "FILE_ACCESS" | "NOT_A_FILE" | "none"
        );
        if !allowed {
            outcome.problems.push(format!("an error that no file may lead to: {}", failure.text));
        }
        outcome.failure = Some(failure);
    }
    outcome
}

fn steps(options: &Value, pushed: Option<(&[u8], usize)>, outcome: &mut Outcome) -> Result<(), Failure> {
    let scan = abi::open_scan(options)?;
    let mut source = match pushed {
        Some((bytes, chunk)) => Some(Pusher { input: scan.input()?, bytes, chunk, over: false }),
        None => None,
    };
    // Of pushed bytes nothing is known before a batch is asked for.
    let mut pending = if source.is_some() { Some(scan.next(8192.0)?) } else { None };
    while !scan.ready()? {
        step(&scan, source.as_mut())?;
    }
    outcome.schema_bytes = scan.text(abi::TEXT_SCHEMA);
    let schema = match arrow_ipc::reader::StreamReader::try_new(&outcome.schema_bytes[..], None) {
        Ok(reader) => reader.schema(),
        // The crate's reader goes 64 levels deep, apache-arrow's further.
        Err(error) if error.to_string().contains("DepthLimitReached") => {
            outcome.capped = true;
            return Ok(());
        }
        Err(error) => {
            let failure = scan.failure();
            if failure.code == "none" {
                outcome.problems.push(format!("a schema that cannot be read: {error}"));
            }
            return Err(failure);
        }
    };
    outcome.schema = Some(SchemaRef::clone(&schema));
    scan.look_at_texts();
    let (mut reader, mut sequence) = (Reader::new(schema), 0);
    let (mut rows, mut bytes) = (0, 0);
    loop {
        let given = pending.take().map_or_else(|| scan.next(8192.0), Ok);
        match given? {
            Given::End => break,
            Given::Batch(numbers) => {
                if numbers.sequence != sequence {
                    outcome.problems.push(format!("batch {} after {sequence}", numbers.sequence));
                }
                sequence += 1;
                rows += numbers.rows;
                bytes += numbers.bytes;
                match reader.batch(&numbers) {
                    Ok(batch) => outcome.batches.push(batch),
                    Err(cause) => {
                        outcome.problems.push(format!("a batch that is not valid: {cause}"));
                        outcome.capped = true;
                        break;
                    }
                }
                if rows > MOST_ROWS || bytes > MOST_BYTES {
                    outcome.capped = true;
                    break;
                }
            }
            Given::Nothing | Given::Unchanged => step(&scan, source.as_mut())?,
        }
    }
    drop(scan.stats());
    scan.look_at_texts();
    Ok(())
}

struct Pusher<'a> {
    input: Handle,
    bytes: &'a [u8],
    chunk: usize,
    over: bool,
}

/// Pushes the next bytes, or waits.
fn step(scan: &Handle, pusher: Option<&mut Pusher>) -> Result<(), Failure> {
    if let Some(pusher) = pusher.filter(|pusher| !pusher.over) {
        if pusher.bytes.is_empty() {
            pusher.over = true;
            pusher.input.end();
            return Ok(());
        }
        let (chunk, rest) = pusher.bytes.split_at(pusher.chunk.min(pusher.bytes.len()));
        match pusher.input.push(chunk)? {
            1 => pusher.bytes = rest,
            2 => pusher.over = true,
            _ => drop(scan.wait()),
        }
        return Ok(());
    }
    scan.wait();
    Ok(())
}

/// How two scans of the same rows differ, as far as both got.
pub fn difference(a: &Outcome, b: &Outcome, skipped: usize, limit: Option<usize>) -> Option<String> {
    let (Some(schema), Some(other)) = (&a.schema, &b.schema) else { return None };
    let end = limit.map_or(usize::MAX, |limit| skipped.saturating_add(limit));
    let wanted = a.rows().min(end).saturating_sub(skipped);
    if a.is_whole() && b.is_whole() && wanted != b.rows() {
        return Some(format!("{wanted} rows, and then {}", b.rows()));
    }
    let rows = wanted.min(b.rows());
    for (index, field) in other.fields().iter().enumerate() {
        let Ok(at) = schema.index_of(field.name()) else { return Some(format!("no column '{}'", field.name())) };
        if schema.fields().iter().filter(|other| other.name() == field.name()).count() > 1 {
            continue;
        }
        let (Some(one), Some(two)) = (column(a, at), column(b, index)) else { continue };
        let (one, two) = (one.slice(skipped.min(one.len()), rows), two.slice(0, rows));
        if one.data_type() == two.data_type() && one.to_data() != two.to_data() {
            let row = (0..rows).find(|row| one.slice(*row, 1).to_data() != two.slice(*row, 1).to_data());
            return Some(format!(
                "column '{}' of type {} differs at row {row:?} of {rows}",
                field.name(),
                one.data_type()
            ));
        }
    }
    None
}

fn column(outcome: &Outcome, at: usize) -> Option<ArrayRef> {
    let parts: Vec<&dyn Array> = outcome.batches.iter().map(|batch| batch.column(at).as_ref()).collect();
    let whole = if parts.is_empty() { return None } else { arrow_select::concat::concat(&parts).ok()? };
    match whole.data_type() {
        DataType::Dictionary(_, values) => arrow_cast::cast(&whole, values).ok(),
        _ => Some(whole),
    }
}

/// The batches of an outcome after a transform's steps; `None` where the steps make no sense with its columns.
pub fn transformed(outcome: &Outcome, steps: &Value) -> Option<Outcome> {
    let transform = abi::open_transform(steps, &outcome.schema_bytes).ok()?;
    let schema_bytes = transform.text(abi::TEXT_SCHEMA);
    let schema = arrow_ipc::reader::StreamReader::try_new(&schema_bytes[..], None).ok()?.schema();
    let mut after = Outcome {
        schema: Some(SchemaRef::clone(&schema)),
        schema_bytes,
        capped: !outcome.is_whole(),
        ..Outcome::default()
    };
    let mut reader = Reader::new(schema);
    for (number, batch) in outcome.batches.iter().enumerate() {
        let nodes = lend::nodes(batch);
        let numbers = lend::numbers(number, batch.num_rows() as f64, &nodes);
        // SAFETY: the nodes hold the memory.
        match unsafe { transform.apply(&numbers) } {
            Ok(Given::Batch(numbers)) => match reader.batch(&numbers) {
                Ok(batch) => after.batches.push(batch),
                Err(cause) => after.problems.push(format!("a transformed batch that is not valid: {cause}")),
            },
            Ok(Given::Unchanged) => after.batches.push(batch.clone()),
            Ok(Given::Nothing | Given::End) => {}
            Err(failure) => after.problems.push(format!("a transform of sound rows failed: {}", failure.text)),
        }
    }
    Some(after)
}
