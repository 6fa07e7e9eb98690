//! Files that can't be read, or have nothing to read.

use serde_json::json;
use spillway::error::ErrorCode;

use crate::{Folder, file_states, int64s, open, range, read};

#[test]
fn broken_files_end_the_scan_or_are_left_out() {
    let folder = Folder::new();
    let mut files = folder.numbers(4);
    std::fs::write(folder.path("bad.parquet"), b"not Parquet at all").expect("write");
    files.insert(2, json!({ "path": folder.path("bad.parquet") }));
    files.insert(0, json!({ "path": folder.path("missing.parquet") }));
    let error = read(&open(&files, json!({}))).expect_err("missing");
    assert_eq!(error.code(), ErrorCode::FileNotFound);
    let scan = open(&files[1..], json!({}));
    let mut rows = 0;
    let error = loop {
        match scan.next_blocking(None) {
            Ok(Some(batch)) => rows += batch.rows,
            Ok(None) => panic!("the broken file was not told of"),
            Err(error) => break error,
        }
    };
    assert_eq!((rows, error.code()), (2000, ErrorCode::NotParquet));
    let scan = open(&files, json!({ "skipBrokenFiles": true }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..4000).collect::<Vec<_>>());
    assert_eq!(file_states(&scan), ["skipped", "done", "done", "skipped", "done", "done"]);
    assert_eq!(scan.stats().files_skipped, 2);
}

#[test]
fn a_file_that_breaks_off_keeps_what_was_given() {
    let folder = Folder::new();
    let files = folder.numbers(3);
    let path = files[1]["path"].as_str().expect("path");
    let mut bytes = std::fs::read(path).expect("read");
    // The last row group's page: its compressed bytes are no longer what they were.
    let place = bytes.len() / 2;
    bytes[place..place + 40].fill(0xff);
    std::fs::write(path, &bytes).expect("write");
    let scan = open(&files, json!({ "skipBrokenFiles": true, "fixedRows": 100 }));
    let rows = int64s(&read(&scan).expect("rows"), 1);
    assert_eq!(rows[..1000], (0..1000).collect::<Vec<_>>());
    assert_eq!(rows[rows.len() - 1000..], (2000..3000).collect::<Vec<_>>());
    let stats = scan.stats();
    assert_eq!((stats.reserved_bytes, stats.queued_bytes, stats.chunks_in_flight), (0, 0, 0));
}

#[test]
fn a_file_without_rows_is_no_end() {
    let folder = Folder::new();
    let empty = folder.write("empty.parquet", vec![("number", range(0, 0))]);
    let mut files = folder.numbers(2);
    files.insert(1, json!({ "path": empty }));
    files.insert(0, json!({ "path": empty }));
    files.push(json!({ "path": empty }));
    let scan = open(&files, json!({}));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..2000).collect::<Vec<_>>());
    assert_eq!(scan.stats().files_done, 5);
    let scan = open(&files[..1], json!({}));
    assert_eq!(read(&scan).expect("rows").len(), 0);
}
