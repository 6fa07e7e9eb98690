//! Slots: who owns a buffer that JavaScript sees.
//!
//! Each exported buffer has a slot on the heap, and the `ArrayBuffer` that shows the buffer owns the slot: the runtime
//! calls the deleter when the buffer's backing store dies, wherever it was moved to. A release before that empties the
//! slot, and the deleter then frees only the slot.

use std::ffi::c_void;
use std::sync::Mutex;

use crate::batch::HeldBuffer;

/// A buffer until it is released or collected.
struct Slot(Mutex<Option<HeldBuffer>>);

/// Moves a buffer into a slot and gives the slot's address away; [`free`] takes it back.
pub fn export(buffer: HeldBuffer) -> *mut c_void {
    Box::into_raw(Box::new(Slot(Mutex::new(Some(buffer))))).cast()
}

/// Frees the slot's buffer now and keeps the slot.
///
/// # Safety
/// `slot` came from [`export`] and was not given to [`free`]; nobody reads the buffer any more.
pub unsafe fn release(slot: *mut c_void) {
    // SAFETY: by the caller's promise this is a live slot.
    let slot = unsafe { &*slot.cast::<Slot>() };
    let buffer = crate::lock(&slot.0).take();
    drop(buffer);
}

/// Frees the slot, and its buffer if it was not released.
///
/// # Safety
/// `slot` came from [`export`], and this is the only call for it; nobody reads the buffer any more.
pub unsafe fn free(slot: *mut c_void) {
    // SAFETY: by the caller's promise this is a slot that nobody else frees.
    drop(unsafe { Box::from_raw(slot.cast::<Slot>()) });
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Weak};

    use arrow_buffer::MutableBuffer;

    use super::*;
    use crate::batch::StreamMemory;
    use crate::budget::Account;
    use crate::column::ColumnBuffer;
    use crate::pool::BufferPool;

    #[test]
    fn releasing_gives_the_bytes_back_once_and_freeing_after_it_nothing_more() {
        let account = Account::new(Some(1 << 20));
        let memory =
            Arc::new(StreamMemory { pool: BufferPool::new(0), account: Arc::clone(&account), core: Weak::new() });
        let held = |bytes: usize| {
            account.hold(bytes as u64);
            export(HeldBuffer::new(ColumnBuffer::Pooled(MutableBuffer::from_len_zeroed(bytes)), &memory))
        };
        let (released, collected) = (held(1024), held(2048));
        assert_eq!(account.held(), 3072);
        // SAFETY: both slots are live, and each is freed once.
        unsafe {
            release(released);
            assert_eq!(account.held(), 2048);
            release(released);
            assert_eq!(account.held(), 2048);
            free(released);
            free(collected);
        }
        assert_eq!(account.held(), 0);
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
