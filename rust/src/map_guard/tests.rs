//! Signals end processes: what they do is tried in processes of their own, which run one of the tests here.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::sync::atomic::AtomicU32;

use memmap2::Mmap;

use super::*;
use crate::source::{IoMode, Source};

const LENGTH: usize = 1 << 20;

/// Signals that came to a handler that was there before, or is there now.
static CAME: AtomicU32 = AtomicU32::new(0);

fn flag() -> Arc<AtomicBool> {
    Arc::default()
}

/// Runs one of the ignored tests in a process of its own.
fn run(test: &str) -> Output {
    let this = std::env::current_exe().expect("this program");
    let arguments = ["--ignored", "--exact", "--nocapture", "--test-threads=1"];
    Command::new(this).args(arguments).arg(format!("map_guard::tests::{test}")).output().expect("a run")
}

fn passes(test: &str) {
    let output = run(test);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{test}: {:?}\n{printed}", output.status);
}

/// A file of sevens, which lives for as long as the first of these.
fn file() -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().expect("file");
    file.write_all(&vec![7; LENGTH]).expect("bytes");
    let path = file.path().to_str().expect("path").to_owned();
    (file, path)
}

/// A map that nobody guards, of a file that was cut off.
fn foreign_map() -> Mmap {
    let (file, _) = file();
    // SAFETY: nothing is read of it but to raise a signal.
    let map = unsafe { Mmap::map(file.as_file()) }.expect("map");
    file.as_file().set_len(0).expect("cut");
    map
}

/// Handles SIGBUS by `handler`.
fn handle(handler: usize, flags: c_int) {
    // SAFETY: `sigaction` is plain data, and the handler is of the type that the flags ask for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut());
    }
}

fn send() {
    // SAFETY: a signal to this thread.
    unsafe { libc::raise(libc::SIGBUS) };
}

extern "C" fn counts(_signal: c_int) {
    CAME.fetch_add(1, Ordering::SeqCst);
}

/// As a runtime that repairs its own faults would.
extern "C" fn repairs(_signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    CAME.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the kernel passes a valid `siginfo_t`.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    if code > 0 {
        place_zeros(address & !(PAGE.load(Ordering::Acquire) - 1), PAGE.load(Ordering::Acquire));
    }
}

#[test]
fn a_guard_ends_with_its_drop() {
    let bytes = vec![0_u8; 100];
    let address = bytes.as_ptr() as usize + 50;
    let guard = MapGuard::new(&bytes, &flag()).expect("a free slot");
    assert!(is_mapped(address) && !is_mapped(address + 50) && !is_broken(address));
    drop(guard);
    assert!(!is_mapped(address));
}

#[test]
fn a_map_of_a_file_that_was_cut_off_shows_zeros_for_good() {
    let (file, path) = file();
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    let bytes = source.held().expect("map").clone();
    file.as_file().set_len(5000).expect("cut");
    // Within the last page the system itself puts zeros.
    assert_eq!([bytes[4999], bytes[5000], bytes[8192], bytes[LENGTH - 1]], [7, 0, 0, 0]);
    assert!(is_broken(bytes.as_ptr() as usize));
    // As long as it was, and what the map does not show is there again.
    file.as_file().set_len(LENGTH as u64).expect("grow");
    assert_eq!(bytes[8192], 0);
    assert!(source.check_unchanged().is_err());
}

#[test]
fn a_handler_leaves_errno_as_it_was() {
    let (file, path) = file();
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    let bytes = source.held().expect("map").clone();
    file.as_file().set_len(0).expect("cut");
    // SAFETY: `errno` is the thread's own.
    let after = unsafe {
        *errno() = 77;
        let byte = std::ptr::read_volatile(&raw const bytes[LENGTH / 2]);
        (byte, *errno())
    };
    assert_eq!(after, (0, 77));
}

#[test]
fn a_handler_that_was_there_before_gets_what_is_not_ours() {
    passes("in_a_process_with_a_handler");
}

#[test]
#[ignore = "run by a test above, since it takes SIGBUS over"]
fn in_a_process_with_a_handler() {
    handle(repairs as *const () as usize, libc::SA_SIGINFO);
    let (file, path) = file();
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    let bytes = source.held().expect("map").clone();
    file.as_file().set_len(0).expect("cut");
    assert_eq!((bytes[LENGTH - 1], CAME.load(Ordering::SeqCst)), (0, 0), "ours");
    send();
    assert_eq!(CAME.load(Ordering::SeqCst), 1, "sent");
    assert_eq!((foreign_map()[0], CAME.load(Ordering::SeqCst)), (0, 2), "a foreign map");
}

#[test]
fn a_plain_handler_that_was_there_before_gets_what_is_sent() {
    passes("in_a_process_with_a_plain_handler");
}

#[test]
#[ignore = "run by a test above, since it takes SIGBUS over"]
fn in_a_process_with_a_plain_handler() {
    handle(counts as *const () as usize, 0);
    let _guard = MapGuard::new(&[0; 8], &flag()).expect("a free slot");
    send();
    assert_eq!(CAME.load(Ordering::SeqCst), 1);
}

#[test]
fn without_a_handler_foreign_signals_end_the_process_as_ever() {
    for test in ["touches_a_foreign_map", "is_sent_a_signal"] {
        assert_eq!(run(test).status.signal(), Some(libc::SIGBUS), "{test}");
    }
    passes("ignores_what_is_sent");
}

#[test]
#[ignore = "run by a test above, since it ends the process"]
fn touches_a_foreign_map() {
    handle(libc::SIG_DFL, 0);
    let _guard = MapGuard::new(&[0; 8], &flag()).expect("a free slot");
    assert_eq!(foreign_map()[0], 7);
}

#[test]
#[ignore = "run by a test above, since it ends the process"]
fn is_sent_a_signal() {
    handle(libc::SIG_DFL, 0);
    let _guard = MapGuard::new(&[0; 8], &flag()).expect("a free slot");
    send();
}

#[test]
#[ignore = "run by a test above, since it takes SIGBUS over"]
fn ignores_what_is_sent() {
    handle(libc::SIG_IGN, 0);
    let _guard = MapGuard::new(&[0; 8], &flag()).expect("a free slot");
    send();
}

#[test]
fn files_are_read_once_somebody_else_handles_the_signal() {
    passes("in_a_process_whose_handler_comes_later");
}

#[test]
#[ignore = "run by a test above, since it takes SIGBUS over"]
fn in_a_process_whose_handler_comes_later() {
    let (_file, path) = file();
    assert_eq!(Source::open(&path, IoMode::Mmap).expect("source").io(), IoMode::Mmap);
    handle(counts as *const () as usize, 0);
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    assert_eq!(source.io(), IoMode::Read);
    assert_eq!(source.region(0..LENGTH as u64, IoMode::Mmap).expect("region").as_slice(), vec![7; LENGTH]);
}

#[test]
fn a_map_too_many_is_read() {
    passes("in_a_process_with_many_maps");
}

#[test]
#[ignore = "run by a test above, since it takes all slots"]
fn in_a_process_with_many_maps() {
    let (_file, path) = file();
    let bytes = [0_u8; 8];
    let mut guards: Vec<MapGuard> = (0..SLOTS).map(|_| MapGuard::new(&bytes, &flag()).expect("a free slot")).collect();
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    assert_eq!(source.io(), IoMode::Read);
    let region = source.region(0..LENGTH as u64, IoMode::Mmap).expect("region");
    assert!(!is_mapped(region.as_ptr() as usize));
    assert_eq!(region.as_slice(), vec![7; LENGTH]);
    guards.pop();
    assert_eq!(Source::open(&path, IoMode::Mmap).expect("source").io(), IoMode::Mmap);
}

#[test]
fn a_thread_with_little_stack_has_room_for_the_handler() {
    let (file, path) = file();
    let source = Source::open(&path, IoMode::Mmap).expect("source");
    file.as_file().set_len(0).expect("cut");
    let bytes = source.held().expect("map").clone();
    // What a thread has at least.
    let small = std::thread::Builder::new().stack_size(16 << 10);
    let byte = small.spawn(move || bytes[LENGTH - 1]).expect("a thread").join().expect("a byte");
    assert_eq!(byte, 0);
}
