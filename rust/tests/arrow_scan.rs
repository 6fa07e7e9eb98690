//! Scans of Arrow IPC as their consumer sees them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use serde_json::{Value, json};
use spillway::batch_scan::{BatchScan, Pushed};
use spillway::batches::batch::Batch;
use spillway::encode::Encoder;
use spillway::encode::arrow_ipc::{ArrowIpcEncoder, ArrowIpcOptions, IpcCompression};
use spillway::error::{ErrorCode, Result};
use spillway::options::ScanOptions;
use spillway::text::scan::TextScan;
use tempfile::NamedTempFile;

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path")
}

fn open(options: &Value) -> TextScan {
    let mut options = options.clone();
    if options.get("text").is_none() {
        options["text"] = json!({"format": {"arrow": {}}});
    }
    TextScan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options")).expect("a scan")
}

fn formats() -> Vec<ArrowIpcOptions> {
    let compressions = [None, Some(IpcCompression::Lz4), Some(IpcCompression::Zstd)];
    let of = |file| compressions.map(|compression| ArrowIpcOptions { file, compression });
    [of(false), of(true)].concat()
}

fn rows(range: std::ops::Range<i64>) -> RecordBatch {
    let texts: StringArray = range.clone().map(|n| (n % 7 != 0).then(|| format!("number {n}"))).collect();
    let numbers = Int64Array::from_iter_values(range.clone());
    let kinds: DictionaryArray<Int32Type> = range.map(|n| Some(["a", "b", "c"][n as usize % 3])).collect();
    let columns: [(&str, ArrayRef); 3] =
        [("n", Arc::new(numbers)), ("text", Arc::new(texts)), ("kind", Arc::new(kinds))];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("batch")
}

fn ipc(options: &ArrowIpcOptions, batches: &[RecordBatch]) -> Vec<u8> {
    let mut encoder = ArrowIpcEncoder::new(options, &batches[0].schema()).expect("encoder");
    let mut bytes = Vec::new();
    encoder.write(batches, &mut bytes).expect("batches");
    encoder.finish(&mut bytes).expect("end");
    bytes
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

/// Of the batches' first column, which has whole numbers and no nulls.
fn numbers(batch: &Batch) -> Vec<i64> {
    let bytes = batch.buffers[1].as_slice();
    bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().expect("8 bytes"))).collect()
}

/// The texts of a column whose offsets are the buffer at `place`.
fn texts(batch: &Batch, place: usize) -> Vec<String> {
    let offsets: Vec<usize> = batch.buffers[place]
        .as_slice()
        .chunks_exact(4)
        .map(|bytes| i32::from_le_bytes(bytes.try_into().expect("4 bytes")) as usize)
        .collect();
    assert_eq!((offsets[0], offsets.len() as u64), (0, batch.rows + 1));
    let bytes = batch.buffers[place + 1].as_slice();
    offsets.windows(2).map(|ends| String::from_utf8(bytes[ends[0]..ends[1]].to_vec()).expect("UTF-8")).collect()
}

fn read(scan: &TextScan) -> Result<Vec<Vec<i64>>> {
    let mut batches = Vec::new();
    while let Some(batch) = scan.next_blocking(None)? {
        batches.push(numbers(&batch));
    }
    Ok(batches)
}

#[test]
fn rows_come_in_order_from_every_format_and_in_every_size() {
    // One large batch, which is given in parts, and many small ones.
    let large = [rows(0..100_000)];
    let small: Vec<RecordBatch> = (0..100).map(|part| rows(1_000 * part..1_000 * (part + 1))).collect();
    for options in formats() {
        for batches in [&large[..], &small[..]] {
            let file = file(&ipc(&options, batches));
            for scan in [
                json!({"path": path(&file)}),
                json!({"path": path(&file), "io": "read"}),
                json!({"path": path(&file), "batchRows": 100}),
                json!({"path": path(&file), "fixedRows": 30_001}),
                json!({"path": path(&file), "unordered": true, "columns": ["n"]}),
            ] {
                let opened = open(&scan);
                let batches = read(&opened).expect("rows");
                let mut all = batches.concat();
                if scan["unordered"] == true {
                    all.sort_unstable();
                }
                assert!(all.iter().copied().eq(0..100_000), "{options:?} {scan}");
                if scan["fixedRows"] == 30_001 {
                    let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
                    assert_eq!(sizes, [30_001, 30_001, 30_001, 9_997], "{options:?}");
                }
                let stats = opened.stats();
                assert_eq!((stats.rows, stats.rows_total, stats.files_done), (100_000, 100_000, 1), "{scan}");
                assert_eq!(
                    (stats.held_bytes, stats.queued_bytes, stats.reserved_bytes),
                    (0, 0, 0),
                    "{options:?} {scan}"
                );
            }
        }
    }
}

#[test]
fn columns_are_shown_whole_from_parts_of_batches() {
    for options in formats() {
        let file = file(&ipc(&options, &[rows(0..50_000)]));
        let scan = open(&json!({"path": path(&file), "batchRows": 999, "columns": ["n", "text", "kind"]}));
        let mut next = 0;
        while let Some(batch) = scan.next_blocking(Some(999)).expect("batch") {
            let expected = next..next + batch.rows as i64;
            assert!(numbers(&batch).into_iter().eq(expected.clone()));
            let text = |n: i64| if n % 7 == 0 { String::new() } else { format!("number {n}") };
            assert_eq!(texts(&batch, 3), expected.clone().map(text).collect::<Vec<_>>());
            assert_eq!(texts(&batch, 6), expected.clone().map(|n| ["a", "b", "c"][n as usize % 3]).collect::<Vec<_>>());
            assert_eq!(batch.nodes[1].null_count, expected.clone().filter(|n| n % 7 == 0).count());
            next = expected.end;
        }
        assert_eq!(next, 50_000);
    }
}

#[test]
fn parts_of_a_mapped_file_cost_what_they_show() {
    let bytes = ipc(&ArrowIpcOptions { file: true, compression: None }, &[rows(0..1_000_000)]);
    let file = file(&bytes);
    let scan =
        open(&json!({"path": path(&file), "columns": ["n"], "batchRows": 10_000, "memoryLimitBytes": 2_000_000}));
    let mut rows = 0;
    while let Some(batch) = scan.next_blocking(Some(10_000)).expect("batch") {
        assert_eq!(batch.bytes, 8 * batch.rows);
        rows += batch.rows;
    }
    assert_eq!(rows, 1_000_000);
    let stats = scan.stats();
    assert!(stats.peak_bytes <= stats.share_bytes, "{} of {}", stats.peak_bytes, stats.share_bytes);
}

#[test]
fn a_batch_that_decompresses_beyond_the_limit_is_an_error() {
    let options = ArrowIpcOptions { file: false, compression: Some(IpcCompression::Zstd) };
    let file = file(&ipc(&options, &[rows(0..200_000)]));
    let limited =
        |columns: Value| read(&open(&json!({"path": path(&file), "columns": columns, "memoryLimitBytes": 2_000_000})));
    let error = limited(json!(["n", "text"])).expect_err("limit");
    assert_eq!((error.code(), error.path()), (ErrorCode::MemoryLimit, Some(path(&file))));
    assert_eq!(limited(json!(["n"])).expect("rows").concat().len(), 200_000);
}

#[test]
fn rows_are_skipped_limited_numbered_and_tested() {
    let files: Vec<NamedTempFile> = formats()
        .iter()
        .enumerate()
        .map(|(place, options)| {
            let start = 10_000 * place as i64;
            // The file format has no dictionaries, and batches show none.
            file(&ipc(options, &[rows(start..start + 9_000), rows(start + 9_000..start + 10_000)]))
        })
        .collect();
    let paths: Vec<Value> = files.iter().map(|file| json!({"path": path(file)})).collect();
    let scan = open(&json!({"files": paths, "offset": 5, "limit": 50_000}));
    assert!(read(&scan).expect("rows").concat().into_iter().eq(5..50_005));
    let scan = open(&json!({"files": paths, "offset": 59_990, "rowIndex": "row"}));
    assert!(read(&scan).expect("rows").concat().into_iter().eq(59_990..60_000));
    let scan = open(&json!({"files": paths, "maxRows": 12}));
    assert_eq!(read(&scan).expect("rows").concat().len(), 12);
    let scan = open(&json!({"files": paths, "columns": []}));
    let mut counted = 0;
    while let Some(batch) = scan.next_blocking(None).expect("batch") {
        counted += batch.rows;
    }
    assert_eq!(counted, 60_000);
}

#[test]
fn rows_are_filtered_beside_fixed_size_binaries_of_no_bytes() {
    let none = |rows: usize, nulls: Option<NullBuffer>| {
        let no_bytes = Buffer::from(Vec::<u8>::new());
        Arc::new(FixedSizeBinaryArray::try_new_with_len(0, no_bytes, nulls, rows).expect("values"))
    };
    let item = Arc::new(Field::new("item", DataType::FixedSizeBinary(0), true));
    let lists = ListArray::new(item, OffsetBuffer::from_lengths([2; 1000]), none(2000, None), None);
    let nulls = (0..1000).map(|row| row % 7 > 0).collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("n", Arc::new(Int64Array::from_iter_values(0..1000))),
        ("all", none(1000, None)),
        ("some", none(1000, Some(nulls))),
        ("lists", Arc::new(lists)),
    ];
    let file = file(&ipc(&formats()[0], &[RecordBatch::try_from_iter(columns).expect("batch")]));
    let number = |call: &str, value: i32| {
        let literal = json!({"literal": {"type": "number", "value": value}});
        json!({"call": call, "arguments": [{"column": ["n"]}, literal]})
    };
    let some = json!({"call": "isNull", "arguments": [{"column": ["some"]}]});
    let both = json!({"call": "and", "arguments": [number("lt", 70), some]});
    let every_seventh: Vec<i64> = (0..1000).step_by(7).collect();
    for (predicate, expected) in [
        (number("ge", 600), (600..1000).collect()),
        (number("eq", 1), vec![1]),
        (both, every_seventh[..10].to_vec()),
        (some, every_seventh),
    ] {
        let scan = open(&json!({"path": path(&file), "steps": [{"where": predicate}], "fixedRows": 64}));
        assert_eq!(read(&scan).expect("filtered").concat(), expected, "{predicate}");
    }
}

#[test]
fn files_whose_columns_differ_are_told_or_shown_as_one() {
    let narrow = |name: &str, array: ArrayRef| {
        file(&ipc(&ArrowIpcOptions::default(), &[RecordBatch::try_from_iter([(name, array)]).expect("batch")]))
    };
    let first = narrow("n", Arc::new(Int64Array::from(vec![1, 2])));
    let smaller = narrow("n", Arc::new(arrow_array::Int32Array::from(vec![3])));
    let other = narrow("m", Arc::new(Int64Array::from(vec![4])));
    let files = |files: &[&NamedTempFile]| files.iter().map(|file| json!({"path": path(file)})).collect::<Vec<_>>();
    let error = read(&open(&json!({"files": files(&[&first, &smaller])}))).expect_err("type");
    assert_eq!((error.code(), error.mismatches().len()), (ErrorCode::SchemaMismatch, 1));
    let error = read(&open(&json!({"files": files(&[&first, &other])}))).expect_err("name");
    assert_eq!((error.code(), error.mismatches().len()), (ErrorCode::SchemaMismatch, 2));
    let scan = open(&json!({"files": files(&[&first, &smaller]), "schema": "first"}));
    assert_eq!(read(&scan).expect("rows").concat(), [1, 2, 3]);
    let scan = open(&json!({"files": files(&[&smaller, &first, &other]), "schema": "union"}));
    let mut shown = Vec::new();
    while let Some(batch) = scan.next_blocking(None).expect("batch") {
        shown.push((batch.rows, batch.nodes.iter().map(|node| node.null_count).sum::<usize>()));
    }
    // Each row has one of the two columns.
    assert_eq!(shown.iter().map(|(rows, _)| rows).sum::<u64>(), 4);
    assert_eq!(shown.iter().map(|(_, nulls)| nulls).sum::<usize>(), 4);
    let scan = open(&json!({"files": files(&[&first, &other]), "skipBrokenFiles": true}));
    assert_eq!(read(&scan).expect("rows").concat(), [1, 2]);
    assert_eq!(scan.stats().files_skipped, 1);
}

#[test]
fn columns_that_cannot_be_shown_are_told_unless_they_are_left_out() {
    let lists = arrow_array::ListViewArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)])]);
    let columns: [(&str, ArrayRef); 2] = [("n", Arc::new(Int64Array::from(vec![7]))), ("view", Arc::new(lists))];
    let file = file(&ipc(&ArrowIpcOptions::default(), &[RecordBatch::try_from_iter(columns).expect("batch")]));
    let error = read(&open(&json!({"path": path(&file)}))).expect_err("a list by view");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("view")));
    assert_eq!(read(&open(&json!({"path": path(&file), "columns": ["n"]}))).expect("rows").concat(), [7]);
}

#[test]
fn what_was_pushed_is_read_as_it_comes() {
    for options in formats() {
        let bytes = ipc(&options, &[rows(0..50_000), rows(50_000..50_003), rows(50_003..60_000)]);
        for size in [1_000, 77_777, bytes.len()] {
            let scan = open(&json!({"text": {"format": {"arrow": {}}, "pushed": true}, "columns": ["n", "kind"]}));
            let input = scan.input().expect("an input");
            let mut pieces = bytes.chunks(size);
            let mut next = pieces.next();
            let mut all = Vec::new();
            loop {
                while let Some(piece) = next {
                    match input.push(piece).expect("pushed") {
                        Pushed::Taken => next = pieces.next(),
                        Pushed::Full => break,
                        Pushed::Over => panic!("over"),
                    }
                    if next.is_none() {
                        input.end();
                    }
                }
                match scan.next(None).expect("next") {
                    spillway::batch_scan::Outcome::Batch(batch) => all.extend(numbers(&batch)),
                    spillway::batch_scan::Outcome::End => break,
                    spillway::batch_scan::Outcome::Empty => {
                        let _ = input.wait(Duration::from_millis(1)) || scan.wait(Duration::from_millis(1));
                    }
                }
            }
            assert!(all.iter().copied().eq(0..60_000), "{options:?} in pieces of {size}");
            let stats = scan.stats();
            assert_eq!((stats.held_bytes, stats.queued_bytes, stats.reserved_bytes), (0, 0, 0));
        }
    }
}

#[test]
fn what_was_pushed_and_ends_early_is_an_error_behind_its_rows() {
    let bytes = ipc(&ArrowIpcOptions::default(), &[rows(0..1_000), rows(1_000..2_000)]);
    let scan = open(&json!({"text": {"format": {"arrow": {}}, "pushed": true}}));
    let input = scan.input().expect("an input");
    assert_eq!(input.push(&bytes[..bytes.len() - 100]).expect("pushed"), Pushed::Taken);
    input.end();
    let first = scan.next_blocking(None).expect("batch").expect("rows");
    assert_eq!(first.rows, 1_000);
    assert_eq!(scan.next_blocking(None).expect_err("cut off").code(), ErrorCode::TruncatedFile);
}

#[test]
fn a_scan_that_is_dropped_gives_all_memory_back() {
    for options in formats() {
        let file = file(&ipc(&options, &[rows(0..200_000)]));
        let scan = open(&json!({"path": path(&file)}));
        let batch = scan.next_blocking(None).expect("batch").expect("rows");
        scan.cancel();
        while scan.stats().reserved_bytes + scan.stats().queued_bytes > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(scan.stats().held_bytes > 0);
        drop(batch);
        assert_eq!(scan.stats().held_bytes, 0);
    }
}
