//! The one panic guard of the ABI, and the last error of each thread for calls that have no handle.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::error::{Result, SpillwayError};

static QUIET: Once = Once::new();

thread_local! {
    static LAST_ERROR: RefCell<Option<SpillwayError>> = const { RefCell::new(None) };
}

/// Runs an export's body; an error or a panic is kept for [`last_error`] and turned into `failed`.
pub fn guard<T>(failed: T, body: impl FnOnce() -> Result<T>) -> T {
    // This library has a panic hook of its own; what panics say reaches the caller as an error, so nothing is printed.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
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
