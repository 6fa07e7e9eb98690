//! Large allocations, which may fail: where the allocator has no memory, the standard library would end the process.
//!
//! A failure is a panic, not a result, since buffers are taken in the midst of decoders; every task is guarded against
//! panics anyway. What stays fatal is a small allocation, such as a message or a list: nobody can do without.

use std::panic::panic_any;

use arrow_buffer::{MutableBuffer, i256};

/// The panic of an allocation that failed.
#[derive(Debug)]
pub struct OutOfMemory {
    /// Bytes that were asked for.
    pub bytes: usize,
}

/// An empty buffer of at least that capacity.
#[must_use]
pub fn buffer(capacity: usize) -> MutableBuffer {
    // The widest of Arrow's values, so that the buffer is aligned for all of them.
    let mut memory: Vec<i256> = Vec::new();
    match memory.try_reserve_exact(capacity.div_ceil(size_of::<i256>())) {
        Ok(()) => MutableBuffer::from(memory),
        Err(_) => panic_any(OutOfMemory { bytes: capacity }),
    }
}

/// No bytes, and room for that many.
#[must_use]
pub fn bytes(capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    match bytes.try_reserve_exact(capacity) {
        Ok(()) => bytes,
        Err(_) => panic_any(OutOfMemory { bytes: capacity }),
    }
}

/// That many zeros.
#[must_use]
pub fn zeroed(length: usize) -> Vec<u8> {
    let mut bytes = bytes(length);
    bytes.resize(length, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::error::{ErrorCode, SpillwayError};

    #[test]
    fn what_can_be_had_is_as_large_and_as_aligned_as_asked_for() {
        for bytes in [0, 1, 31, 32, 4096, 1_000_003] {
            let buffer = buffer(bytes);
            assert!(buffer.is_empty() && buffer.capacity() >= bytes && buffer.capacity() < bytes + 32);
            assert_eq!(buffer.as_ptr() as usize % align_of::<i256>(), 0);
            assert_eq!(zeroed(bytes), vec![0; bytes]);
        }
    }

    #[test]
    fn what_can_not_be_had_is_an_error_that_says_how_much_it_was() {
        let failures = [
            catch_unwind(|| drop(buffer(isize::MAX as usize - 64))),
            catch_unwind(|| drop(zeroed(isize::MAX as usize - 64))),
        ];
        for failure in failures {
            let error = SpillwayError::from_panic(failure.expect_err("no memory").as_ref());
            assert_eq!(error.code(), ErrorCode::MemoryLimit);
            assert!(error.to_string().starts_with("Cannot get 9223372036854775743 bytes of memory"), "{error}");
        }
    }
}
