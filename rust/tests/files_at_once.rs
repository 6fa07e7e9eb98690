//! Text files that are read side by side: the same rows in the same order as one after the other, in the same memory.

mod support {
    #![allow(dead_code, reason = "these tests use a part")]
    pub mod samples;
}

use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use spillway::batch_scan::{BatchScan, Outcome};
use spillway::batches::batch::Batch;
use spillway::error::{ErrorCode, Result};
use spillway::options::ScanOptions;
use spillway::text::scan::TextScan;
use spillway::workers;
use support::samples::Random;
use tempfile::TempDir;

/// More than any machine's processors need be: they make it likely that workers meet in all ways.
const THREADS: usize = 8;

fn csv(numbers: Range<i64>) -> Vec<u8> {
    let line = |n: i64| format!("{n},\"text of {n},\n{}\"\n", n % 97).into_bytes();
    b"n,t\n".iter().copied().chain(numbers.flat_map(line)).collect()
}

/// Writes a file, compressed as its name says.
fn write(directory: &TempDir, name: &str, text: &[u8]) -> String {
    let path = directory.path().join(name);
    let end = path.extension().and_then(std::ffi::OsStr::to_str);
    let bytes = match end {
        Some("gz") => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(text).expect("written");
            gzip.finish().expect("finished")
        }
        Some("zst") => zstd::encode_all(text, 1).expect("compressed"),
        _ => text.to_vec(),
    };
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("a path").to_owned()
}

fn open(paths: &[String], options: &Value) -> TextScan {
    workers::configure(THREADS).expect("threads");
    let mut options = options.clone();
    options["files"] = paths.iter().map(|path| json!({"path": path})).collect();
    options["text"] = json!({"format": {"csv": {}}});
    TextScan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options")).expect("a scan")
}

/// Of the batches' first column, which has whole numbers and no nulls.
fn numbers(batch: &Batch) -> Vec<i64> {
    let bytes = batch.buffers[1].as_slice();
    bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

/// The first column of all rows that come, and what comes after them.
fn read(scan: &TextScan) -> (Vec<i64>, Result<()>) {
    let mut all = Vec::new();
    loop {
        match scan.next_blocking(None) {
            Ok(Some(batch)) => all.extend(numbers(&batch)),
            Ok(None) => return (all, Ok(())),
            Err(error) => return (all, Err(error)),
        }
    }
}

/// Waits for what workers do a moment later.
fn comes_true(is_true: impl Fn() -> bool) -> bool {
    (0..1000).any(|_| {
        let is_true = is_true();
        if !is_true {
            std::thread::sleep(Duration::from_millis(10));
        }
        is_true
    })
}

fn bytes(scan: &TextScan) -> u64 {
    let stats = scan.stats();
    stats.held_bytes + stats.queued_bytes + stats.reserved_bytes
}

/// Files of a folder that the process has open or mapped.
fn open_files(directory: &Path) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let maps = maps.lines().filter(|line| line.contains(directory.to_str().expect("a path"))).count();
    let links = std::fs::read_dir("/proc/self/fd").expect("descriptors");
    let links = links.filter_map(|link| std::fs::read_link(link.ok()?.path()).ok());
    links.filter(|path| path.starts_with(directory)).count() + maps
}

/// Files of consecutive numbers; some have a header alone.
fn any_files(directory: &TempDir, random: &mut Random) -> (Vec<String>, i64) {
    let mut next = 0;
    let paths = (0..=random.below(14)).map(|at| {
        let rows = [0, 1, 50, 3_000, 20_000][random.below(5)];
        let text = csv(next..next + rows);
        next += rows;
        write(directory, &format!("{at}.{}", ["csv", "csv.gz", "csv.zst"][random.below(3)]), &text)
    });
    (paths.collect(), next)
}

#[test]
fn rows_are_the_same_however_many_files_are_read_at_once_and_in_whatever_memory() {
    let mut random = Random(0x5eed);
    for round in 0..15 {
        let directory = tempfile::tempdir().expect("a folder");
        let (paths, rows) = any_files(&directory, &mut random);
        let memory = [200_000, 600_000, 2_000_000, 8_000_000][random.below(4)];
        for concurrency in [1, 2, 8, 0] {
            let unordered = random.below(4) == 0;
            let (io, batch_rows) = (["mmap", "read"][random.below(2)], [100, 8192][random.below(2)]);
            let options = json!({
                "concurrency": concurrency, "memoryLimitBytes": memory, "unordered": unordered, "io": io,
                "batchRows": batch_rows,
            });
            let scan = open(&paths, &options);
            let (mut all, end) = read(&scan);
            end.expect("the end");
            if unordered {
                all.sort_unstable();
            }
            assert!(all.into_iter().eq(0..rows), "{round}: {options}");
            let stats = scan.stats();
            let files = paths.len() as u64;
            assert_eq!((stats.files_opened, stats.files_done, stats.rows), (files, files, rows as u64), "{options}");
            // Telling the types from several files takes more than the least of these limits, however they are read then.
            assert!(stats.peak_bytes <= memory.max(400_000), "{round}: {options}: {}", stats.peak_bytes);
            assert!(comes_true(|| bytes(&scan) == 0));
        }
    }
}

#[test]
fn as_many_files_are_read_at_once_as_are_asked_for() {
    let directory = tempfile::tempdir().expect("a folder");
    let paths: Vec<String> =
        (0..12).map(|at| write(&directory, &format!("{at}.csv.gz"), &csv(at * 30_000..(at + 1) * 30_000))).collect();
    for (concurrency, expected) in [(1, 1), (3, 3), (8, 8), (0, THREADS as u64)] {
        let scan =
            open(&paths, &json!({"concurrency": concurrency, "fixedRows": 100, "memoryLimitBytes": 100_000_000}));
        let batch = scan.next_blocking(None).expect("rows").expect("a batch");
        assert_eq!(numbers(&batch), (0..100).collect::<Vec<_>>());
        // Workers that idle read ahead; where nobody takes batches the first file is not read to its end.
        assert!(comes_true(|| scan.stats().files_opened >= expected), "{concurrency}: {}", scan.stats().files_opened);
        std::thread::sleep(Duration::from_millis(50));
        let opened = scan.stats().files_opened;
        assert!(opened == expected || (concurrency == 0 && opened <= 2 * expected), "{concurrency}: {opened}");
        assert!(read(&scan).0.into_iter().eq(100..360_000));
    }
}

#[test]
fn a_failure_comes_after_all_rows_of_the_files_before_it() {
    let directory = tempfile::tempdir().expect("a folder");
    let mut paths: Vec<String> =
        (0..4).map(|at| write(&directory, &format!("{at}.csv.gz"), &csv(at * 20_000..(at + 1) * 20_000))).collect();
    paths.push(write(&directory, "bad.csv", b"n,t\n80000,a\nno number,b\n"));
    paths.push("/nowhere/at-all.csv".to_owned());
    paths.push(write(&directory, "last.csv", &csv(80_000..90_000)));
    for concurrency in [1, 2, 8] {
        for unordered in [false, true] {
            let options = json!({"concurrency": concurrency, "unordered": unordered});
            let (mut all, end) = read(&open(&paths, &options));
            all.sort_unstable();
            assert!(all.iter().copied().take(80_000).eq(0..80_000), "{options}");
            let error = end.expect_err("a bad cell");
            assert_eq!(
                (error.code(), error.line(), error.path()),
                (ErrorCode::MalformedData, Some(3), Some(&*paths[4]))
            );

            let scan = open(&paths, &json!({"concurrency": concurrency, "skipBrokenFiles": true}));
            let (all, end) = read(&scan);
            end.expect("the end");
            assert!(all.into_iter().eq(0..90_000));
            assert_eq!((scan.stats().files_skipped, scan.stats().files_done), (2, 5));
        }
    }
}

#[test]
fn the_first_file_of_another_header_is_told() {
    let directory = tempfile::tempdir().expect("a folder");
    let paths = [("0.csv.gz", csv(0..20_000)), ("1.csv", b"n,other\n1,b\n".to_vec()), ("2.csv", b"x\n".to_vec())];
    let paths = paths.map(|(name, text)| write(&directory, name, &text));
    for concurrency in [1, 8] {
        let (all, end) = read(&open(&paths, &json!({"concurrency": concurrency})));
        assert!(all.into_iter().eq(0..20_000));
        let error = end.expect_err("another header");
        assert_eq!((error.code(), error.path()), (ErrorCode::SchemaMismatch, Some(&*paths[1])), "{error}");
        assert!(error.to_string().contains(&paths[0]), "{error}");
    }
}

#[test]
fn rows_are_skipped_limited_and_numbered_over_files() {
    let directory = tempfile::tempdir().expect("a folder");
    let paths: Vec<String> =
        (0..8).map(|at| write(&directory, &format!("{at}.csv.zst"), &csv(at * 5_000..(at + 1) * 5_000))).collect();
    for concurrency in [1, 2, 8] {
        let rows = |options: &Value| {
            let mut options = options.clone();
            options["concurrency"] = json!(concurrency);
            let (rows, end) = read(&open(&paths, &options));
            end.expect("the end");
            rows
        };
        assert!(rows(&json!({"offset": 7_000, "limit": 20_000})).into_iter().eq(7_000..27_000));
        assert_eq!(rows(&json!({"maxRows": 12_345})), (0..12_345).collect::<Vec<_>>());
        assert!(rows(&json!({"offset": 39_990, "rowIndex": "row"})).into_iter().eq(39_990..40_000));
        let in_files = rows(&json!({"rowIndex": "row", "rowIndexPerFile": true}));
        assert!(in_files.into_iter().eq((0..8).flat_map(|_| 0..5_000)));
        let mut unordered = rows(&json!({"rowIndex": "row", "rowIndexPerFile": true, "unordered": true}));
        unordered.sort_unstable();
        assert!(unordered.into_iter().eq((0..40_000).map(|row| row / 8)));
        let few =
            json!({"call": "lt", "arguments": [{"column": ["n"]}, {"literal": {"type": "number", "value": 32_000}}]});
        assert!(rows(&json!({"steps": [{"where": few}]})).into_iter().eq(0..32_000));
    }
}

#[test]
fn later_files_are_left_alone_where_the_first_has_all_rows_that_are_wanted() {
    let directory = tempfile::tempdir().expect("a folder");
    // The first one is longer than what workers read before they hear that it is enough.
    let paths = ["0.csv.gz", "1.csv.gz", "2.csv.gz"].map(|name| write(&directory, name, &csv(0..200_000)));
    for options in [json!({"limit": 10}), json!({"maxRows": 10}), json!({"limit": 10, "offset": 100})] {
        let scan = open(&paths, &options);
        assert_eq!(read(&scan).0.len(), 10);
        assert_eq!(scan.stats().files_opened, 1, "{options}");
    }
}

#[test]
fn exact_batches_stay_exact_where_files_are_read_ahead() {
    let directory = tempfile::tempdir().expect("a folder");
    let paths: Vec<String> =
        (0..8).map(|at| write(&directory, &format!("{at}.csv.gz"), &csv(at * 6_000..(at + 1) * 6_000))).collect();
    // A batch takes a good part of a third of the memory.
    let scan = open(&paths, &json!({"concurrency": 8, "fixedRows": 10_000, "memoryLimitBytes": 1_500_000}));
    let sizes = |scan: &TextScan| {
        let batches = std::iter::from_fn(|| scan.next_blocking(None).expect("rows"));
        batches.map(|batch| batch.rows).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&scan), [10_000, 10_000, 10_000, 10_000, 8_000]);
    assert!(scan.stats().peak_bytes <= 1_500_000, "{}", scan.stats().peak_bytes);
    let tiny = open(&paths, &json!({"concurrency": 8, "fixedRows": 3}));
    assert_eq!(sizes(&tiny), vec![3; 16_000]);
}

#[test]
fn a_long_record_of_a_later_file_waits_for_its_turn() {
    let directory = tempfile::tempdir().expect("a folder");
    let long = format!("20000,{}\n", "x".repeat(900_000));
    let paths = [
        write(&directory, "0.csv.gz", &csv(0..20_000)),
        write(&directory, "1.csv.gz", format!("n,t\n{long}").as_bytes()),
        write(&directory, "2.csv.gz", &csv(20_001..40_000)),
    ];
    for concurrency in [1, 8] {
        let scan = open(&paths, &json!({"concurrency": concurrency, "memoryLimitBytes": 4_000_000}));
        let (all, end) = read(&scan);
        end.expect("the end");
        assert!(all.into_iter().eq(0..40_000));
        // Long records after short ones may take more than the limit, however files are read; but not one a file.
        assert!(scan.stats().peak_bytes <= 6_000_000, "{concurrency}: {}", scan.stats().peak_bytes);
        let scan = open(&paths, &json!({"concurrency": concurrency, "memoryLimitBytes": 1_500_000}));
        let (all, end) = read(&scan);
        let error = end.expect_err("too long");
        assert_eq!((error.code(), error.line(), error.path()), (ErrorCode::MemoryLimit, Some(2), Some(&*paths[1])));
        assert!(all.into_iter().eq(0..20_000));
    }
}

#[test]
fn a_scan_that_is_cancelled_keeps_no_file_open_and_no_byte() {
    let directory = tempfile::tempdir().expect("a folder");
    let paths: Vec<String> =
        (0..8).map(|at| write(&directory, &format!("{at}.csv.gz"), &csv(at * 30_000..(at + 1) * 30_000))).collect();
    for io in ["mmap", "read"] {
        let scan = open(&paths, &json!({"concurrency": 8, "io": io, "memoryLimitBytes": 20_000_000}));
        let batch = scan.next_blocking(None).expect("rows").expect("a batch");
        assert!(open_files(directory.path()) > 0);
        scan.cancel();
        assert!(matches!(scan.next(None), Ok(Outcome::End)));
        drop(batch);
        assert!(comes_true(|| bytes(&scan) == 0), "{} bytes are left", bytes(&scan));
        assert!(comes_true(|| open_files(directory.path()) == 0));
    }
}
