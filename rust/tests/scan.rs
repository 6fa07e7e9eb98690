//! Scans through the crate's own interface: order, exact counts, the budget, cancellation and failures.

mod support;

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::file::properties::WriterProperties;
use spillway::batches::batch::Batch;
use spillway::error::ErrorCode;
use spillway::options::ScanOptions;
use spillway::scan::{Outcome, Scan};

use support::{TestFile, write_file};

fn numbers_and_names(rows: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
    let names: ArrayRef =
        Arc::new((0..rows).map(|row| (row % 7 != 0).then(|| format!("name-{row:08}"))).collect::<StringArray>());
    RecordBatch::try_from_iter([("number", numbers), ("name", names)]).expect("batch")
}

fn small_groups(rows_per_group: usize) -> WriterProperties {
    WriterProperties::builder()
        .set_max_row_group_row_count(Some(rows_per_group))
        .set_data_page_row_count_limit(500)
        .set_write_batch_size(100)
        .build()
}

fn scan(file: &TestFile, more: serde_json::Value) -> Scan {
    let mut options = serde_json::json!({ "path": file.path() });
    if let (Some(all), serde_json::Value::Object(more)) = (options.as_object_mut(), more) {
        all.extend(more);
    }
    Scan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options"))
}

fn all(scan: &Scan) -> Vec<Batch> {
    std::iter::from_fn(|| scan.next_blocking(None).expect("batch")).map(|batch| *batch).collect()
}

fn int64s(batch: &Batch, buffer: usize) -> Vec<i64> {
    batch.buffers[buffer]
        .as_slice()
        .chunks_exact(8)
        .map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes")))
        .collect()
}

fn strings(batch: &Batch, offsets: usize) -> Vec<String> {
    let ends: Vec<usize> = batch.buffers[offsets]
        .as_slice()
        .chunks_exact(4)
        .map(|b| i32::from_le_bytes(b.try_into().expect("4 bytes")) as usize)
        .collect();
    let data = batch.buffers[offsets + 1].as_slice();
    ends.windows(2).map(|pair| String::from_utf8(data[pair[0]..pair[1]].to_vec()).expect("UTF-8")).collect()
}

#[test]
fn batches_come_in_file_order_with_exact_counts() {
    let file = write_file(&numbers_and_names(10_000), small_groups(3000));
    for rows in [1, 7, 1000, 3000, 4096, 9999, 10_000, 20_000] {
        let batches = all(&scan(&file, serde_json::json!({ "fixedRows": rows })));
        let counts: Vec<u64> = batches.iter().map(|batch| batch.rows).collect();
        let mut expected = vec![rows; (10_000 / rows) as usize];
        expected.extend((10_000 % rows != 0).then_some(10_000 % rows));
        assert_eq!(counts, expected, "batches of {rows}");
        let numbers: Vec<i64> = batches.iter().flat_map(|batch| int64s(batch, 1)).collect();
        assert!(numbers.iter().copied().eq(0..10_000), "batches of {rows}");
        let names: Vec<String> = batches.iter().flat_map(|batch| strings(batch, 3)).collect();
        assert_eq!(
            (names[1].as_str(), names[9999].as_str(), names[7].as_str()),
            ("name-00000001", "name-00009999", "")
        );
        let nulls: usize = batches.iter().map(|batch| batch.nodes[1].null_count).sum();
        assert_eq!(nulls, 1429);
    }
}

#[test]
fn a_single_column_is_decoded_in_segments_and_stays_in_order() {
    let file = write_file(&numbers_and_names(200_000), small_groups(10_000));
    let scan = scan(&file, serde_json::json!({ "columns": ["number"], "memoryLimitBytes": 4 << 20 }));
    let batches = all(&scan);
    let numbers: Vec<i64> = batches.iter().flat_map(|batch| int64s(batch, 1)).collect();
    assert!(numbers.iter().copied().eq(0..200_000));
    let opened = scan.opened().expect("open").expect("opened");
    if spillway::workers::threads() > 1 {
        assert!(opened.plan.active_segments > 1 && opened.plan.segments.len() > 1, "{:?}", opened.plan.segments);
    }
}

#[test]
fn offset_limit_and_row_groups_choose_rows() {
    let file = write_file(&numbers_and_names(10_000), small_groups(1000));
    let rows = |more| -> Vec<i64> { all(&scan(&file, more)).iter().flat_map(|batch| int64s(batch, 1)).collect() };
    assert!(rows(serde_json::json!({ "offset": 2500, "limit": 1200 })).into_iter().eq(2500..3700));
    assert!(rows(serde_json::json!({ "rowGroups": [7, 2] })).into_iter().eq((2000..3000).chain(7000..8000)));
    assert!(rows(serde_json::json!({ "rowGroups": [7, 2], "offset": 999, "limit": 2 })).into_iter().eq([2999, 7000]));
    assert!(rows(serde_json::json!({ "offset": 20_000 })).is_empty());
    assert!(rows(serde_json::json!({ "limit": 0 })).is_empty());
}

#[test]
fn row_numbers_are_those_of_the_file() {
    let file = write_file(&numbers_and_names(5000), small_groups(1000));
    let scan = scan(&file, serde_json::json!({ "rowGroups": [3, 1], "rowIndex": "row", "columns": ["number"] }));
    for batch in all(&scan) {
        assert_eq!(int64s(&batch, 1), int64s(&batch, 3));
        assert_eq!(batch.first_row_in_file as i64, int64s(&batch, 1)[0]);
    }
}

#[test]
fn no_columns_give_row_counts() {
    let file = write_file(&numbers_and_names(5000), small_groups(1000));
    let batches = all(&scan(&file, serde_json::json!({ "columns": [], "fixedRows": 2000 })));
    assert_eq!(batches.iter().map(|batch| batch.rows).collect::<Vec<_>>(), [2000, 2000, 1000]);
    assert!(batches.iter().all(|batch| batch.buffers.is_empty()));
}

#[test]
fn nothing_is_decoded_before_the_first_pull() {
    let file = write_file(&numbers_and_names(5000), small_groups(1000));
    let scan = scan(&file, serde_json::json!({}));
    assert!(scan.wait(Duration::from_secs(10)), "the file opens");
    assert_eq!(scan.stats().rows_planned, 0);
    assert_eq!(scan.stats().peak_bytes, 0);
}

#[test]
fn a_consumer_that_holds_batches_stops_decoding_at_the_limit() {
    let file = write_file(&numbers_and_names(400_000), small_groups(50_000));
    let limit = 4 << 20;
    let scan = scan(&file, serde_json::json!({ "memoryLimitBytes": limit, "batchRows": 1000 }));
    let mut held = Vec::new();
    while let Some(batch) = scan.next_blocking(None).expect("batch") {
        held.push(batch);
        if scan.consumer_over_share() {
            break;
        }
    }
    // Once the consumer takes no more, what is decoded stands still below the limit.
    let settled = || {
        let before = scan.stats().batches_decoded;
        std::thread::sleep(Duration::from_millis(50));
        scan.stats().batches_decoded == before && scan.stats().reserved_bytes == 0
    };
    while !settled() {}
    let stats = scan.stats();
    assert!(stats.queued_bytes + stats.held_bytes <= limit, "{stats:?}");
    assert!(stats.rows_planned < 400_000);
    drop(held);
    let rest: u64 = std::iter::from_fn(|| scan.next_blocking(None).expect("batch")).map(|batch| batch.rows).sum();
    assert_eq!(scan.stats().rows, 400_000);
    assert!(rest > 0);
    assert!(scan.stats().peak_bytes <= limit + limit / 8, "{:?}", scan.stats());
    assert_eq!(scan.stats().held_bytes, 0);
}

#[test]
fn cancelling_frees_everything_that_is_not_held() {
    let file = write_file(&numbers_and_names(100_000), small_groups(10_000));
    let scan = scan(&file, serde_json::json!({ "batchRows": 1000 }));
    let first = scan.next_blocking(None).expect("batch").expect("first batch");
    scan.cancel();
    scan.cancel();
    assert!(matches!(scan.next(None), Ok(Outcome::End)));
    let stats = scan.stats();
    assert_eq!((stats.queued_bytes, stats.reserved_bytes, stats.held_bytes), (0, 0, first.bytes));
    assert_eq!(int64s(&first, 1)[..3], [0, 1, 2]);
    drop(first);
    assert_eq!(scan.stats().held_bytes, 0);
}

#[test]
fn long_strings_after_short_ones_make_short_batches() {
    let long = "x".repeat(1 << 20);
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..4000).map(|row| if row < 3980 { "short".to_owned() } else { format!("{row}{long}") }),
    ));
    let file = write_file(
        &RecordBatch::try_from_iter([("name", names)]).expect("batch"),
        WriterProperties::builder().set_dictionary_enabled(false).build(),
    );
    let limit = 32 << 20;
    let scan = scan(&file, serde_json::json!({ "memoryLimitBytes": limit, "batchRows": 4000 }));
    let mut rows = 0;
    while let Some(batch) = scan.next_blocking(None).expect("batch") {
        assert!(batch.bytes <= limit / 4, "{} bytes in a batch of {} rows", batch.bytes, batch.rows);
        rows += batch.rows;
    }
    assert_eq!(rows, 4000);
    assert!(scan.stats().peak_bytes <= limit + (8 << 20), "{:?}", scan.stats());
}

#[test]
fn a_row_that_does_not_fit_is_an_error() {
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(["x".repeat(1 << 20)]));
    let file =
        write_file(&RecordBatch::try_from_iter([("name", names)]).expect("batch"), WriterProperties::builder().build());
    let scan = scan(&file, serde_json::json!({ "memoryLimitBytes": 10_000 }));
    let error = scan.next_blocking(None).expect_err("too small");
    assert_eq!(error.code(), ErrorCode::MemoryLimit);
    assert_eq!(scan.next_blocking(None).expect_err("the same again").code(), ErrorCode::MemoryLimit);
}

#[test]
fn dictionaries_are_one_a_column_over_all_row_groups() {
    let names: ArrayRef = Arc::new(
        (0..10_000)
            .map(|row| (row % 11 != 0).then(|| format!("v{}", (row / 1000) * 2 + row % 2)))
            .collect::<StringArray>(),
    );
    let file = write_file(&RecordBatch::try_from_iter([("name", names)]).expect("batch"), small_groups(1000));
    let scan = scan(&file, serde_json::json!({ "dictionary": ["name"], "fixedRows": 1500 }));
    let mut dictionary = Vec::new();
    let mut row = 0;
    while let Some(batch) = scan.next_blocking(None).expect("batch") {
        for update in &batch.dictionaries {
            let ends: Vec<usize> = update
                .offsets
                .as_slice()
                .chunks_exact(4)
                .map(|b| i32::from_le_bytes(b.try_into().expect("4 bytes")) as usize)
                .collect();
            dictionary.extend(
                ends.windows(2)
                    .map(|pair| String::from_utf8(update.data.as_slice()[pair[0]..pair[1]].to_vec()).expect("UTF-8")),
            );
        }
        for code in batch.buffers[1].as_slice().chunks_exact(4) {
            let code = i32::from_le_bytes(code.try_into().expect("4 bytes")) as usize;
            if row % 11 != 0 {
                assert_eq!(dictionary[code], format!("v{}", (row / 1000) * 2 + row % 2), "row {row}");
            }
            row += 1;
        }
    }
    assert_eq!((row, dictionary.len()), (10_000, 20));
}

#[test]
fn a_missing_file_fails_on_every_call() {
    let options = ScanOptions::from_json(br#"{"path": "/nowhere/at-all.parquet"}"#).expect("options");
    let scan = Scan::open(options);
    assert_eq!(scan.next_blocking(None).expect_err("missing").code(), ErrorCode::FileNotFound);
    assert_eq!(scan.opened().map(|_| ()).expect_err("missing").code(), ErrorCode::FileNotFound);
}

#[test]
fn a_scan_dropped_half_read_leaves_nothing() {
    let file = write_file(&numbers_and_names(100_000), small_groups(10_000));
    let before = spillway::memory::budget::active_streams();
    for _ in 0..50 {
        let scan = scan(&file, serde_json::json!({ "batchRows": 500 }));
        let batch = scan.next_blocking(None).expect("batch");
        drop(scan);
        assert_eq!(batch.map(|batch| batch.rows), Some(500));
    }
    assert!(spillway::memory::budget::active_streams() <= before + 8, "other tests may scan at the same time");
}
