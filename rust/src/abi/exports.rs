//! The exported functions. Each is a thin call into the crate inside the panic guard.

use std::ffi::c_void;
use std::slice;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_schema::SchemaRef;

use crate::abi::guard::guard;
use crate::abi::handles::{self, Object, ScanHandle};
use crate::abi::{descriptor, slot};
use crate::batch_scan::{BatchScan, Outcome};
use crate::batches::batch::Batch;
use crate::error::{ErrorCode, Result, SpillwayError};
use crate::files::file::ParquetFile;
use crate::files::given_schema;
use crate::memory::budget;
use crate::options::ScanOptions;
use crate::scan::Scan;
use crate::text::scan::TextScan;
use crate::{memory, workers};

/// Outcomes of [`spw_scan_next`], [`spw_scan_ready`], [`spw_scan_wait`] and `spw_transform_apply`.
pub(super) const ERROR: i32 = -1;
pub(super) const EMPTY: i32 = 0;
const READY: i32 = 1;
pub(super) const BATCH: i32 = 1;
pub(super) const END: i32 = 2;
pub(super) const GROW: i32 = 3;
pub(super) const UNCHANGED: i32 = 4;

/// A caller's buffer as a slice; none for a null pointer, or one that no value can be at.
///
/// # Safety
/// `data` is null, or points to `length` values that nobody else writes during the call.
pub(super) unsafe fn input<'a, T>(data: *const T, length: u32) -> &'a [T] {
    if data.is_null() || !data.is_aligned() || length == 0 {
        return &[];
    }
    // SAFETY: by the caller's promise.
    unsafe { slice::from_raw_parts(data, length as usize) }
}

/// A caller's buffer to write to; none for a null pointer, or one that no value can be at.
///
/// # Safety
/// `data` is null, or points to `length` initialised values that nobody else uses during the call.
pub(super) unsafe fn output<'a, T>(data: *mut T, length: u32) -> &'a mut [T] {
    if data.is_null() || !data.is_aligned() {
        return &mut [];
    }
    // SAFETY: by the caller's promise.
    unsafe { slice::from_raw_parts_mut(data, length as usize) }
}

/// A schema that JavaScript sends, as an Arrow IPC stream without batches.
pub(super) fn read_schema(bytes: &[u8]) -> Result<SchemaRef> {
    given_schema::read_schema(bytes).map_err(|error| {
        let message = "Cannot read the schema of the batches: it is no Arrow stream";
        SpillwayError::new(ErrorCode::InvalidArgument, message).with_cause(&error)
    })
}

/// Sets the number of decoding threads; 0 when done, -1 when they run already.
#[unsafe(no_mangle)]
pub extern "C" fn spw_configure(threads: u32) -> i32 {
    guard(ERROR, || workers::configure(threads as usize).map(|()| 0))
}

/// Starts to open a scan for a reserved handle; the handle, or 0 for options that can't be read.
///
/// # Safety
/// `json` points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_scan_open(handle: u32, json: *const u8, length: u32) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let options = ScanOptions::from_json(unsafe { input(json, length) })?;
        let scan = ScanHandle { scan: open_scan(options)?, pending: Mutex::default(), error: Mutex::default() };
        handles::insert(handle, Object::Scan(Arc::new(scan)))
    })
}

fn open_scan(options: ScanOptions) -> Result<Box<dyn BatchScan>> {
    Ok(if options.text.is_some() { Box::new(TextScan::open(options)?) } else { Box::new(Scan::open(options)) })
}

/// Whether the schema is known: 1, 0 for not yet, -1 for a failure.
#[unsafe(no_mangle)]
pub extern "C" fn spw_scan_ready(handle: u32) -> i32 {
    on_scan(handle, |scan| Ok(if scan.scan.schema()?.is_some() { READY } else { EMPTY }))
}

/// Takes the next batch: [`BATCH`] with its descriptor, [`EMPTY`], [`END`], [`GROW`] with the needed length, or [`ERROR`].
///
/// # Safety
/// `numbers` points to `capacity` doubles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_scan_next(handle: u32, chunk_rows: f64, numbers: *mut f64, capacity: u32) -> i32 {
    on_scan(handle, |scan| {
        // SAFETY: by the caller's promise.
        let out = unsafe { output(numbers, capacity) };
        let pending = crate::lock(&scan.pending).take();
        let batch = match pending {
            Some(batch) => batch,
            None => match scan.scan.next((chunk_rows >= 1.0).then_some(chunk_rows as u64))? {
                Outcome::Batch(batch) => batch,
                Outcome::Empty => return Ok(EMPTY),
                Outcome::End => return Ok(END),
            },
        };
        Ok(describe(scan, batch, out))
    })
}

fn describe(scan: &ScanHandle, batch: Box<Batch>, out: &mut [f64]) -> i32 {
    let needed = descriptor::length(&batch);
    if out.len() < needed {
        if let Some(first) = out.first_mut() {
            *first = needed as f64;
        }
        *crate::lock(&scan.pending) = Some(batch);
        return GROW;
    }
    descriptor::write(*batch, &scan.scan.stats(), scan.scan.consumer_over_share(), out);
    BATCH
}

/// Blocks until there is something to do, for an input until there is room, or the time is over: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn spw_scan_wait(handle: u32, timeout_ms: f64) -> i32 {
    guard(ERROR, || {
        let timeout = Duration::try_from_secs_f64(timeout_ms / 1000.0).unwrap_or_default();
        Ok(i32::from(match handles::get(handle)? {
            Object::Input(bytes) => bytes.wait(timeout),
            _ => handles::scan(handle)?.scan.wait(timeout),
        }))
    })
}

/// Stops a scan; batches already given stay valid. Idempotent.
#[unsafe(no_mangle)]
pub extern "C" fn spw_scan_cancel(handle: u32) -> i32 {
    guard(ERROR, || {
        if let Ok(scan) = handles::scan(handle) {
            scan.scan.cancel();
            let pending = crate::lock(&scan.pending).take();
            drop(pending);
        }
        Ok(0)
    })
}

/// Stops a scan, gives up a sink that has not ended, or closes a file or a transform, and forgets its handle. Idempotent.
#[unsafe(no_mangle)]
pub extern "C" fn spw_scan_close(handle: u32) -> i32 {
    close(handle);
    0
}

/// As [`spw_scan_close`].
pub(super) fn close(handle: u32) {
    spw_scan_cancel(handle);
    guard((), || {
        handles::remove(handle);
        Ok(())
    });
}

/// Reserves a handle, and gives the address, the length and the slot of a buffer: once that is freed, the handle is closed.
///
/// # Safety
/// `numbers` points to `capacity` doubles, of which there are three.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_handle_reserve(numbers: *mut f64, capacity: u32) -> u32 {
    guard(0, || {
        let handle = handles::reserve();
        // SAFETY: by the caller's promise.
        write_numbers(slot::lease(handle).into_iter(), unsafe { output(numbers, capacity) });
        Ok(handle)
    })
}

/// Writes a scan's counts; returns how many numbers were written.
///
/// # Safety
/// `numbers` points to `capacity` doubles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_scan_stats(handle: u32, numbers: *mut f64, capacity: u32) -> i32 {
    on_scan(handle, |scan| {
        let stats = scan.scan.stats();
        let counts = [
            stats.rows,
            stats.batches,
            stats.bytes,
            stats.queued_bytes,
            stats.held_bytes,
            stats.peak_bytes,
            stats.share_bytes,
            stats.chunks_in_flight,
        ];
        let more = [
            stats.rows_planned,
            stats.compressed_bytes,
            stats.compressed_bytes_read,
            stats.row_groups,
            stats.reserved_bytes,
        ];
        let last = [
            stats.first_batch_ms,
            stats.threads as f64,
            stats.batches_decoded as f64,
            stats.pool_bytes as f64,
            stats.rows_total as f64,
        ];
        let files = [stats.files, stats.files_opened, stats.files_done, stats.files_ruled_out, stats.files_skipped];
        let bad = [stats.skipped_records, stats.nulled_values];
        let numbers_in_order = counts.into_iter().map(|count| count as f64);
        let all = numbers_in_order.chain([stats.decode_ms]).chain(more.map(|count| count as f64)).chain(last);
        let all = all.chain(files.into_iter().chain(bad).map(|count| count as f64));
        // SAFETY: by the caller's promise.
        Ok(write_numbers(all, unsafe { output(numbers, capacity) }))
    })
}

/// The deleter of an exported buffer, in the form that Bun's `toArrayBuffer` wants.
///
/// # Safety
/// `slot` is a slot of a descriptor, given here once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_buffer_free(_bytes: *mut c_void, slot: *mut c_void) {
    guard((), || {
        if !slot.is_null() {
            // SAFETY: by the caller's promise.
            unsafe { slot::free(slot) };
        }
        Ok(())
    });
}

/// Opens a file for its facts, for a reserved handle; the handle, or 0 for a failure.
///
/// # Safety
/// `json` points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_file_open(handle: u32, json: *const u8, length: u32) -> u32 {
    guard(0, || {
        // SAFETY: by the caller's promise.
        let options = ScanOptions::from_json(unsafe { input(json, length) })?;
        let file = Arc::new(ParquetFile::open(options.first_path(), options.file_options())?);
        handles::insert(handle, Object::File(Arc::new((file, options))))
    })
}

/// Writes the process's memory numbers, as many as there is room for; returns how many were written. Those behind the sixth
/// are asked of the system each time, which takes a tenth of a millisecond.
///
/// # Safety
/// `numbers` points to `capacity` doubles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_memory(numbers: *mut f64, capacity: u32) -> i32 {
    guard(ERROR, || {
        // SAFETY: by the caller's promise.
        let out = unsafe { output(numbers, capacity) };
        let kept = [
            memory::available_bytes() as f64,
            memory::default_limit_bytes() as f64,
            memory::total_bytes() as f64,
            budget::bytes_in_use() as f64,
            budget::active_streams() as f64,
            memory::tracked_bytes() as f64,
        ];
        if out.len() <= kept.len() {
            return Ok(write_numbers(kept.into_iter(), out));
        }
        let usage = memory::current_usage();
        let asked = [
            usage.total as f64,
            usage.anonymous as f64,
            usage.file_backed as f64,
            memory::pressure_some_avg10(),
            memory::thread_count() as f64,
        ];
        Ok(write_numbers(kept.into_iter().chain(asked), out))
    })
}

/// Adds to the bytes that the user tracks; negative to subtract.
#[unsafe(no_mangle)]
pub extern "C" fn spw_memory_track(bytes: f64) -> i32 {
    guard(ERROR, || {
        memory::track(bytes as i64);
        Ok(0)
    })
}

/// Sets the limit that streams without their own share; 0 for a quarter of what is available.
#[unsafe(no_mangle)]
pub extern "C" fn spw_memory_set_limit(bytes: f64) -> i32 {
    guard(ERROR, || {
        memory::set_limit(bytes as u64);
        Ok(0)
    })
}

/// Runs a call on a scan; a failure is kept with the handle.
fn on_scan(handle: u32, body: impl FnOnce(&ScanHandle) -> Result<i32>) -> i32 {
    guard(ERROR, || {
        let scan = handles::scan(handle)?;
        body(&scan).inspect_err(|error| *crate::lock(&scan.error) = Some(error.clone()))
    })
}

/// Writes numbers to a caller's buffer, as many as fit; returns how many.
pub(super) fn write_numbers(numbers: impl Iterator<Item = f64>, out: &mut [f64]) -> i32 {
    out.iter_mut().zip(numbers).map(|(place, number)| *place = number).count() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::text_exports::{TEXT_ERROR, spw_text};

    fn error_code(handle: u32) -> String {
        let mut text = vec![0; 4096];
        // SAFETY: the buffer is as long as it is said to be.
        let length = unsafe { spw_text(handle, TEXT_ERROR, text.as_mut_ptr(), 4096) } as usize;
        let json: serde_json::Value = serde_json::from_slice(&text[..length]).expect("JSON");
        json["code"].as_str().expect("code").to_owned()
    }

    #[test]
    fn stale_and_invented_handles_are_errors() {
        let mut numbers = [0.0; 8];
        for handle in [0, 12_345_678, u32::MAX] {
            // SAFETY: the buffer is as long as it is said to be.
            assert_eq!(unsafe { spw_scan_next(handle, 0.0, numbers.as_mut_ptr(), 8) }, ERROR);
            assert_eq!(error_code(handle), "INVALID_HANDLE");
            assert_eq!(spw_scan_wait(handle, 0.0), ERROR);
            assert_eq!(spw_scan_ready(handle), ERROR);
            assert_eq!(spw_scan_cancel(handle), 0);
            assert_eq!(spw_scan_close(handle), 0);
        }
    }

    #[test]
    fn bad_options_and_missing_files_are_told_apart() {
        let json = b"{\"path\": 1}";
        // SAFETY: the JSON is as long as it is said to be.
        assert_eq!(unsafe { spw_scan_open(handles::reserve(), json.as_ptr(), json.len() as u32) }, 0);
        assert_eq!(error_code(0), "INVALID_ARGUMENT");
        let json = br#"{"path": "/nowhere/at-all.parquet"}"#;
        // SAFETY: as above.
        let handle = unsafe { spw_scan_open(handles::reserve(), json.as_ptr(), json.len() as u32) };
        assert_ne!(handle, 0);
        assert_eq!(spw_scan_wait(handle, 10_000.0), 1);
        assert_eq!(spw_scan_ready(handle), ERROR);
        assert_eq!(error_code(handle), "FILE_NOT_FOUND");
        assert_eq!(spw_scan_close(handle), 0);
        // SAFETY: as above.
        assert_eq!(unsafe { spw_file_open(handles::reserve(), json.as_ptr(), json.len() as u32) }, 0);
        assert_eq!(error_code(0), "FILE_NOT_FOUND");
    }

    #[test]
    fn a_schema_that_declares_more_bytes_than_there_are_is_an_error() {
        for start in [&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..], &[0xff, 0xff, 0xff, 0x7f]] {
            let error = read_schema(&[start, &[0; 8]].concat()).expect_err("early");
            assert_eq!(error.code(), ErrorCode::InvalidArgument);
            assert!(error.cause().is_some_and(|cause| cause.contains("ends before its schema")), "{error:?}");
        }
    }

    #[test]
    fn null_buffers_are_taken_as_empty() {
        // SAFETY: null is allowed.
        unsafe {
            assert_eq!(spw_scan_open(handles::reserve(), std::ptr::null(), 100), 0);
            assert_eq!(spw_memory(std::ptr::null_mut(), 100), 0);
            spw_buffer_free(std::ptr::null_mut(), std::ptr::null_mut());
        }
    }

    #[test]
    fn buffers_at_odd_addresses_are_taken_as_empty() {
        let mut numbers = [7.0_f64; 4];
        let odd = numbers.as_mut_ptr().wrapping_byte_add(1);
        // SAFETY: three doubles would lie there; none is read or written.
        assert_eq!(unsafe { spw_memory(odd, 3) }, 0);
        assert!(numbers.iter().all(|number| number.to_bits() == 7.0_f64.to_bits()));
    }

    #[test]
    fn absurd_time_outs_do_not_panic() {
        for timeout in [f64::NAN, -1.0, f64::INFINITY] {
            assert_eq!(spw_scan_wait(0, timeout), ERROR);
        }
    }
}
