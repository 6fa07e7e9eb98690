//! Slots: who owns a buffer that JavaScript sees.
//!
//! Each exported buffer has a slot on the heap, and the `ArrayBuffer` that shows the buffer owns the slot: the runtime
//! calls the deleter when the buffer's backing store dies, wherever it was moved to. A batch is released by detaching its
//! buffers, which makes the runtime do just that.

use std::ffi::c_void;

use crate::batch::HeldBuffer;

/// A buffer that JavaScript sees.
struct Slot(#[expect(dead_code, reason = "held for its drop")] HeldBuffer);

/// Moves a buffer into a slot and gives the slot's address away; [`free`] takes it back.
pub fn export(buffer: HeldBuffer) -> *mut c_void {
    Box::into_raw(Box::new(Slot(buffer))).cast()
}

/// Frees the slot and its buffer.
///
/// # Safety
/// `slot` came from [`export`], and this is the only call for it; nobody reads the buffer any more.
pub unsafe fn free(slot: *mut c_void) {
    // SAFETY: by the caller's promise this is a slot that nobody else frees.
    drop(unsafe { Box::from_raw(slot.cast::<Slot>()) });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_buffer::MutableBuffer;

    use super::*;
    use crate::batch::StreamMemory;
    use crate::budget::Account;
    use crate::column::ColumnBuffer;

    #[test]
    fn freeing_a_slot_gives_its_bytes_back() {
        let account = Account::new(Some(1 << 20));
        let memory = Arc::new(StreamMemory::unpooled(Arc::clone(&account)));
        let held = |bytes: usize| {
            account.hold(bytes as u64);
            export(HeldBuffer::new(ColumnBuffer::Pooled(MutableBuffer::from_len_zeroed(bytes)), &memory))
        };
        let (first, second) = (held(1024), held(2048));
        assert_eq!(account.held(), 3072);
        // SAFETY: both slots are live, and each is freed once.
        unsafe {
            free(first);
            assert_eq!(account.held(), 2048);
            free(second);
        }
        assert_eq!(account.held(), 0);
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
