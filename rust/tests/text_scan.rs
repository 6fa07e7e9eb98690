//! Text scans as their consumer sees them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use spillway::batch_scan::{BatchScan, ByteInput, Outcome, Pushed};
use spillway::batches::batch::Batch;
use spillway::error::{ErrorCode, Result};
use spillway::options::ScanOptions;
use spillway::text::scan::TextScan;
use tempfile::NamedTempFile;

fn file(text: &[u8], suffix: &str) -> NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().expect("a file");
    file.write_all(text).expect("written");
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path")
}

fn open(options: &Value) -> TextScan {
    let mut options = options.clone();
    if options.get("text").is_none() {
        options["text"] = json!({"format": {"ndjson": {}}});
    }
    TextScan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options")).expect("a scan")
}

/// Of the batches' first column, which has whole numbers and no nulls.
fn numbers(batch: &Batch) -> Vec<i64> {
    let bytes = batch.buffers[1].as_slice();
    bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

fn read(scan: &TextScan) -> Result<Vec<Vec<i64>>> {
    let mut batches = Vec::new();
    while let Some(batch) = scan.next_blocking(None)? {
        batches.push(numbers(&batch));
    }
    Ok(batches)
}

/// Workers that are at it give their memory back a moment later.
fn gives_all_back(scan: &TextScan) {
    for _ in 0..500 {
        let stats = scan.stats();
        if stats.held_bytes + stats.queued_bytes + stats.reserved_bytes == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} bytes are left", scan.stats().reserved_bytes);
}

fn lines(numbers: std::ops::Range<i64>) -> Vec<u8> {
    let line = |n: i64| format!("{{\"n\":{n},\"text\":\"number {n}\"}}\n").into_bytes();
    numbers.flat_map(line).collect()
}

#[test]
fn rows_come_in_order_however_large_pieces_and_batches_are() {
    let text = lines(0..50_000);
    let file = file(&text, ".ndjson");
    for options in [
        json!({"path": path(&file)}),
        json!({"path": path(&file), "io": "read"}),
        json!({"path": path(&file), "batchRows": 100}),
        json!({"path": path(&file), "memoryLimitBytes": 300_000}),
        json!({"path": path(&file), "unordered": true, "columns": ["n"]}),
    ] {
        let scan = open(&options);
        let mut all: Vec<i64> = read(&scan).expect("rows").concat();
        if options["unordered"] == true {
            all.sort_unstable();
        }
        assert!(all.iter().copied().eq(0..50_000), "{options}");
        let stats = scan.stats();
        assert_eq!((stats.rows, stats.rows_total, stats.files_done), (50_000, 50_000, 1), "{options}");
        assert_eq!(stats.compressed_bytes_read, text.len() as u64);
        assert!(stats.peak_bytes > 0 && stats.peak_bytes <= stats.share_bytes, "{options}: {}", stats.peak_bytes);
        gives_all_back(&scan);
    }
}

#[test]
fn fixed_batches_are_exact_also_where_a_predicate_leaves_rows_out() {
    let file = file(&lines(0..20_000), ".ndjson");
    let sizes = |batches: &[Vec<i64>]| batches.iter().map(Vec::len).collect::<Vec<_>>();
    let scan = open(&json!({"path": path(&file), "fixedRows": 7_000}));
    assert_eq!(sizes(&read(&scan).expect("rows")), [7_000, 7_000, 6_000]);
    let few = json!({"call": "lt", "arguments": [{"column": ["n"]}, {"literal": {"type": "number", "value": 15_500}}]});
    let scan = open(&json!({"path": path(&file), "fixedRows": 7_000, "steps": [{"where": few}]}));
    assert_eq!(sizes(&read(&scan).expect("rows")), [7_000, 7_000, 1_500]);
    let none = json!({"call": "lt", "arguments": [{"column": ["n"]}, {"literal": {"type": "number", "value": 0}}]});
    let scan = open(&json!({"path": path(&file), "steps": [{"where": none}]}));
    assert!(read(&scan).expect("rows").is_empty());
}

#[test]
fn rows_are_skipped_limited_and_numbered() {
    let files: Vec<NamedTempFile> = [0..10, 10..10, 10..25_000].map(|range| file(&lines(range), ".ndjson")).into();
    let paths: Vec<Value> = files.iter().map(|file| json!({"path": path(file)})).collect();
    let scan = open(&json!({"files": paths, "offset": 5, "limit": 20_000}));
    assert!(read(&scan).expect("rows").concat().into_iter().eq(5..20_005));
    let scan = open(&json!({"files": paths, "offset": 24_990, "rowIndex": "row"}));
    assert!(read(&scan).expect("rows").concat().into_iter().eq(24_990..25_000));
    let scan = open(&json!({"files": paths, "limit": 0}));
    assert!(read(&scan).expect("rows").is_empty());
    let scan = open(&json!({"files": paths, "maxRows": 12}));
    assert_eq!(read(&scan).expect("rows").concat().len(), 12);
}

#[test]
fn compressed_files_are_read_by_their_names() {
    let text = lines(0..30_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text[..1000]).expect("written");
    let mut members = gzip.finish().expect("finished");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text[1000..]).expect("written");
    members.extend(gzip.finish().expect("finished"));
    let gzip = file(&members, ".ndjson.gz");
    let zstd = file(&zstd::encode_all(text.as_slice(), 1).expect("compressed"), ".ndjson.zst");
    for (file, io) in [(&gzip, "mmap"), (&gzip, "read"), (&zstd, "mmap")] {
        let scan = open(&json!({"path": path(file), "io": io, "memoryLimitBytes": 2_000_000}));
        assert!(read(&scan).expect("rows").concat().into_iter().eq(0..30_000));
        let stats = scan.stats();
        assert!(stats.peak_bytes <= stats.share_bytes, "{}", stats.peak_bytes);
    }
    let cut = file(&members[..members.len() - 20], ".gz");
    let error = read(&open(&json!({"path": path(&cut)}))).expect_err("cut off");
    assert_eq!((error.code(), error.path()), (ErrorCode::CorruptFile, Some(path(&cut))));
}

#[test]
fn failures_come_after_the_rows_before_them() {
    let mut text = lines(0..30_000);
    text.extend(b"{\"n\":\"x\"}\n");
    let file = file(&text, ".ndjson");
    let scan = open(&json!({"path": path(&file)}));
    let mut rows = 0;
    let error = loop {
        match scan.next_blocking(None) {
            Ok(batch) => rows += batch.expect("a failure before the end").rows,
            Err(error) => break error,
        }
    };
    assert!(rows > 10_000 && rows <= 30_000, "{rows}");
    assert_eq!((error.code(), error.line(), error.path()), (ErrorCode::MalformedData, Some(30_001), Some(path(&file))));
    assert_eq!(scan.next_blocking(None).expect_err("again").line(), Some(30_001));
    gives_all_back(&scan);
}

#[test]
fn broken_files_are_left_out_where_that_is_wanted() {
    let good = [file(&lines(0..10), ".ndjson"), file(&lines(10..20_000), ".ndjson")];
    let bad = file(b"{\"n\":1}\n{\"n\":2\n", ".ndjson");
    let missing = json!({"path": "/nowhere/at-all.ndjson"});
    let files = json!([missing, {"path": path(&bad)}, {"path": path(&good[0])}, {"path": path(&bad)}, missing, {"path": path(&good[1])}]);
    let scan = open(&json!({"files": files, "skipBrokenFiles": true, "columns": ["n"]}));
    assert!(read(&scan).expect("rows").concat().into_iter().eq(0..20_000));
    let stats = scan.stats();
    assert_eq!((stats.files_skipped, stats.files_done), (4, 2));
    let error = read(&open(&json!({"files": files}))).expect_err("missing");
    assert_eq!(error.code(), ErrorCode::FileNotFound);
}

#[test]
fn an_empty_file_has_no_rows() {
    let empty = file(b"", ".ndjson");
    let scan = open(&json!({"path": path(&empty)}));
    assert!(read(&scan).expect("rows").is_empty());
    assert_eq!(scan.schema().expect("schema").expect("known").fields().len(), 0);
}

#[test]
fn a_record_larger_than_the_memory_is_an_error() {
    let long = format!("{{\"n\":1,\"t\":\"{}\"}}", "x".repeat(3_000_000));
    let mut text = lines(0..10_000);
    text.extend(long.as_bytes());
    let file = file(&text, ".ndjson");
    for io in ["mmap", "read"] {
        let scan = open(&json!({"path": path(&file), "io": io, "memoryLimitBytes": 1_000_000}));
        let error = read(&scan).expect_err("too long");
        assert_eq!((error.code(), error.line()), (ErrorCode::MemoryLimit, Some(10_001)), "{error}");
        assert!(scan.stats().peak_bytes <= 1_000_000, "{}", scan.stats().peak_bytes);
    }
    let scan = open(&json!({"path": path(&file), "memoryLimitBytes": 16_000_000}));
    assert!(read(&scan).is_ok());
}

#[test]
fn cancelling_gives_all_memory_back() {
    let file = file(&lines(0..200_000), ".ndjson");
    let scan = open(&json!({"path": path(&file), "memoryLimitBytes": 4_000_000}));
    let batch = scan.next_blocking(None).expect("rows").expect("a batch");
    scan.cancel();
    assert!(matches!(scan.next(None), Ok(Outcome::End)));
    drop(batch);
    gives_all_back(&scan);
}

/// Pushes slices of these lengths from a thread of its own.
fn pusher(input: Arc<dyn ByteInput>, text: Vec<u8>, length: usize) -> std::thread::JoinHandle<usize> {
    std::thread::spawn(move || {
        let mut refused = 0;
        for slice in text.chunks(length) {
            loop {
                match input.push(slice).expect("pushed") {
                    Pushed::Taken => break,
                    Pushed::Over => return refused,
                    Pushed::Full => refused += 1,
                }
                while !input.wait(Duration::from_millis(100)) {}
            }
        }
        input.end();
        refused
    })
}

#[test]
fn pushed_bytes_may_be_cut_anywhere() {
    let text = "\u{feff}{\"n\":1,\"t\":\"ü😀\"}\r\n\n{\"n\":2}\n{\"n\":3,\"t\":null}".as_bytes();
    for length in 1..=text.len() {
        let scan = open(&json!({"text": {"format": {"ndjson": {}}, "pushed": true}}));
        let pushing = pusher(scan.input().expect("input"), text.to_vec(), length);
        assert_eq!(read(&scan).expect("rows").concat(), [1, 2, 3], "{length}");
        pushing.join().expect("pushed");
    }
}

#[test]
fn a_writer_waits_for_the_consumer() {
    let text = lines(0..300_000);
    let scan = open(
        &json!({"text": {"format": {"ndjson": {"inferRows": 10}}, "pushed": true}, "memoryLimitBytes": 1_000_000}),
    );
    let pushing = pusher(scan.input().expect("input"), text, 10_000);
    std::thread::sleep(Duration::from_millis(50));
    assert!(!pushing.is_finished());
    assert!(read(&scan).expect("rows").concat().into_iter().eq(0..300_000));
    assert!(pushing.join().expect("pushed") > 0);
    assert!(scan.stats().peak_bytes <= 1_000_000, "{}", scan.stats().peak_bytes);
}

#[test]
fn pushed_rows_come_before_more_is_pushed() {
    let scan = open(&json!({"text": {"format": {"ndjson": {"inferRows": 1}}, "pushed": true}}));
    let input = scan.input().expect("input");
    for n in 0..20 {
        assert_eq!(input.push(format!("{{\"n\":{n}}}\n{{\"n\"").as_bytes()).expect("pushed"), Pushed::Taken);
        let batch = scan.next_blocking(None).expect("rows").expect("a batch");
        if n == 0 {
            assert_eq!(numbers(&batch), [0]);
        } else {
            assert_eq!(numbers(&batch)[..], [n]);
        }
        assert_eq!(input.push(b":-1}\n").expect("pushed"), Pushed::Taken);
        assert_eq!(numbers(&scan.next_blocking(None).expect("rows").expect("a batch")), [-1]);
    }
    input.end();
    assert!(scan.next_blocking(None).expect("the end").is_none());
    assert_eq!(input.push(b"{}").expect("told"), Pushed::Over);
}
