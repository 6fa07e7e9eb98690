//! Scans of many files as one: order, rows counted over files, and constants.

mod broken;
mod columns;
mod dictionaries;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use spillway::batches::batch::Batch;
use spillway::error::SpillwayError;
use spillway::options::ScanOptions;
use spillway::scan::Scan;

/// A folder of files that is deleted with it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary directory"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, columns: Vec<(&str, ArrayRef)>) -> String {
        let batch = RecordBatch::try_from_iter(columns).expect("batch");
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(400)).build();
        let out = std::fs::File::create(self.path(name)).expect("file");
        let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).expect("writer");
        writer.write(&batch).expect("write");
        writer.close().expect("close");
        self.path(name)
    }

    /// Files of 1,000 consecutive numbers each.
    fn numbers(&self, files: i64) -> Vec<Value> {
        let write = |file: i64| json!({ "path": self.write(&format!("{file}.parquet"), vec![("number", range(file * 1000, 1000))]) });
        (0..files).map(write).collect()
    }
}

fn range(first: i64, rows: i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(first..first + rows))
}

fn open(files: &[Value], more: Value) -> Scan {
    let mut options = json!({ "files": files });
    if let (Some(all), Value::Object(more)) = (options.as_object_mut(), more) {
        all.extend(more);
    }
    Scan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options"))
}

fn read(scan: &Scan) -> Result<Vec<Batch>, SpillwayError> {
    let mut batches = Vec::new();
    while let Some(batch) = scan.next_blocking(None)? {
        batches.push(*batch);
    }
    Ok(batches)
}

/// The int64 values of a buffer over all batches.
fn int64s(batches: &[Batch], buffer: usize) -> Vec<i64> {
    let bytes = batches.iter().flat_map(|batch| batch.buffers[buffer].as_slice().chunks_exact(8));
    bytes.map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

fn strings(batches: &[Batch], offsets: usize) -> Vec<String> {
    let mut all = Vec::new();
    for batch in batches {
        let ends = batch.buffers[offsets].as_slice().chunks_exact(4);
        let ends: Vec<usize> = ends.map(|b| i32::from_le_bytes(b.try_into().expect("4 bytes")) as usize).collect();
        let data = batch.buffers[offsets + 1].as_slice();
        all.extend(ends.windows(2).map(|pair| String::from_utf8(data[pair[0]..pair[1]].to_vec()).expect("UTF-8")));
    }
    all
}

fn compare(call: &str, column: &str, number: f64) -> Value {
    json!({ "call": call, "arguments": [
        { "column": [column] },
        { "literal": { "type": "number", "value": number } },
    ] })
}

fn in_year(files: &mut [Value]) {
    for (index, file) in files.iter_mut().enumerate() {
        file["constants"] = json!([{ "name": "year", "type": "int64", "value": (2020 + index).to_string() }]);
    }
}

fn file_states(scan: &Scan) -> Vec<String> {
    let files: Value = serde_json::from_slice(&scan.files().expect("opened").expect("JSON")).expect("JSON");
    files.as_array().expect("files").iter().map(|file| file["state"].as_str().expect("state").to_owned()).collect()
}

#[test]
fn rows_come_in_the_order_of_files_whatever_the_sizes() {
    let folder = Folder::new();
    let files = folder.numbers(12);
    for more in [
        json!({}),
        json!({ "fixedRows": 7 }),
        json!({ "memoryLimitBytes": 20_000 }),
        json!({ "concurrency": 1 }),
        json!({ "concurrency": 50, "io": "read" }),
        json!({ "steps": [{ "where": compare("ge", "number", 0.0) }] }),
    ] {
        let scan = open(&files, more.clone());
        assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..12_000).collect::<Vec<_>>(), "{more}");
        let stats = scan.stats();
        assert_eq!((stats.files, stats.files_opened, stats.files_done), (12, 12, 12), "{more}");
        assert_eq!((stats.rows_total, stats.rows), (12_000, 12_000), "{more}");
    }
}

#[test]
fn an_unordered_scan_gives_each_row_once() {
    let folder = Folder::new();
    let files = folder.numbers(12);
    let scan = open(&files, json!({ "unordered": true, "fixedRows": 100 }));
    let mut rows = int64s(&read(&scan).expect("rows"), 1);
    rows.sort_unstable();
    assert_eq!(rows, (0..12_000).collect::<Vec<_>>());
    assert_eq!(scan.stats().files_done, 12);
}

#[test]
fn offset_and_limit_count_over_all_files() {
    let folder = Folder::new();
    let files = folder.numbers(5);
    for (offset, limit) in [(0, 1), (999, 2), (1000, 1000), (2500, 2000), (4999, 10), (9000, 10), (0, 0)] {
        let scan = open(&files, json!({ "offset": offset, "limit": limit }));
        let expected: Vec<i64> = (offset..(offset + limit).min(5000)).collect();
        assert_eq!(int64s(&read(&scan).expect("rows"), 1), expected, "{limit} rows from {offset}");
    }
    let scan = open(&files, json!({ "offset": 10, "limit": 20 }));
    read(&scan).expect("rows");
    assert_eq!(scan.stats().files_opened, 1, "files behind the limit stay closed");
}

#[test]
fn row_numbers_count_over_the_stream_or_over_each_file() {
    let folder = Folder::new();
    let files = folder.numbers(3);
    let last = json!([{ "where": compare("ge", "number", 2990.0) }]);
    let scan = open(&files, json!({ "rowIndex": "row", "steps": last }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (2990..3000).collect::<Vec<_>>());
    let scan = open(&files, json!({ "rowIndex": "row", "rowIndexPerFile": true, "steps": last }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (990..1000).collect::<Vec<_>>());
    let scan = open(&files, json!({ "rowIndex": "row", "columns": [] }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..3000).collect::<Vec<_>>());
}

#[test]
fn a_constant_is_a_column_like_any_other() {
    let folder = Folder::new();
    let mut files = folder.numbers(3);
    in_year(&mut files);
    let scan = open(&files, json!({}));
    let batches = read(&scan).expect("rows");
    let years: Vec<i64> = (0..3000).map(|row| 2020 + row / 1000).collect();
    assert_eq!((int64s(&batches, 1), int64s(&batches, 3)), ((0..3000).collect(), years.clone()));
    // Chosen, put in order, computed with.
    let scan = open(&files, json!({ "columns": ["year", "number"] }));
    let batches = read(&scan).expect("rows");
    assert_eq!((int64s(&batches, 1), int64s(&batches, 3)), (years, (0..3000).collect()));
    let sum = json!({ "call": "add", "arguments": [{ "column": ["year"] }, { "column": ["number"] }] });
    let scan = open(&files, json!({ "steps": [{ "withColumns": [["sum", sum]] }, { "select": ["sum"] }] }));
    let sums: Vec<i64> = (0..3000).map(|row| row + 2020 + row / 1000).collect();
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), sums);
}

#[test]
fn files_that_a_predicate_rules_out_stay_closed() {
    let folder = Folder::new();
    let mut files = folder.numbers(5);
    in_year(&mut files);
    // Only the first is there: it tells the schema.
    for file in &files[1..] {
        std::fs::remove_file(file["path"].as_str().expect("path")).expect("remove");
    }
    let kept = folder.write("3.parquet", vec![("number", range(3000, 1000))]);
    files[3]["path"] = json!(kept);
    let steps = json!([{ "where": compare("eq", "year", 2023.0) }, { "select": ["number"] }]);
    let scan = open(&files, json!({ "steps": steps }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (3000..4000).collect::<Vec<_>>());
    assert_eq!(file_states(&scan), ["pruned", "pruned", "pruned", "done", "pruned"]);
    let scan = open(&files, json!({ "steps": steps, "explain": true }));
    assert!(scan.wait(std::time::Duration::from_mins(1)));
    let plan: Value = serde_json::from_slice(&scan.plan().expect("opened").expect("JSON")).expect("JSON");
    assert_eq!(plan["rows"], 1000);
    let read: Vec<bool> =
        plan["files"].as_array().expect("files").iter().map(|file| file["skipped"].is_null()).collect();
    assert_eq!(read, [false, false, false, true, false]);
}

#[test]
fn rows_that_a_constant_lets_through_are_not_tested() {
    let folder = Folder::new();
    let mut files = folder.numbers(3);
    in_year(&mut files);
    let steps = json!([{ "where": compare("ge", "year", 2020.0) }, { "select": ["number"] }]);
    let scan = open(&files, json!({ "steps": steps }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..3000).collect::<Vec<_>>());
    let opened = scan.opened().expect("open").expect("opened");
    assert!(opened.row_plan.is_none(), "columns are decoded by themselves");
    assert_eq!(opened.plan.filter.as_deref(), Some("year >= 2020"));
    // One file is known, the next two are tested.
    let either = json!({ "call": "or", "arguments": [compare("eq", "year", 2020.0), compare("lt", "number", 1500.0)] });
    let scan = open(&files, json!({ "steps": [{ "where": either }] }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..1500).collect::<Vec<_>>());
    let stats = scan.filter_stats().expect("opened");
    assert_eq!(stats.conditions().len(), 1);
    assert!(stats.rows_tested.get() <= 1000, "a file and half of the row groups of another are not tested");
}

#[test]
fn a_scan_that_ends_early_gives_all_back() {
    let folder = Folder::new();
    let files = folder.numbers(20);
    for taken in 0..6 {
        let scan = open(&files, json!({ "fixedRows": 100 }));
        for _ in 0..taken {
            drop(scan.next_blocking(None).expect("batch"));
        }
        scan.cancel();
        let stats = scan.stats();
        assert_eq!((stats.reserved_bytes, stats.queued_bytes, stats.held_bytes), (0, 0, 0), "after {taken} batches");
    }
}
