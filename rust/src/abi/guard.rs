//! The one panic guard of the ABI, and the last error of each thread for calls that have no handle.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Result, SpillwayError};

thread_local! {
    static LAST_ERROR: RefCell<Option<SpillwayError>> = const { RefCell::new(None) };
}

/// Runs an export's body; an error or a panic is kept for [`last_error`] and turned into `failed`.
pub fn guard<T>(failed: T, body: impl FnOnce() -> Result<T>) -> T {
    let caught = catch_unwind(AssertUnwindSafe(body));
    let result = caught.unwrap_or_else(|panic| Err(SpillwayError::from_panic(panic.as_ref())));
    result.unwrap_or_else(|error| {
        LAST_ERROR.with_borrow_mut(|last| *last = Some(error));
        failed
    })
}

/// The error of this thread's last failed call.
pub fn last_error() -> Option<SpillwayError> {
    LAST_ERROR.with_borrow(Clone::clone)
}
