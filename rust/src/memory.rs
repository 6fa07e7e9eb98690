//! What memory the process may have and what it uses: the system's word and the control group's, whichever is less.
//!
//! Readings are kept for a tenth of a second, so that asking costs nothing on the path of a batch.

pub mod allocation;
pub mod budget;
pub mod free_page_reporting;
pub mod reservation;

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sysinfo::{MemoryRefreshKind, System};

/// How long a reading is good for.
const FRESH: Duration = Duration::from_millis(100);
/// The default limit is this part of what is available.
const LIMITS_PER_AVAILABLE: u64 = 4;
/// The default limit is never less than this, or nothing could be read.
const LEAST_LIMIT: u64 = 16 << 20;

/// The limit that was set; 0 for automatic.
static LIMIT: AtomicU64 = AtomicU64::new(0);
static TRACKED: AtomicI64 = AtomicI64::new(0);
static READING: Mutex<Option<(Instant, SystemMemory)>> = Mutex::new(None);

/// Memory of the process in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Resident pages of every kind.
    pub total: u64,
    /// Resident pages of no file: the heap, stacks, decoded batches.
    pub anonymous: u64,
    /// Resident pages of mapped files, which the system can take back at any time.
    pub file_backed: u64,
}

#[derive(Debug, Clone, Copy)]
struct SystemMemory {
    available: u64,
    total: u64,
    /// What the automatic limit was made of; it stays as it was first read, so that a scan's own use does not shrink it.
    first_available: u64,
}

/// Bytes that the process could still get.
#[must_use]
pub fn available_bytes() -> u64 {
    reading().available
}

/// Bytes of memory that the system has, or that the process's control group may use.
#[must_use]
pub fn total_bytes() -> u64 {
    reading().total
}

/// The limit that streams without their own share: the one that was set, or a quarter of what was available at first.
#[must_use]
pub fn default_limit_bytes() -> u64 {
    match LIMIT.load(Ordering::Relaxed) {
        0 => (reading().first_available / LIMITS_PER_AVAILABLE).max(LEAST_LIMIT),
        set => set,
    }
}

/// Sets the limit that streams share; 0 for automatic.
pub fn set_limit(bytes: u64) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// Adds to the bytes that the user tracks; negative to subtract.
pub fn track(bytes: i64) {
    TRACKED.fetch_add(bytes, Ordering::Relaxed);
}

/// Bytes that the user tracks.
#[must_use]
pub fn tracked_bytes() -> u64 {
    u64::try_from(TRACKED.load(Ordering::Relaxed)).unwrap_or(0)
}

/// What the process uses now.
#[must_use]
pub fn current_usage() -> Usage {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    status.as_deref().and_then(parse_status).unwrap_or_else(usage_by_sysinfo)
}

/// Number of threads of the process; 0 where the system does not say.
#[must_use]
pub fn thread_count() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status_field(&status, "Threads:").unwrap_or(0)
}

/// Percent of the last ten seconds in which some task waited for memory; -1 where the kernel does not say.
///
/// Source: Linux's pressure stall information, of the control group if it has one, else of the system.
#[must_use]
pub fn pressure_some_avg10() -> f64 {
    let own = cgroup_file("memory.pressure").and_then(|text| parse_pressure(&text));
    let system = || std::fs::read_to_string("/proc/pressure/memory").ok().and_then(|text| parse_pressure(&text));
    own.or_else(system).unwrap_or(-1.0)
}

fn reading() -> SystemMemory {
    let mut kept = crate::lock(&READING);
    if let Some((when, memory)) = *kept
        && when.elapsed() < FRESH
    {
        return memory;
    }
    let (available, total) = read_system();
    let first_available = kept.map_or(available, |(_, memory)| memory.first_available);
    let memory = SystemMemory { available, total, first_available };
    *kept = Some((Instant::now(), memory));
    memory
}

fn read_system() -> (u64, u64) {
    // It knows too little of the system to be asked.
    if cfg!(miri) {
        return (8 << 30, 16 << 30);
    }
    let (available, total) = System::new().map_or((0, 0), |mut system| {
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        (system.available_memory(), system.total_memory())
    });
    match cgroup_memory() {
        Some((limit, used)) => (available.min(limit.saturating_sub(used)), total.min(limit)),
        None => (available, total),
    }
}

/// Limit and use of the process's control group, version 2 or 1, if it has a limit.
fn cgroup_memory() -> Option<(u64, u64)> {
    let limit = cgroup_file("memory.max").or_else(|| cgroup_file("memory.limit_in_bytes"))?;
    let used = cgroup_file("memory.current").or_else(|| cgroup_file("memory.usage_in_bytes"))?;
    let inactive_file = cgroup_file("memory.stat").map_or(0, |stat| parse_inactive_file(&stat));
    Some((parse_limit(&limit)?, used.trim().parse::<u64>().ok()?.saturating_sub(inactive_file)))
}

/// A file of the process's control group, as version 2 or version 1 lays it out.
fn cgroup_file(name: &str) -> Option<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    cgroup_directories(&groups)
        .into_iter()
        .find_map(|directory| std::fs::read_to_string(format!("{directory}/{name}")).ok())
}

/// Where the memory files of a process with this `/proc/self/cgroup` may be, the likeliest first.
fn cgroup_directories(groups: &str) -> Vec<String> {
    let mut directories = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(id), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        if id == "0" && controllers.is_empty() {
            directories.push(format!("/sys/fs/cgroup{path}"));
        } else if controllers.split(',').any(|controller| controller == "memory") {
            directories.push(format!("/sys/fs/cgroup/memory{path}"));
        }
    }
    // In a container the group's own path is not mounted: its files are at the root.
    directories.extend(["/sys/fs/cgroup".to_owned(), "/sys/fs/cgroup/memory".to_owned()]);
    directories
}

/// A limit in bytes; none for "max", nor for version 1's way to say so, a number near 2^63.
fn parse_limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|limit| *limit < 1 << 60)
}

/// Cached file pages that the kernel gives back before it runs out: they are not really in use.
fn parse_inactive_file(stat: &str) -> u64 {
    let field = |name| stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    field("total_inactive_file ").or_else(|| field("inactive_file ")).unwrap_or(0)
}

fn parse_pressure(text: &str) -> Option<f64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split(' ').find_map(|field| field.strip_prefix("avg10="))?.parse().ok()
}

fn parse_status(status: &str) -> Option<Usage> {
    let kibibytes = |name| status_field(status, name).map(|value| value * 1024);
    let anonymous = kibibytes("RssAnon:")?;
    let file_backed = kibibytes("RssFile:")? + kibibytes("RssShmem:").unwrap_or(0);
    Some(Usage { total: anonymous + file_backed, anonymous, file_backed })
}

fn status_field(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

/// Where there is no `/proc`: the resident pages, all taken as anonymous.
fn usage_by_sysinfo() -> Usage {
    let (Ok(pid), Ok(mut system)) = (sysinfo::get_current_pid(), System::new()) else { return Usage::default() };
    system.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[pid]), false);
    let total = system.process(pid).map_or(0, sysinfo::Process::memory);
    Usage { total, anonymous: total, file_backed: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_status_is_read_in_bytes() {
        let status =
            "Name:\tdeno\nVmRSS:\t  300 kB\nRssAnon:\t  100 kB\nRssFile:\t  190 kB\nRssShmem:\t   10 kB\nThreads:\t7\n";
        let usage = Usage { total: 300 << 10, anonymous: 100 << 10, file_backed: 200 << 10 };
        assert_eq!(parse_status(status), Some(usage));
        assert_eq!(status_field(status, "Threads:"), Some(7));
        assert_eq!(parse_status("Name:\tdeno\n"), None);
    }

    #[test]
    fn unlimited_groups_have_no_limit() {
        assert_eq!(parse_limit("max\n"), None);
        assert_eq!(parse_limit("9223372036854771712\n"), None);
        assert_eq!(parse_limit("314572800\n"), Some(300 << 20));
    }

    #[test]
    fn groups_of_both_versions_are_found() {
        assert_eq!(cgroup_directories("0::/user.slice/a\n")[0], "/sys/fs/cgroup/user.slice/a");
        assert_eq!(cgroup_directories("5:cpu,memory:/docker/x\n4:pids:/y\n")[0], "/sys/fs/cgroup/memory/docker/x");
        assert_eq!(cgroup_directories(""), ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"]);
    }

    #[test]
    fn caches_do_not_count_as_used() {
        assert_eq!(parse_inactive_file("anon 5\ninactive_file 4096\n"), 4096);
        assert_eq!(parse_inactive_file("inactive_file 1\ntotal_inactive_file 2\n"), 2);
        assert_eq!(parse_inactive_file(""), 0);
    }

    #[test]
    fn pressure_is_the_share_of_ten_seconds() {
        assert_eq!(parse_pressure("some avg10=1.25 avg60=0.10 avg300=0.00 total=5\nfull avg10=0.50\n"), Some(1.25));
        assert_eq!(parse_pressure(""), None);
    }

    #[test]
    fn this_machine_has_memory() {
        assert!(total_bytes() > 0 && available_bytes() <= total_bytes());
        assert!(current_usage().total > 0);
    }

    #[test]
    fn tracked_bytes_go_up_and_down() {
        let before = tracked_bytes();
        track(1000);
        track(-400);
        assert_eq!(tracked_bytes(), before + 600);
        track(-600);
    }
}
