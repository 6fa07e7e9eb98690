//! Panics of encoders as errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{ErrorCode, Result, SpillwayError};

/// Runs `body`; a panic, which a batch that lies about itself may raise, becomes an error.
pub fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let panic = SpillwayError::from_panic(panic.as_ref());
        if panic.code() == ErrorCode::MemoryLimit {
            return Err(panic);
        }
        Err(SpillwayError::internal("encoding panicked").with_cause(panic.cause().unwrap_or_default()))
    })
}
