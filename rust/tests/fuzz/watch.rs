//! What a case must not do: panic, hang, allocate too much, or leave something behind.

use std::backtrace::Backtrace;
use std::collections::HashSet;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Processor time after which a case hangs; the machine may be busy with other things.
const HANG_CPU: Duration = Duration::from_secs(10);
/// Time after which a case hangs that does nothing.
const HANG: Duration = Duration::from_secs(90);

static SEED: AtomicU64 = AtomicU64::new(0);
static STARTED: Mutex<Option<(Instant, Duration)>> = Mutex::new(None);
static PANICS: Mutex<Vec<Panic>> = Mutex::new(Vec::new());

/// A panic, caught by the library or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    pub place: String,
    pub message: String,
    /// Whether it was in a crate that this one builds on.
    pub foreign: bool,
}

/// Notes all panics, and ends the process when a case hangs.
pub fn install() {
    crate::abi::settle_panic_hook();
    std::panic::set_hook(Box::new(note));
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let started = *lock(&STARTED);
            let Some((since, cpu)) = started else { continue };
            if cpu_time().saturating_sub(cpu) > HANG_CPU || since.elapsed() > HANG {
                println!("FINDING hang seed {} after {:?}", SEED.load(Ordering::Relaxed), since.elapsed());
                std::process::abort();
            }
        }
    });
}

/// A case begins.
pub fn begin(seed: u64) {
    SEED.store(seed, Ordering::Relaxed);
    lock(&PANICS).clear();
    *lock(&STARTED) = Some((Instant::now(), cpu_time()));
}

/// A case has ended: the panics that it made.
pub fn end() -> Vec<Panic> {
    *lock(&STARTED) = None;
    std::mem::take(&mut *lock(&PANICS))
}

/// Processor time of this process so far, and of children that have ended.
pub fn cpu_time() -> Duration {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN]
        .into_iter()
        .map(|who| {
            // SAFETY: zeros are a valid value of this struct, and the call fills it.
            let usage = unsafe {
                let mut usage: libc::rusage = std::mem::zeroed();
                libc::getrusage(who, &raw mut usage);
                usage
            };
            let time = |value: libc::timeval| Duration::new(value.tv_sec as u64, value.tv_usec as u32 * 1000);
            time(usage.ru_utime) + time(usage.ru_stime)
        })
        .sum()
}

/// Descriptors that are open.
pub fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Maps of files of a folder.
pub fn maps(folder: &str) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines().filter(|line| line.contains(folder)).count()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(info: &PanicHookInfo) {
    static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let payload = info.payload();
    let message = payload.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("?").to_owned();
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let foreign = place.contains("/registry/") || place.contains("/rustc/");
    if lock(&SEEN).get_or_insert_default().insert(place.clone()) {
        println!("PANIC {place} seed {}: {message}", SEED.load(Ordering::Relaxed));
        if std::env::var_os("SPILLWAY_FUZZ_BACKTRACE").is_some() || !foreign {
            println!("{}", Backtrace::force_capture());
        }
    }
    lock(&PANICS).push(Panic { place, message, foreign });
}
