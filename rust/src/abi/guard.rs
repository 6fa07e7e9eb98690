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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_panic_becomes_an_error_of_this_thread() {
        assert_eq!(guard(-1, || panic!("index out of bounds")), -1);
        let error = last_error().expect("kept");
        assert!(
            error.to_string().contains("index out of bounds")
                || error.cause().is_some_and(|c| c.contains("index out of bounds"))
        );
        let other = std::thread::spawn(|| last_error().is_none()).join();
        assert!(other.expect("joined"));
    }

    #[test]
    fn an_error_is_kept_and_a_value_passes() {
        assert_eq!(guard(0, || Err(SpillwayError::new(ErrorCode::InvalidHandle, "gone"))), 0);
        assert_eq!(last_error().map(|error| error.code()), Some(ErrorCode::InvalidHandle));
        assert_eq!(guard(0, || Ok(7)), 7);
    }
}
