//! The exported functions of pushed input: bytes that JavaScript gives to a scan that reads no file.

use crate::abi::exports::{END, ERROR, input};
use crate::abi::guard::guard;
use crate::abi::handles::{self, Object};
use crate::batch_scan::Pushed;
use crate::error::{ErrorCode, SpillwayError};

/// Outcomes of [`spw_input_push`], beside [`END`] and [`ERROR`].
const FULL: i32 = 0;
const TAKEN: i32 = 1;

/// Lets the bytes of a scan be pushed to a reserved handle; the handle, or 0 for a scan that reads files. `spw_scan_wait`
/// waits for room with it, and `spw_scan_close` forgets it.
#[unsafe(no_mangle)]
pub extern "C" fn spw_input_open(handle: u32, scan: u32) -> u32 {
    guard(0, || {
        let bytes = handles::scan(scan)?.scan.input().ok_or_else(|| {
            SpillwayError::new(ErrorCode::InvalidArgument, "Cannot push bytes to a scan that reads files")
        })?;
        handles::insert(handle, Object::Input(bytes))
    })
}

/// Gives the next bytes, which are copied: 1 when they were taken, 0 where there is no room (wait, and push them again),
/// [`END`] where the scan is over, or [`ERROR`] with what it failed with.
///
/// # Safety
/// `bytes` points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn spw_input_push(handle: u32, bytes: *const u8, length: u32) -> i32 {
    guard(ERROR, || {
        // SAFETY: by the caller's promise.
        let bytes = unsafe { input(bytes, length) };
        Ok(match handles::byte_input(handle)?.push(bytes)? {
            Pushed::Taken => TAKEN,
            Pushed::Full => FULL,
            Pushed::Over => END,
        })
    })
}

/// There are no more bytes: 0. Idempotent.
#[unsafe(no_mangle)]
pub extern "C" fn spw_input_end(handle: u32) -> i32 {
    guard(ERROR, || {
        handles::byte_input(handle)?.end();
        Ok(0)
    })
}
