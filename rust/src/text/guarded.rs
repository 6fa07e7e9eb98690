//! Runs what reads text, so that neither a panic nor a file that is changed meanwhile does harm.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::source::Source;

/// Runs `body`; a panic, which no text should raise, becomes an error and not the end of the process.
///
/// # Errors
/// That of `body`; `INTERNAL` for a panic, `MEMORY_LIMIT` for one of an allocation that failed.
pub fn guarded<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let panic = SpillwayError::from_panic(panic.as_ref());
        if panic.code() == ErrorCode::MemoryLimit {
            return Err(panic);
        }
        Err(SpillwayError::internal("reading text panicked").with_cause(panic.cause().unwrap_or_default()))
    })
}

/// Runs `body` on bytes of a file, where they are of one: what comes of them is of no worth if it was changed meanwhile.
///
/// # Errors
/// As [`guarded`]; `FILE_CHANGED`.
pub fn unchanged<T>(source: Option<&Source>, body: impl FnOnce() -> Result<T>) -> Result<T> {
    match source {
        Some(source) => source.checked(guarded(body)),
        None => body(),
    }
}
