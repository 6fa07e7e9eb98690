//! Scans of many files as one: order, rows counted over files, constants, columns that differ, and broken files.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use spillway::batch::Batch;
use spillway::error::{ErrorCode, SpillwayError};
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
fn files_must_have_the_same_columns_unless_told_otherwise() {
    let folder = Folder::new();
    let a = folder.write("a.parquet", vec![("x", range(0, 10)), ("y", range(0, 10))]);
    let text: ArrayRef = Arc::new(StringArray::from_iter_values((0..10).map(|row| row.to_string())));
    let b = folder.write("b.parquet", vec![("x", text), ("z", range(0, 10))]);
    let files = [json!({ "path": a }), json!({ "path": b })];
    let scan = open(&files, json!({}));
    let first = scan.next_blocking(None).expect("the first file's rows").expect("a batch");
    assert_eq!(first.rows, 10);
    let error = read(&scan).expect_err("mismatch");
    assert_eq!(error.code(), ErrorCode::SchemaMismatch);
    let told: Vec<(&str, Option<&str>, Option<&str>)> = error
        .mismatches()
        .iter()
        .map(|mismatch| (mismatch.column.as_str(), mismatch.found.as_deref(), mismatch.expected.as_deref()))
        .collect();
    assert_eq!(told, [("x", Some("Utf8"), Some("Int64")), ("y", None, Some("Int64")), ("z", Some("Int64"), None)]);
    assert!(error.to_string().contains(&a) && error.to_string().contains(&b), "{error}");
    // What is not read may differ.
    let c = folder.write("c.parquet", vec![("w", range(0, 10)), ("y", range(10, 10))]);
    let scan = open(&[json!({ "path": a }), json!({ "path": c })], json!({ "columns": ["y"] }));
    assert_eq!(int64s(&read(&scan).expect("rows"), 1), (0..20).collect::<Vec<_>>());
}

#[test]
fn columns_are_widened_by_name_or_null_where_they_are_missing() {
    let folder = Folder::new();
    let narrow: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10));
    let a = folder.write("a.parquet", vec![("x", range(100, 10)), ("y", range(0, 10))]);
    let b = folder.write("b.parquet", vec![("y", range(10, 10)), ("x", narrow.clone()), ("extra", range(0, 10))]);
    let c = folder.write("c.parquet", vec![("x", range(0, 10))]);
    let files = [json!({ "path": a }), json!({ "path": b }), json!({ "path": c })];
    let scan = open(&files, json!({ "schema": "first" }));
    let batches = read(&scan).expect("rows");
    assert_eq!(int64s(&batches, 1), (100..110).chain(0..10).chain(0..10).collect::<Vec<_>>());
    let nulls: usize = batches.iter().map(|batch| batch.nodes[1].null_count).sum();
    assert_eq!((int64s(&batches, 3)[..20].to_vec(), nulls), ((0..20).collect(), 10));
    // The narrow file first: only a union is wide enough.
    let files = [json!({ "path": b }), json!({ "path": a })];
    let error = read(&open(&files, json!({ "schema": "first" }))).expect_err("int64 as int32");
    assert_eq!((error.code(), error.column()), (ErrorCode::SchemaMismatch, Some("x")));
    let scan = open(&files, json!({ "schema": "union" }));
    let batches = read(&scan).expect("rows");
    let names: Vec<String> = scan
        .opened()
        .expect("open")
        .expect("opened")
        .schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["y", "x", "extra"]);
    assert_eq!(int64s(&batches, 3), (0..10).chain(100..110).collect::<Vec<_>>());
    // A predicate sees the wide type and the nulls.
    let steps = json!([{ "where": compare("gt", "x", 104.0) }, { "select": ["extra"] }]);
    let batches = read(&open(&files, json!({ "schema": "union", "steps": steps }))).expect("rows");
    assert_eq!(batches.iter().map(|batch| batch.rows).sum::<u64>(), 5);
    assert_eq!(batches.iter().map(|batch| batch.nodes[0].null_count).sum::<usize>(), 5);
    let steps = json!([{ "where": { "call": "isNull", "arguments": [{ "column": ["extra"] }] } }]);
    let batches = read(&open(&files, json!({ "schema": "union", "steps": steps }))).expect("rows");
    assert_eq!(int64s(&batches, 3), (100..110).collect::<Vec<_>>());
}

#[test]
fn a_schema_that_is_given_decides() {
    let folder = Folder::new();
    let a = folder.write("a.parquet", vec![("x", range(0, 5))]);
    let amount: ArrayRef =
        Arc::new(Decimal128Array::from_iter_values(0..5).with_precision_and_scale(9, 2).expect("decimal"));
    let b = folder.write("b.parquet", vec![("amount", amount), ("x", range(5, 5))]);
    let schema = Schema::new(vec![
        Field::new("x", DataType::Int64, true),
        Field::new("amount", DataType::Decimal128(20, 4), true),
        Field::new("note", DataType::Utf8, true),
    ]);
    let bytes = StreamWriter::try_new(Vec::new(), &schema).expect("writer").into_inner().expect("schema");
    let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let files = [json!({ "path": a }), json!({ "path": b })];
    let batches = read(&open(&files, json!({ "givenSchema": hex }))).expect("rows");
    assert_eq!(int64s(&batches, 1), (0..10).collect::<Vec<_>>());
    let last = &batches[1].buffers[3].as_slice()[4 * 16..];
    assert_eq!(i128::from_le_bytes(last.try_into().expect("16 bytes")), 400, "0.04 with four decimals");
    assert!(batches.iter().all(|batch| batch.nodes[2].null_count as u64 == batch.rows));
    let error = read(&open(&files, json!({ "givenSchema": "zz" }))).expect_err("no schema");
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
}

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

#[test]
fn one_dictionary_serves_all_files() {
    let folder = Folder::new();
    let write = |file: i64| {
        let values = (0..100).map(|row| format!("value {}", (row + file) % 5));
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(values));
        json!({ "path": folder.write(&format!("{file}.parquet"), vec![("text", text)]) })
    };
    let mut files: Vec<Value> = (0..4).map(write).collect();
    let scan = open(&files, json!({ "dictionary": ["text"] }));
    let batches = read(&scan).expect("rows");
    let distinct: usize =
        batches.iter().flat_map(|batch| &batch.dictionaries).map(|dictionary| dictionary.length).sum();
    assert_eq!(distinct, 5);
    // The path of each row's file, as a dictionary.
    for (index, file) in files.iter_mut().enumerate() {
        file["constants"] = json!([{ "name": "path", "type": "dictionary", "value": format!("file {index}") }]);
    }
    let scan = open(&files, json!({ "columns": ["path"] }));
    let batches = read(&scan).expect("rows");
    // Values have the order in which files were decoded, which is any.
    let mut names = Vec::new();
    let mut paths = Vec::new();
    for batch in &batches {
        for dictionary in &batch.dictionaries {
            let offsets: Vec<usize> =
                dictionary.offsets.as_slice().chunks_exact(4).map(|bytes| usize::from(bytes[0])).collect();
            let text = std::str::from_utf8(dictionary.data.as_slice()).expect("text");
            names.extend(offsets.windows(2).map(|ends| text[ends[0]..ends[1]].to_owned()));
        }
        paths.extend(batch.buffers[1].as_slice().iter().step_by(4).map(|code| names[usize::from(*code)].clone()));
    }
    assert_eq!(paths, (0..400).map(|row| format!("file {}", row / 100)).collect::<Vec<_>>());
}

#[test]
fn strings_that_are_missing_are_null() {
    let folder = Folder::new();
    let text: ArrayRef = Arc::new(StringArray::from_iter_values(["a", "bc", "def"]));
    let float: ArrayRef = Arc::new(Float64Array::from_iter_values([1.0, 2.0, 3.0]));
    let a = folder.write("a.parquet", vec![("text", text)]);
    let b = folder.write("b.parquet", vec![("float", float)]);
    let batches =
        read(&open(&[json!({ "path": a }), json!({ "path": b })], json!({ "schema": "union" }))).expect("rows");
    assert_eq!(strings(&batches, 1), ["a", "bc", "def", "", "", ""]);
    assert_eq!(batches.iter().map(|batch| batch.nodes[0].null_count).collect::<Vec<_>>(), [0, 3]);
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
