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
