//! The exported functions of transforms: the same steps as a scan's, on batches that JavaScript lends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::abi::descriptor;
use crate::abi::exports::{BATCH, EMPTY, ERROR, GROW, UNCHANGED, input, output, read_schema};
use crate::abi::guard::guard;
use crate::abi::handles::{self, Object, TransformHandle};
use crate::abi::import::{self, Lent};
use crate::batches::batch::{Batch, HeldBuffer, StreamMemory};
use crate::batches::column::Column;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::memory::budget::Account;
use crate::pipeline::Step;
use crate::schedule::chunk::SizeReason;
use crate::stats::ScanStats;
use crate::transform::{Transform, Transformed};

/// Makes a transform for a reserved handle, of steps, as JSON, and the schema of its batches, as an Arrow IPC stream; the
/// handle, or 0 for a failure.
///
/// # Safety
/// `json` points to `json_length` bytes, and `schema` to `schema_length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_transform_open(
    handle: u32,
    json: *const u8,
    json_length: u32,
    schema: *const u8,
    schema_length: u32,
) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let (json, schema) = unsafe { (input(json, json_length), input(schema, schema_length)) };
        let invalid = |message: &str, cause: &dyn ToString| {
            SpillwayError::new(ErrorCode::InvalidArgument, message).with_cause(&cause.to_string())
        };
        let json = std::str::from_utf8(json).map_err(|e| invalid("Cannot read the steps: they are not UTF-8", &e))?;
        let steps = Step::list_from_json(json)?;
        let schema = read_schema(schema)?;
        let transform = Transform::new(&schema, &steps)?;
        // Results are of any size and seldom the same, so that none would be filled again.
        let memory = Arc::new(StreamMemory::unpooled(Account::new(None)));
        let transform = TransformHandle { transform, memory, pending: Mutex::default(), error: Mutex::default() };
        handles::insert(handle, Object::Transform(Arc::new(transform)))
    })
}

/// Takes the steps on a batch that is lent: [`BATCH`] with the descriptor of the result, [`UNCHANGED`], [`EMPTY`] where no
/// row passed, [`GROW`] with the needed length, or [`ERROR`]. After [`GROW`] a call that lends nothing gives the result.
///
/// # Safety
/// `lent` points to `lent_length` doubles and `numbers` to `capacity`; the buffers that the former describe are as long as
/// they say, and nobody writes to them during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_transform_apply(
    handle: u32,
    lent: *const f64,
    lent_length: u32,
    numbers: *mut f64,
    capacity: u32,
) -> i32 {
    guard(ERROR, || {
        let handle = handles::transform(handle)?;
        *crate::lock(&handle.error) = None;
        // SAFETY: by the caller's promise.
        let (lent, out) = unsafe { (input(lent, lent_length), output(numbers, capacity)) };
        // SAFETY: by the caller's promise.
        let caught = catch_unwind(AssertUnwindSafe(|| unsafe { apply(&handle, lent, out) }));
        // What is lent was checked, so that a panic is no fault of the batch.
        let outcome = caught.unwrap_or_else(|panic| {
            let panic = SpillwayError::from_panic(panic.as_ref());
            Err(SpillwayError::internal("the steps panicked").with_cause(panic.cause().unwrap_or_default()))
        });
        outcome.inspect_err(|error| *crate::lock(&handle.error) = Some(error.clone()))
    })
}

/// # Safety
/// As [`import::lend`]'s.
unsafe fn apply(handle: &TransformHandle, lent: &[f64], out: &mut [f64]) -> Result<i32> {
    let pending = crate::lock(&handle.pending).take();
    if let (Some(batch), true) = (pending, lent.is_empty()) {
        return Ok(describe(handle, batch, out));
    }
    // SAFETY: by the caller's promise.
    match unsafe { import::lend(lent, handle.transform.input(), |lent| transformed(handle, lent)) }? {
        Ok(batch) => Ok(describe(handle, batch, out)),
        Err(outcome) => Ok(outcome),
    }
}

/// The result as a batch, or the outcome that says why there is none.
fn transformed(handle: &TransformHandle, lent: &Lent) -> Result<std::result::Result<Box<Batch>, i32>> {
    let started = Instant::now();
    let (rows, columns) = match handle.transform.apply(&lent.batch)? {
        Transformed::Unchanged => return Ok(Err(UNCHANGED)),
        Transformed::Empty => return Ok(Err(EMPTY)),
        Transformed::Columns { rows, columns } => (rows, columns),
    };
    let bytes = columns.iter().map(Column::capacity).sum::<usize>() as u64;
    handle.memory.account.hold(bytes);
    let mut batch = Batch {
        sequence: lent.number,
        rows: rows as u64,
        first_row_in_file: lent.first_row,
        bytes,
        decode_ms: started.elapsed().as_secs_f64() * 1000.0,
        reason: SizeReason::Strategy,
        nodes: Vec::new(),
        buffers: Vec::new(),
        dictionaries: Vec::new(),
    };
    for column in columns {
        batch.nodes.extend(column.nodes);
        batch.buffers.extend(column.buffers.into_iter().map(|buffer| HeldBuffer::new(buffer, &handle.memory)));
    }
    Ok(Ok(Box::new(batch)))
}

fn describe(handle: &TransformHandle, batch: Box<Batch>, out: &mut [f64]) -> i32 {
    let needed = descriptor::length(&batch);
    if out.len() < needed {
        if let Some(first) = out.first_mut() {
            *first = needed as f64;
        }
        *crate::lock(&handle.pending) = Some(batch);
        return GROW;
    }
    let account = &handle.memory.account;
    let stats = ScanStats { held_bytes: account.held(), share_bytes: account.share(), ..ScanStats::default() };
    descriptor::write(*batch, &stats, account.consumer_over_share(), out);
    BATCH
}
