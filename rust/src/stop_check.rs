//! What tells long work that nobody waits for its result any more.

use crate::error::{ErrorCode, Result, SpillwayError};

/// Asked between one file and the next, by several threads at once; once it says stop, it goes on to say so.
#[derive(Clone, Copy)]
pub struct StopCheck<'a>(&'a (dyn Fn() -> bool + Sync));

impl<'a> StopCheck<'a> {
    /// A check by a function that tells whether to stop.
    #[must_use]
    pub fn new(stopped: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self(stopped)
    }

    /// A check that never stops anything.
    #[must_use]
    pub fn never() -> StopCheck<'static> {
        StopCheck(&|| false)
    }

    /// Lets work go on, or not.
    ///
    /// # Errors
    /// `INVALID_HANDLE` where it is to stop; nobody gets to see it.
    pub fn check(self) -> Result<()> {
        if (self.0)() {
            return Err(SpillwayError::new(ErrorCode::InvalidHandle, "Cannot open more files: the scan was cancelled"));
        }
        Ok(())
    }
}
