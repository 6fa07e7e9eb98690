//! Errors of bytes that are no Arrow IPC, or not whole.

use arrow_schema::ArrowError;

use crate::error::{ErrorCode, SpillwayError};

/// Bytes that aren't what Arrow IPC demands; `what` says what is wrong, in a few words.
pub(crate) fn malformed(what: &str) -> SpillwayError {
    let message = format!("Cannot read Arrow IPC: {what}; write it again or restore a good copy");
    SpillwayError::new(ErrorCode::MalformedData, message)
}

/// Bytes that begin as no Arrow IPC does.
pub(crate) fn of_another_format() -> SpillwayError {
    malformed("it begins neither with 'ARROW1' nor with a schema, so that it is of another format")
}

/// Bytes that end early.
pub(crate) fn cut_off() -> SpillwayError {
    let message = "Cannot read Arrow IPC: it ends within a message; it was cut off and must be written again";
    SpillwayError::new(ErrorCode::TruncatedFile, message)
}

/// What arrow says of a message that passed the checks here.
pub(crate) fn undecodable(error: &ArrowError) -> SpillwayError {
    match error {
        ArrowError::NotYetImplemented(_) | ArrowError::MemoryError(_) | ArrowError::OffsetOverflowError(_) => {
            SpillwayError::from_arrow(error)
        }
        _ => malformed("a batch contradicts itself").with_cause(error),
    }
}
