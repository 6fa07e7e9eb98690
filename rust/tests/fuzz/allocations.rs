//! An allocator that counts: how much is allocated at once, and the largest piece.
//!
//! It takes the place of the library's own where the feature `mimalloc` is left out; with it nothing is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);

/// What a case allocated.
#[derive(Debug, Clone, Copy)]
pub struct Allocated {
    /// Bytes more than before, at most.
    pub peak: usize,
    /// Bytes of the largest piece.
    pub largest: usize,
}

/// Begins to count; gives what is allocated now.
pub fn begin() -> usize {
    let now = NOW.load(Ordering::Relaxed);
    PEAK.store(now, Ordering::Relaxed);
    LARGEST.store(0, Ordering::Relaxed);
    now
}

/// What was allocated since `before` was.
pub fn end(before: usize) -> Allocated {
    let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    Allocated { peak, largest: LARGEST.load(Ordering::Relaxed) }
}

/// Bytes that are allocated.
pub fn now() -> usize {
    NOW.load(Ordering::Relaxed)
}

#[cfg(not(feature = "mimalloc"))]
mod counting {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::Cell;

    use super::{LARGEST, NOW, Ordering, PEAK};

    /// Pieces of which it is told where they come from, when asked for.
    const LARGE: usize = 64 << 20;

    struct Counting;

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    // SAFETY: all that is asked for is passed on.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            add(layout.size());
            // SAFETY: by the caller's promise.
            made(unsafe { System.alloc(layout) }, layout.size())
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            add(layout.size());
            // SAFETY: by the caller's promise.
            made(unsafe { System.alloc_zeroed(layout) }, layout.size())
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            NOW.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: by the caller's promise.
            unsafe { System.dealloc(pointer, layout) }
        }

        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            add(size);
            // SAFETY: by the caller's promise.
            let moved = unsafe { System.realloc(pointer, layout, size) };
            NOW.fetch_sub(if moved.is_null() { size } else { layout.size() }, Ordering::Relaxed);
            moved
        }
    }

    fn made(pointer: *mut u8, size: usize) -> *mut u8 {
        if pointer.is_null() {
            NOW.fetch_sub(size, Ordering::Relaxed);
        }
        pointer
    }

    fn add(size: usize) {
        let now = NOW.fetch_add(size, Ordering::Relaxed) + size;
        PEAK.fetch_max(now, Ordering::Relaxed);
        LARGEST.fetch_max(size, Ordering::Relaxed);
        if size >= LARGE {
            tell(size);
        }
    }

    fn tell(size: usize) {
        thread_local! {
            static TELLING: Cell<bool> = const { Cell::new(false) };
        }
        if std::env::var_os("SPILLWAY_FUZZ_BACKTRACE").is_some() && !TELLING.replace(true) {
            println!("ALLOCATION of {size} bytes\n{}", std::backtrace::Backtrace::force_capture());
            TELLING.set(false);
        }
    }
}
