//! Scans of CSV as their consumer sees them.

use std::io::Write;

use serde_json::{Value, json};
use spillway::batch_scan::BatchScan;
use spillway::error::{ErrorCode, Result};
use spillway::options::ScanOptions;
use spillway::text::scan::TextScan;
use tempfile::NamedTempFile;

fn file(text: &str) -> NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path")
}

fn open(files: &[&NamedTempFile], csv: &Value, mut options: Value) -> TextScan {
    options["files"] = files.iter().map(|file| json!({"path": path(file)})).collect();
    options["text"] = json!({"format": {"csv": csv}});
    TextScan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options")).expect("a scan")
}

/// Of the batches' first column, which has whole numbers and no nulls.
fn numbers(scan: &TextScan) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    while let Some(batch) = scan.next_blocking(None)? {
        let values = batch.buffers[1].as_slice().chunks_exact(8);
        all.extend(values.map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))));
    }
    Ok(all)
}

#[test]
fn line_breaks_within_quotes_end_no_piece() {
    let lines = (0..60_000).map(|n| format!("{n},\"a\n\"\",{n}\r\n\",{}\r\n", n % 9)).collect::<Vec<_>>().concat();
    let file = file(&format!("n,text,rest\r\n{lines}"));
    for options in [json!({}), json!({"memoryLimitBytes": 1_000_000}), json!({"columns": ["n"], "io": "read"})] {
        let scan = open(&[&file], &json!({}), options.clone());
        assert!(numbers(&scan).expect("numbers").into_iter().eq(0..60_000), "{options}");
        let stats = scan.stats();
        assert!(stats.peak_bytes <= stats.share_bytes, "{options}: {}", stats.peak_bytes);
    }
}

#[test]
fn a_bad_cell_in_a_late_piece_is_told_with_its_line() {
    let lines = (0..100_000).map(|n| format!("{n},\"two\nlines\"\n")).collect::<Vec<_>>().concat();
    let file = file(&format!("n,text\n{lines}x,y\n"));
    let error = numbers(&open(&[&file], &json!({}), json!({}))).expect_err("a bad cell");
    assert_eq!((error.code(), error.line(), error.column()), (ErrorCode::MalformedData, Some(200_002), Some("n")));
    assert_eq!(error.path(), Some(path(&file)));
    let scan = open(&[&file], &json!({"onBadCell": "null"}), json!({"columns": ["text"]}));
    while scan.next_blocking(None).expect("batches").is_some() {}
    assert_eq!(scan.stats().rows, 100_001);
}

#[test]
fn files_with_another_header_are_told_apart() {
    let (first, second) = (file("n,a\n1,x\n"), file("n,b\n2,y\n"));
    let error = numbers(&open(&[&first, &second], &json!({}), json!({}))).expect_err("another header");
    assert_eq!(error.path(), Some(path(&second)));
    assert!(error.to_string().contains(path(&first)), "{error}");
    let named = json!({"header": ["n", "t"], "skipRows": 1});
    assert_eq!(numbers(&open(&[&first, &second], &named, json!({}))).expect("numbers"), [1, 2]);
}
