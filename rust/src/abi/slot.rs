//! Slots: who owns a buffer that JavaScript sees.
//!
//! Each exported buffer has a slot on the heap, and the `ArrayBuffer` that shows the buffer owns the slot: the runtime
//! calls the deleter when the buffer's backing store dies, wherever it was moved to. A batch is released by detaching its
//! buffers, which makes the runtime do just that.
//!
//! A handle may have a slot too. A worker that is ended runs no code any more, no finalizers either, but its buffers die:
//! with the lease of a handle, what the handle stands for is closed.

use std::ffi::c_void;
use std::sync::Arc;

use memmap2::MmapMut;

use crate::abi::exports::close;
use crate::batches::batch::HeldBuffer;

/// What a slot holds.
pub enum Slot {
    /// A buffer that JavaScript sees.
    Buffer(HeldBuffer),
    /// A handle that nobody uses any more once the slot is freed.
    Lease(Lease),
    /// Memory that a runtime counts and nobody touches, so that it takes none.
    Ballast(MmapMut),
}

/// Closes a handle when it is dropped. Its bytes are there only since no buffer shows none.
pub struct Lease {
    handle: u32,
    shown: [u8; 1],
}

impl Drop for Lease {
    fn drop(&mut self) {
        close(self.handle);
    }
}

impl Slot {
    /// The bytes that JavaScript sees.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Buffer(buffer) => buffer.as_slice(),
            Self::Lease(lease) => &lease.shown,
            Self::Ballast(map) => map,
        }
    }
}

/// Moves a buffer into a slot and gives the slot's address away; [`free`] takes it back.
pub fn export(buffer: HeldBuffer) -> *mut c_void {
    into_raw(Arc::new(Slot::Buffer(buffer)))
}

/// Address, length and slot of a buffer with whose death a handle is closed.
pub fn lease(handle: u32) -> [f64; 3] {
    given_away(Slot::Lease(Lease { handle, shown: [0] }))
}

/// Address, length and slot of so many bytes that nobody has touched yet; `None` of no bytes, and where the system has no
/// room for them.
pub fn ballast(bytes: usize) -> Option<[f64; 3]> {
    let map = MmapMut::map_anon(bytes).ok().filter(|map| !map.is_empty())?;
    Some(given_away(Slot::Ballast(map)))
}

fn given_away(slot: Slot) -> [f64; 3] {
    let slot = Arc::new(slot);
    let (address, length) = (slot.as_slice().as_ptr() as usize, slot.as_slice().len());
    [address as f64, length as f64, into_raw(slot) as usize as f64]
}

fn into_raw(slot: Arc<Slot>) -> *mut c_void {
    Arc::into_raw(slot).cast_mut().cast()
}

/// Frees the slot, and what it holds unless [`retain`] has a part in it.
///
/// # Safety
/// `slot` came from [`export`], [`lease`] or [`ballast`], and this is the only call for it; nobody reads the buffer by the
/// slot any more.
pub unsafe fn free(slot: *mut c_void) {
    // SAFETY: by the caller's promise this is a slot that nobody else frees.
    drop(unsafe { Arc::from_raw(slot.cast::<Slot>()) });
}

/// A part in the slot's buffer, which then outlives the slot.
///
/// # Safety
/// `slot` came from [`export`] and has not been freed.
pub unsafe fn retain(slot: *mut c_void) -> Arc<Slot> {
    let buffer = slot.cast::<Slot>().cast_const();
    // SAFETY: by the caller's promise the slot holds a count of its own, to which this adds one.
    unsafe {
        Arc::increment_strong_count(buffer);
        Arc::from_raw(buffer)
    }
}

#[cfg(test)]
mod tests {

    use arrow_buffer::MutableBuffer;

    use super::*;
    use crate::batches::batch::StreamMemory;
    use crate::batches::column::ColumnBuffer;
    use crate::memory::budget::Account;

    #[test]
    fn freeing_a_slot_gives_its_bytes_back() {
        let account = Account::new(Some(1 << 20));
        let memory = Arc::new(StreamMemory::unpooled(Arc::clone(&account)));
        let held = |bytes: usize| {
            account.hold(bytes as u64);
            export(HeldBuffer::new(ColumnBuffer::Pooled(MutableBuffer::from_len_zeroed(bytes).into()), &memory))
        };
        let (first, second) = (held(1024), held(2048));
        assert_eq!(account.held(), 3072);
        // SAFETY: both slots are live, and each is freed once.
        unsafe {
            free(first);
            assert_eq!(account.held(), 2048);
            let kept = retain(second);
            free(second);
            assert_eq!(account.held(), 2048);
            assert_eq!(kept.as_slice().len(), 2048);
            drop(kept);
        }
        assert_eq!(account.held(), 0);
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
