//! Cases in processes of their own, so that one that dies is a finding and not the end.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{allocations, cases, watch};

/// Cases of the test: always the same ones, some ten seconds.
const CASES: u64 = 1000;
/// Most cases of a process: what leaks a little a case shows in its memory by then.
const SLICE: u64 = 5_000;
/// Cases after which descriptors and memory are looked at.
const LOOK: u64 = 500;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: u64,
    /// Cases with rows.
    pub answered: u64,
    pub findings: Vec<String>,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Starts processes until the time is over.
pub fn run() -> Report {
    let mut report = Report::default();
    if let Some(seed) = number("SPILLWAY_FUZZ_SEED") {
        slice(seed, seed + 1, Duration::MAX, &mut report);
        return report;
    }
    let started = Instant::now();
    let mut seed = number("SPILLWAY_FUZZ_FROM").unwrap_or(1);
    let Some(seconds) = number("SPILLWAY_FUZZ_SECONDS") else {
        while seed <= CASES {
            seed = slice(seed, CASES + 1, Duration::MAX, &mut report);
        }
        return report;
    };
    while let Some(left) = Duration::from_secs(seconds).checked_sub(started.elapsed()) {
        seed = slice(seed, seed + SLICE, left, &mut report);
        println!(
            "LOG {:?} cases {} answered {} findings {} CPU seconds {} next seed {seed}",
            started.elapsed(),
            report.cases,
            report.answered,
            report.findings.len(),
            watch::cpu_time().as_secs()
        );
    }
    report
}

/// Runs some cases in a process; gives the next seed.
fn slice(from: u64, to: u64, time: Duration, report: &mut Report) -> u64 {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("SPILLWAY_FUZZ_SLICE", format!("{from},{to},{}", time.as_secs_f64().min(1e9)))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let (mut at, mut ended) = (from, false);
    for line in BufReader::new(child.stdout.take().expect("output")).lines().map_while(Result::ok) {
        // Whatever writes first to a line, the harness among them.
        if let Some((_, numbers)) = line.split_once("CASE ") {
            let mut numbers = numbers.split(' ').filter_map(|number| number.parse::<u64>().ok());
            at = numbers.next().unwrap_or(at);
            report.cases += 1;
        } else if line.contains("ANSWERED") {
            report.answered += 1;
        } else if line.contains("SLICE ENDED") {
            ended = true;
        } else if !line.trim().is_empty() && !line.starts_with("test ") && !line.starts_with("running ") {
            println!("{line}");
            if line.contains("FINDING") {
                report.findings.push(line);
            }
        }
    }
    let status = child.wait().expect("its end");
    if !ended {
        let line = format!("FINDING crash seed {at}: {status}");
        println!("{line}");
        report.findings.push(line);
    }
    at + 1
}

/// Bytes that are allocated once no more are given back.
fn settled_bytes() -> usize {
    let mut least = allocations::now();
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(20));
        least = least.min(allocations::now());
    }
    least
}

/// The cases of a process.
pub fn child() {
    let Ok(slice) = std::env::var("SPILLWAY_FUZZ_SLICE") else { return };
    let numbers: Vec<f64> = slice.split(',').filter_map(|number| number.parse().ok()).collect();
    let [from, to, seconds] = numbers[..] else { return };
    watch::install();
    let temporary = tempfile::tempdir().expect("folder");
    let folder = std::env::var_os("SPILLWAY_FUZZ_FOLDER").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("folder");
    let is_one = to - from < 2.0;
    let (started, mut descriptors, mut bytes) = (Instant::now(), None, None);
    for seed in from as u64..to as u64 {
        println!("CASE {seed} ");
        let verdict = cases::run(seed, &folder);
        if verdict.answered {
            println!("ANSWERED");
        }
        if is_one {
            println!("TRACE {}", verdict.trace.join("; "));
        }
        for problem in verdict.problems {
            println!("FINDING seed {seed}: {problem} [{}]", verdict.trace.join("; "));
        }
        let done = seed - from as u64 + 1;
        if done.is_multiple_of(LOOK) {
            let open = *descriptors.get_or_insert_with(watch::descriptors);
            if watch::descriptors() > open + 4 {
                println!("FINDING seed {seed}: {} descriptors, and {open} before", watch::descriptors());
            }
            // Workers may still be giving back what the last case had.
            let first = *bytes.get_or_insert_with(settled_bytes);
            let now = settled_bytes();
            println!("LOOK seed {seed}: {now} bytes allocated");
            if now > first + (32 << 20) {
                println!("FINDING seed {seed}: {now} bytes allocated, and {first} before");
                bytes = Some(now);
            }
        }
        if started.elapsed().as_secs_f64() > seconds {
            break;
        }
    }
    println!("SLICE ENDED");
}
