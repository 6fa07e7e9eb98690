//! Keeps a process alive when a file that it has mapped is cut off by another.
//!
//! To touch a map beyond the end of its file raises SIGBUS, which ends the process. The handler here knows the maps of
//! this library: for an address in one of them it puts a page of zeros there and lets the reader go on, which then finds
//! that the file has changed. Every other SIGBUS goes to whoever handled it before, such as the runtime.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Maps that can be guarded at once; more are read unguarded.
const SLOTS: usize = 4096;
/// A slot that is being filled.
const TAKEN: usize = 1;

/// Start and end of each guarded map; a start of 0 is a free slot. Plain atomics, since a signal handler takes no locks.
static MAPS: [(AtomicUsize, AtomicUsize); SLOTS] = [const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; SLOTS];
/// What handled SIGBUS before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// A map that is guarded for as long as this lives.
#[derive(Debug)]
pub struct MapGuard(usize);

impl MapGuard {
    /// Guards the memory of a map; `None` when all slots are taken.
    #[must_use]
    pub fn new(map: &[u8]) -> Option<Self> {
        BEFORE.get_or_init(install);
        let start = map.as_ptr() as usize;
        let free = |slot: &(AtomicUsize, AtomicUsize)| {
            slot.0.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        let slot = MAPS.iter().position(free)?;
        MAPS[slot].1.store(start + map.len(), Ordering::Release);
        MAPS[slot].0.store(start, Ordering::Release);
        Some(Self(slot))
    }
}

impl Drop for MapGuard {
    fn drop(&mut self) {
        MAPS[self.0].1.store(0, Ordering::Release);
        MAPS[self.0].0.store(0, Ordering::Release);
    }
}

fn is_guarded(address: usize) -> bool {
    let holds = |slot: &(AtomicUsize, AtomicUsize)| {
        let start = slot.0.load(Ordering::Acquire);
        start > TAKEN && start <= address && address < slot.1.load(Ordering::Acquire)
    };
    MAPS.iter().any(holds)
}

/// Installs the handler; returns what was there.
fn install() -> libc::sigaction {
    // SAFETY: `sigaction` is plain data, for which all zeros is a valid value; both pointers are to live values, and the
    // handler has the type that `SA_SIGINFO` asks for and does only what is safe in a signal handler.
    unsafe {
        let mut before: libc::sigaction = std::mem::zeroed();
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_bus_error as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGBUS, &raw const action, &raw mut before);
        before
    }
}

extern "C" fn on_bus_error(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes a valid `siginfo_t` to a handler with `SA_SIGINFO`.
    let address = unsafe { (*info).si_addr() } as usize;
    if is_guarded(address) && put_zeros(address) {
        return;
    }
    pass_on(signal, info, context);
}

/// Replaces the page of a guarded map by one of zeros.
fn put_zeros(address: usize) -> bool {
    // SAFETY: `sysconf` has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let start = address & !(page - 1);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    // Writable, since private maps are: whose map is read-only is written to by nobody.
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the page lies in a map of this library, which is unmapped only after its guard is dropped, so nothing else
    // is replaced; and its bytes could not be read anyhow.
    let placed = unsafe { libc::mmap(start as *mut c_void, page, access, flags, -1, 0) };
    placed as usize == start
}

/// Lets whoever was there before handle the signal.
fn pass_on(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(before) = BEFORE.get() else { return };
    match before.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: restores the default action: the access that failed is repeated and ends the process, as it would
            // have without this handler.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
            type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
            // SAFETY: with `SA_SIGINFO` the address is a handler of this type.
            let handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: without `SA_SIGINFO` the address is a handler that takes the signal's number.
            let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(handler) };
            handler(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_ends_with_its_drop() {
        let bytes = vec![0_u8; 100];
        let address = bytes.as_ptr() as usize + 50;
        let guard = MapGuard::new(&bytes).expect("a free slot");
        assert!(is_guarded(address) && !is_guarded(address + 50));
        drop(guard);
        assert!(!is_guarded(address));
    }
}
