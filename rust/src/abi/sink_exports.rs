//! The exported functions of sinks: batches go in, and files or bytes come out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::abi::exports::{BATCH, EMPTY, END, ERROR, input, output, read_schema, write_numbers};
use crate::abi::guard::guard;
use crate::abi::handles::{self, Object, SinkHandle};
use crate::abi::{import, slot};
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::sink::options::SinkOptions;
use crate::sink::{Event, Queued, Sink, Taken};

/// Opens a sink for a reserved handle, by options, as JSON, for batches of a schema, as an Arrow IPC stream; the handle, or
/// 0 for a failure.
///
/// # Safety
/// `json` points to `json_length` bytes, and `schema` to `schema_length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_sink_open(
    handle: u32,
    json: *const u8,
    json_length: u32,
    schema: *const u8,
    schema_length: u32,
) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let (json, schema) = unsafe { (input(json, json_length), input(schema, schema_length)) };
        let schema = read_schema(schema)?;
        let sink = Sink::open(SinkOptions::from_json(json)?, &schema)?;
        let sink = SinkHandle { sink, schema, error: Mutex::default() };
        handles::insert(handle, Object::Sink(Arc::new(sink)))
    })
}

/// Takes a batch: 1 where there is room for another, 0 where not, -1 for a failure. Native memory by its slots is kept as
/// long as the sink needs it, all else is copied: whoever gave the batch may give its memory back.
///
/// # Safety
/// `batch` points to `length` doubles; the buffers that they describe are as long as they say and nobody writes to them
/// during the call, nor to those with a slot after it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_sink_write(handle: u32, batch: *const f64, length: u32) -> i32 {
    on_sink(handle, |handle| {
        // SAFETY: by the caller's promise.
        let taken = unsafe { import::take(input(batch, length)) }?;
        let schema = Arc::clone(&handle.schema);
        let (bytes, copied_bytes) = (taken.bytes, taken.copied_bytes);
        let room = handle.sink.write(Queued { batch: Box::new(move || taken.batch(&schema)), bytes, copied_bytes })?;
        Ok(i32::from(room))
    })
}

/// Says that no more batches come: 0, or -1 for a failure. The end is waited for with `spw_sink_wait`.
#[unsafe(no_mangle)]
pub extern "C" fn spw_sink_finish(handle: u32) -> i32 {
    on_sink(handle, |handle| handle.sink.finish().map(|()| 0))
}

/// Gives the output up: its files are removed, at the latest when the end is there. Idempotent.
#[unsafe(no_mangle)]
pub extern "C" fn spw_sink_abort(handle: u32) -> i32 {
    guard(ERROR, || {
        if let Ok(handle) = handles::sink(handle) {
            handle.sink.abort();
        }
        Ok(0)
    })
}

/// Whether there is room (1), bytes (2) or the end (3): 1, 0 for not yet, -1 for a failure.
#[unsafe(no_mangle)]
pub extern "C" fn spw_sink_ready(handle: u32, what: u32) -> i32 {
    on_sink(handle, |handle| Ok(i32::from(handle.sink.ready(event(what)?)?)))
}

/// Blocks until that is so, or the sink has failed, or the time is over: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn spw_sink_wait(handle: u32, what: u32, timeout_ms: f64) -> i32 {
    on_sink(handle, |handle| {
        let timeout = Duration::try_from_secs_f64(timeout_ms / 1000.0).unwrap_or_default();
        Ok(i32::from(handle.sink.wait(event(what)?, timeout)))
    })
}

/// Takes encoded bytes: [`BATCH`] with their address, length and slot, [`EMPTY`], [`END`], or [`ERROR`].
///
/// # Safety
/// `numbers` points to `capacity` doubles, of which there are three.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_sink_take(handle: u32, numbers: *mut f64, capacity: u32) -> i32 {
    on_sink(handle, |handle| {
        // SAFETY: by the caller's promise.
        let out = unsafe { output(numbers, capacity) };
        if out.len() < 3 {
            // The slot would be lost, and its bytes with it.
            let message = "Cannot give bytes: there is no room to say where they are";
            return Err(SpillwayError::new(ErrorCode::InvalidArgument, message));
        }
        Ok(match handle.sink.take()? {
            Taken::Nothing => EMPTY,
            Taken::End => END,
            Taken::Bytes(bytes) => {
                let (address, length) = (bytes.as_slice().as_ptr() as usize, bytes.as_slice().len());
                let all = [address as f64, length as f64, slot::export(bytes) as usize as f64];
                write_numbers(all.into_iter(), out);
                BATCH
            }
        })
    })
}

fn event(what: u32) -> Result<Event> {
    match what {
        1 => Ok(Event::Room),
        2 => Ok(Event::Bytes),
        3 => Ok(Event::End),
        _ => Err(SpillwayError::new(ErrorCode::InvalidArgument, format!("Cannot wait for {what} of a sink"))),
    }
}

/// Runs a call on a sink; a failure is kept with the handle.
fn on_sink(handle: u32, body: impl FnOnce(&SinkHandle) -> Result<i32>) -> i32 {
    guard(ERROR, || {
        let sink = handles::sink(handle)?;
        body(&sink).inspect_err(|error| *crate::lock(&sink.error) = Some(error.clone()))
    })
}
