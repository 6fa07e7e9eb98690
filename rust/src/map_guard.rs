//! Keeps a process alive when a file that it has mapped is cut off by another.
//!
//! To touch a map beyond the end of its file raises SIGBUS, which ends the process; a disk that fails to give a page
//! raises it too. The handler here knows the maps of this library: for an address in one of them it says that the map is
//! broken, puts zeros where it ends, and lets the reader go on, which then finds what was said. Every other SIGBUS goes to
//! whoever handled it before, such as the runtime.
//!
//! Whoever replaces the handler later is in charge of SIGBUS. Files are not mapped from then on, but read.
//!
//! The handler does only what POSIX allows in one, and the system call `mmap`: it takes no lock, allocates nothing, and
//! leaves `errno` as it was. It runs on the thread's alternate stack where there is one.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Maps that can be guarded at once. A file that would need one more is read.
const SLOTS: usize = 4096;
/// A slot that is being filled.
const TAKEN: usize = 1;

/// A guarded map. Plain atomics, since a signal handler takes no locks.
struct Slot {
    /// 0 for a free slot.
    start: AtomicUsize,
    end: AtomicUsize,
    /// What is to be set once the map is broken; it lives for as long as the guard.
    broken: AtomicPtr<AtomicBool>,
}

static MAPS: [Slot; SLOTS] = [const {
    Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), broken: AtomicPtr::new(std::ptr::null_mut()) }
}; SLOTS];
/// No slot from here on was ever used.
static UNUSED: AtomicUsize = AtomicUsize::new(0);
/// The system's page size, once the handler is there.
static PAGE: AtomicUsize = AtomicUsize::new(0);
/// What handled SIGBUS before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// A map that is guarded for as long as this lives.
#[derive(Debug)]
pub struct MapGuard {
    slot: usize,
    _broken: Arc<AtomicBool>,
}

impl MapGuard {
    /// Guards the memory of a map: `broken` is set as soon as a part of it cannot be read. `None` where it can't be
    /// guarded, because all slots are taken or somebody else handles SIGBUS.
    #[must_use]
    pub fn new(map: &[u8], broken: &Arc<AtomicBool>) -> Option<Self> {
        BEFORE.get_or_init(install);
        if !is_in_charge() {
            return None;
        }
        let free = |slot: &Slot| slot.start.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let slot = MAPS.iter().position(free)?;
        let start = map.as_ptr() as usize;
        MAPS[slot].broken.store(Arc::as_ptr(broken).cast_mut(), Ordering::Release);
        MAPS[slot].end.store(start + map.len(), Ordering::Release);
        MAPS[slot].start.store(start, Ordering::Release);
        UNUSED.fetch_max(slot + 1, Ordering::AcqRel);
        Some(Self { slot, _broken: Arc::clone(broken) })
    }
}

impl Drop for MapGuard {
    fn drop(&mut self) {
        let slot = &MAPS[self.slot];
        slot.end.store(0, Ordering::Release);
        slot.broken.store(std::ptr::null_mut(), Ordering::Release);
        slot.start.store(0, Ordering::Release);
    }
}

/// Whether an address is in a map that is guarded, whose bytes may change when the file does.
#[must_use]
pub fn is_mapped(address: usize) -> bool {
    guarding(address).is_some()
}

/// Whether an address is in a map that is known to be broken.
#[must_use]
pub fn is_broken(address: usize) -> bool {
    // SAFETY: `guarding` only gives flags of guards, and this is asked about memory that the caller holds, whose guard
    // lives for as long.
    guarding(address).is_some_and(|(_, broken)| unsafe { &*broken }.load(Ordering::Acquire))
}

/// The end of the map that an address is in, and its flag.
fn guarding(address: usize) -> Option<(usize, *const AtomicBool)> {
    let holds = |slot: &Slot| {
        let start = slot.start.load(Ordering::Acquire);
        let (end, broken) = (slot.end.load(Ordering::Acquire), slot.broken.load(Ordering::Acquire));
        // Once more, or it may be the start of one map and the end of the next one.
        let is_whole = slot.start.load(Ordering::Acquire) == start && !broken.is_null();
        (is_whole && start > TAKEN && start <= address && address < end).then_some((end, broken.cast_const()))
    };
    MAPS[..UNUSED.load(Ordering::Acquire)].iter().find_map(holds)
}

/// Installs the handler; returns what was there.
fn install() -> libc::sigaction {
    // SAFETY: `sysconf` has no preconditions.
    PAGE.store(unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize, Ordering::Release);
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

/// Whether SIGBUS still comes here first.
fn is_in_charge() -> bool {
    // SAFETY: as above; without a new action nothing is changed.
    let now = unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGBUS, std::ptr::null(), &raw mut now);
        now
    };
    now.sa_sigaction == on_bus_error as *const () as usize
}

extern "C" fn on_bus_error(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes a valid `siginfo_t` to a handler with `SA_SIGINFO`.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    // Who sends a signal, by `kill` or the like, gives it a code that is not positive, and no address.
    let is_fault = code > 0;
    if is_fault && let Some((end, broken)) = guarding(address) {
        // SAFETY: the map is being read, so that its guard and the flag are there. The flag goes first: who sees the
        // zeros sees it.
        unsafe { &*broken }.store(true, Ordering::Release);
        if put_zeros(address, end) {
            return;
        }
    }
    pass_on(signal, info, context, is_fault);
}

/// Replaces the rest of a guarded map, from the page of an address on, by zeros.
///
/// All at once: page by page, each a map to the kernel, a large file would run into the limit of maps.
fn put_zeros(address: usize, end: usize) -> bool {
    let page = PAGE.load(Ordering::Acquire);
    let start = address & !(page - 1);
    // SAFETY: `errno` is the thread's own.
    let errno = unsafe { *errno() };
    // The page alone where the system has no memory for more.
    let placed = place_zeros(start, end - start) || place_zeros(start, page);
    // SAFETY: as above.
    unsafe { *self::errno() = errno };
    placed
}

fn place_zeros(start: usize, length: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE;
    // Writable, since private maps are: whose map is read-only is written to by nobody.
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the range lies in the pages of a map of this library, which is unmapped only after its guard is dropped, so
    // nothing else is replaced; and its bytes are of no worth, since the map is said to be broken.
    let placed = unsafe { libc::mmap(start as *mut c_void, length, access, flags, -1, 0) };
    placed as usize == start
}

/// Where the thread's `errno` is.
fn errno() -> *mut c_int {
    // SAFETY: it has no preconditions.
    #[cfg(target_os = "linux")]
    return unsafe { libc::__errno_location() };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    return unsafe { libc::__error() };
}

/// Lets whoever was there before handle the signal.
fn pass_on(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void, is_fault: bool) {
    let Some(before) = BEFORE.get() else { return };
    match before.sa_sigaction {
        // A fault cannot be ignored.
        libc::SIG_IGN if !is_fault => {}
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: restores the default action: the access that failed is repeated and ends the process, as it would
            // have without this handler. What was sent is not repeated by itself.
            unsafe {
                libc::signal(signal, libc::SIG_DFL);
                if !is_fault {
                    libc::raise(signal);
                }
            }
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
mod tests;
