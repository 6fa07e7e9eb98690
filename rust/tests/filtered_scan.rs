//! Scans with steps: what passes, in which batches, and what is not read for it.

mod support;

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde_json::{Value, json};
use spillway::batches::batch::Batch;
use spillway::error::ErrorCode;
use spillway::options::ScanOptions;
use spillway::scan::Scan;

use support::{TestFile, write_file};

const ROWS: i64 = 20_000;

fn batch() -> RecordBatch {
    let number: ArrayRef = Arc::new(Int64Array::from_iter_values(0..ROWS));
    let shuffled: ArrayRef = Arc::new(Int64Array::from_iter_values((0..ROWS).map(|row| row * 7919 % ROWS)));
    let name: ArrayRef =
        Arc::new((0..ROWS).map(|row| (row % 7 != 0).then(|| format!("name-{row:08}"))).collect::<StringArray>());
    let level: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| if row % 100 == 3 { "ERROR" } else { "INFO" })));
    let float: ArrayRef = Arc::new(Float64Array::from_iter_values((0..ROWS).map(|row| row as f64 / 4.0)));
    RecordBatch::try_from_iter([
        ("number", number),
        ("shuffled", shuffled),
        ("name", name),
        ("level", level),
        ("float", float),
    ])
    .expect("batch")
}

fn file() -> TestFile {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(6000))
        .set_data_page_row_count_limit(500)
        .set_write_batch_size(100)
        .set_statistics_enabled(EnabledStatistics::Page)
        .build();
    write_file(&batch(), properties)
}

fn column(name: &str) -> Value {
    json!({ "column": [name] })
}

fn number(value: f64) -> Value {
    json!({ "literal": { "type": "number", "value": value } })
}

fn text(value: &str) -> Value {
    json!({ "literal": { "type": "string", "value": value } })
}

fn call(name: &str, arguments: &[Value]) -> Value {
    json!({ "call": name, "arguments": arguments })
}

fn scan(file: &TestFile, steps: &Value, more: Value) -> Scan {
    let mut options = json!({ "path": file.path(), "steps": steps });
    if let (Some(all), Value::Object(more)) = (options.as_object_mut(), more) {
        all.extend(more);
    }
    Scan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options"))
}

fn all(scan: &Scan) -> Vec<Batch> {
    std::iter::from_fn(|| scan.next_blocking(None).expect("batch")).map(|batch| *batch).collect()
}

/// The int64 values of a buffer over all batches.
fn int64s(batches: &[Batch], buffer: usize) -> Vec<i64> {
    let bytes = batches.iter().flat_map(|batch| batch.buffers[buffer].as_slice().chunks_exact(8));
    bytes.map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

#[test]
fn rows_that_pass_come_in_order_whatever_was_pruned() {
    let file = file();
    let steps = json!([
        { "where": call("and", &[
            call("ge", &[column("number"), number(5990.0)]),
            call("lt", &[column("number"), number(12_500.0)]),
            call("eq", &[column("level"), text("ERROR")]),
        ]) },
        { "select": ["number"] },
    ]);
    let expected: Vec<i64> = (5990..12_500).filter(|row| row % 100 == 3).collect();
    for prune in [true, false] {
        let options = json!({ "prune": {
            "statistics": prune, "bloomFilters": prune, "dictionaries": prune, "pageIndex": prune } });
        let scan = scan(&file, &steps, options);
        assert_eq!(int64s(&all(&scan), 1), expected, "pruning {prune}");
        let read = scan.opened().expect("open").expect("opened").plan.rows;
        assert_eq!(read, if prune { 7000 } else { 20_000 }, "rows read, pruning {prune}");
    }
}

#[test]
fn columns_that_no_row_needs_are_not_decoded() {
    let file = file();
    let steps = json!([{ "where": call("eq", &[column("shuffled"), number(12_345.0)]) }]);
    let scan = scan(&file, &steps, json!({}));
    let batches = all(&scan);
    assert_eq!(batches.iter().map(|batch| batch.rows).sum::<u64>(), 1);
    let stats = scan.filter_stats().expect("opened");
    assert_eq!((stats.rows_tested.get(), stats.rows_passed.get()), (20_000, 1));
    assert!(stats.skipped_values.get() >= 4 * (20_000 - 500 - 8192), "{stats:?}");
}

#[test]
fn computed_columns_can_be_tested_and_shown() {
    let file = file();
    let steps = json!([
        { "withColumns": [["double", call("mul", &[column("number"), number(2.0)])]] },
        { "rename": [["number", "n"]] },
        { "where": call("in", &[column("double"), number(10.0), number(20.0), number(21.0)]) },
        { "select": ["double", "n"] },
    ]);
    let batches = all(&scan(&file, &steps, json!({})));
    assert_eq!(int64s(&batches, 1), [10, 20]);
    assert_eq!(int64s(&batches, 3), [5, 10]);
}

#[test]
fn batches_have_at_most_the_fixed_number_of_rows() {
    let file = file();
    let steps = json!([{ "where": call("ge", &[column("shuffled"), number(10_000.0)]) }, { "select": ["number"] }]);
    let batches = all(&scan(&file, &steps, json!({ "fixedRows": 300 })));
    assert!(batches.iter().all(|batch| batch.rows <= 300 && batch.rows > 0));
    let expected: Vec<i64> = (0..ROWS).filter(|row| row * 7919 % ROWS >= 10_000).collect();
    assert_eq!(int64s(&batches, 1), expected);
}

#[test]
fn row_numbers_can_be_tested() {
    let file = file();
    let steps = json!([{ "where": call("gt", &[column("row"), number(19_997.0)]) }, { "select": ["row", "number"] }]);
    let batches = all(&scan(&file, &steps, json!({ "rowIndex": "row" })));
    assert_eq!(int64s(&batches, 1), [19_998, 19_999]);
    assert_eq!(int64s(&batches, 3), [19_998, 19_999]);
}

#[test]
fn rows_known_to_pass_are_not_tested() {
    let file = file();
    let steps = json!([{ "where": call("ge", &[column("number"), number(6000.0)]) }, { "select": [] }]);
    let scan = scan(&file, &steps, json!({}));
    assert_eq!(all(&scan).iter().map(|batch| batch.rows).sum::<u64>(), 14_000);
    assert_eq!(scan.filter_stats().expect("opened").rows_tested.get(), 0);
}

#[test]
fn a_consumer_that_takes_few_rows_stops_the_scan() {
    let file = file();
    let steps = json!([{ "where": call("ge", &[column("shuffled"), number(0.0)]) }]);
    let scan = scan(&file, &steps, json!({ "maxRows": 10 }));
    let batches = all(&scan);
    assert!(batches.iter().map(|batch| batch.rows).sum::<u64>() >= 10);
    assert!(scan.stats().batches_decoded <= 4, "{:?}", scan.stats());
}

#[test]
fn nothing_passes_and_all_memory_comes_back() {
    let file = file();
    let steps = json!([{ "where": call("eq", &[column("float"), number(0.1)]) }]);
    let scan = scan(&file, &steps, json!({}));
    assert!(all(&scan).is_empty());
    let stats = scan.stats();
    assert_eq!((stats.reserved_bytes, stats.queued_bytes, stats.held_bytes), (0, 0, 0));
}

#[test]
fn steps_that_make_no_sense_are_errors() {
    let file = file();
    let code = |steps: Value| {
        let scan = scan(&file, &steps, json!({}));
        scan.next_blocking(None).expect_err("an error").code()
    };
    assert_eq!(code(json!([{ "select": ["numbre"] }])), ErrorCode::UnknownColumn);
    assert_eq!(
        code(json!([{ "select": ["name"] }, { "where": call("eq", &[column("number"), number(1.0)]) }])),
        ErrorCode::UnknownColumn
    );
    assert_eq!(code(json!([{ "where": call("eq", &[column("name"), number(1.0)]) }])), ErrorCode::InvalidExpression);
    assert_eq!(code(json!([{ "where": column("number") }])), ErrorCode::InvalidExpression);
    assert_eq!(code(json!([{ "rename": [["number", "name"]] }])), ErrorCode::InvalidArgument);
}

#[test]
fn a_column_that_is_named_and_does_not_matter_is_no_error() {
    let file = file();
    let null = json!({ "literal": { "type": "null" } });
    let predicate = call("or", &[call("eq", &[column("name"), null]), call("lt", &[column("number"), number(3.0)])]);
    let steps = json!([{ "where": predicate }, { "select": ["number"] }]);
    assert_eq!(int64s(&all(&scan(&file, &steps, json!({}))), 1), [0, 1, 2]);
}

#[test]
fn the_memory_limit_holds_whatever_passes_and_however_many_rows_are_asked_for() {
    let file = file();
    let steps = json!([{ "where": call("ne", &[column("shuffled"), number(7.0)]) }]);
    let limit = 256 << 10;
    for fixed_rows in [None, Some(1_000_000)] {
        let options = json!({ "memoryLimitBytes": limit, "fixedRows": fixed_rows });
        let scan = scan(&file, &steps, options);
        let mut rows = 0;
        while let Some(batch) = scan.next_blocking(None).expect("batch") {
            rows += batch.rows;
        }
        assert_eq!(rows, 19_999);
        let peak = scan.stats().peak_bytes;
        assert!(peak <= limit + limit / 4, "{peak} bytes of {limit}, {fixed_rows:?} rows a batch");
    }
}
