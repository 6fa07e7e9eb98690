//! Files that the search for hostile ones has found: each is written here, and damaged where it matters.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, Int32Array, ListArray, RecordBatch, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Encoding;
use parquet::column::page::PageReader;
use parquet::file::properties::{WriterProperties, WriterVersion};
use spillway::batch_scan::BatchScan;
use spillway::error::{ErrorCode, Result};
use spillway::files::file::ParquetFile;
use spillway::limits::FileOptions;
use spillway::options::ScanOptions;
use spillway::pages::chunk_pages::ChunkPages;
use spillway::pages::chunk_place::ChunkPlace;
use spillway::scan::Scan;
use spillway::source::{IoMode, TrackedSource};
use spillway::text::scan::TextScan;

/// A file of one column in an encoding, without dictionary or compression.
fn written(column: ArrayRef, encoding: Encoding) -> Vec<u8> {
    written_in(WriterVersion::PARQUET_1_0, column, encoding)
}

/// The same with pages of a version.
fn written_in(version: WriterVersion, column: ArrayRef, encoding: Encoding) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter([("c", column)]).expect("batch");
    let properties = WriterProperties::builder().set_writer_version(version);
    let properties = properties.set_dictionary_enabled(false).set_encoding(encoding).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("writer");
    writer.write(&batch).expect("written");
    writer.into_inner().expect("closed")
}

/// Nine lists of one number each, none of them null.
fn lists_of_one() -> ArrayRef {
    let item = Arc::new(Field::new("item", DataType::Int32, false));
    let numbers = Arc::new(Int32Array::from_iter_values(0..9));
    Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([1; 9]), numbers, None))
}

/// The bytes with other ones at the one place where these are.
fn replaced(mut file: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..file.len() - old.len()).filter(|at| file[*at..].starts_with(old)).collect();
    let [place] = places[..] else { panic!("{old:?} is at {places:?}") };
    file[place..place + new.len()].copy_from_slice(new);
    file
}

/// The number of rows of a scan.
fn rows(file: &[u8], more: &serde_json::Value) -> Result<u64> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("found.parquet");
    std::fs::write(&path, file).expect("written");
    let mut options = serde_json::json!({ "path": path });
    if let (Some(all), Some(more)) = (options.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    let scan = Scan::open(ScanOptions::from_json(options.to_string().as_bytes())?);
    let mut rows = 0;
    while let Some(batch) = scan.next_blocking(None)? {
        rows += batch.rows;
    }
    Ok(rows)
}

#[test]
fn characters_that_a_length_cuts_in_two_are_not_given_as_text() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["\u{fc}", "x"]));
    // Blocks of 128 in 4 parts, 2 values, the first length, and the difference to the second: 2 and -1 become 1 and 1.
    let (lengths, wrong) = ([0x80, 1, 4, 2, 4, 1], [0x80, 1, 4, 2, 2, 2]);
    for encoding in [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        let file = written(Arc::clone(&texts), encoding);
        let damaged = replaced(file.clone(), &lengths, &wrong);
        let starts = serde_json::json!({
            "call": "startsWith", "arguments": [{ "column": ["c"] }, { "literal": { "type": "string", "value": "x" } }]
        });
        let filtered = serde_json::json!({ "steps": [{ "where": starts }] });
        let as_codes = serde_json::json!({ "dictionary": ["c"] });
        for (options, expected) in [(serde_json::json!({}), 2), (as_codes, 2), (filtered, 1)] {
            assert_eq!(rows(&file, &options).expect("sound"), expected);
            let error = rows(&damaged, &options).expect_err("cut in two");
            assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
        }
    }
}

#[test]
fn lengths_that_a_page_has_no_values_for_are_not_allocated() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["\u{fc}", "x"]));
    for encoding in [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        let file = written(Arc::clone(&texts), encoding);
        // 2 values of the first lengths, after block size and parts; prefixes are all 0.
        let first = if encoding == Encoding::DELTA_BYTE_ARRAY { [0x80, 1, 4, 2, 0, 0] } else { [0x80, 1, 4, 2, 4, 1] };
        for (at, count) in [(3, 0x7f), (0, 0xff)] {
            let mut wrong = first;
            if at == 3 {
                wrong[3] = count;
            } else {
                // A count in many bytes: all that follows belongs to it.
                wrong = [0x80, 1, 4, count, count, count];
            }
            let error = rows(&replaced(file.clone(), &first, &wrong), &serde_json::json!({})).expect_err("too many");
            assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
        }
    }
}

#[test]
fn keys_of_a_map_that_are_null_are_refused() {
    // The schema has an optional group around the keys, of which some are null: Arrow's keys never are.
    let file = include_bytes!("data/findings/null_map_key.parquet");
    let error = rows(file, &serde_json::json!({})).expect_err("null keys");
    assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
}

#[test]
fn values_that_are_longer_than_their_page_are_refused_also_where_they_are_skipped() {
    // The length of one of the decimals, which are byte arrays, leads beyond the page's end.
    let file = include_bytes!("data/findings/skipped_beyond_page.parquet");
    for skipped in 0..24 {
        let refused = rows(file, &serde_json::json!({ "offset": skipped, "limit": 1 })).map_err(|error| error.code());
        assert!(matches!(refused, Err(ErrorCode::CorruptFile)), "{skipped}: {refused:?}");
    }
}

#[test]
fn a_zero_byte_is_no_name_of_a_field() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("found.ndjson");
    for (text, line) in [("{\"a\":1}\n{\"a\":1,\0}\n", 2), ("{\"a\":1}\n{\0:2}\n", 2), ("{\"a\":1,\0\n", 1)] {
        std::fs::write(&path, text).expect("written");
        let options = serde_json::json!({ "path": path, "text": { "format": { "ndjson": { "inferRows": 1 } } } });
        let options = ScanOptions::from_json(options.to_string().as_bytes()).expect("options");
        let scan = TextScan::open(options).expect("scan");
        let error =
            std::iter::from_fn(|| scan.next_blocking(None).transpose()).find_map(Result::err).expect("malformed");
        assert_eq!(
            (error.code(), error.to_string().contains(&format!("line {line}"))),
            (ErrorCode::MalformedData, true),
            "{error}"
        );
    }
}

#[test]
fn a_level_that_is_too_high_is_refused_also_where_a_run_has_more_bits_than_levels_need() {
    let file = written(lists_of_one(), Encoding::PLAIN);
    assert_eq!(rows(&file, &serde_json::json!({})).expect("rows"), 9);
    // A run of nine levels of repetition, 0, and one of definition, 1.
    let levels = [2, 0, 0, 0, 18, 0, 2, 0, 0, 0, 18, 1];
    for (place, level) in [(5, 2), (11, 2), (11, 129)] {
        let mut wrong = levels;
        wrong[place] = level;
        let error = rows(&replaced(file.clone(), &levels, &wrong), &serde_json::json!({})).expect_err("a wrong level");
        assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
    }
}

#[test]
fn a_list_that_is_null_or_empty_does_not_go_on() {
    // [0, 1], null, [] and [2]: the second value goes on with the list of the first.
    let item = Arc::new(Field::new("item", DataType::Int32, false));
    let (offsets, nulls) = (OffsetBuffer::from_lengths([2, 0, 0, 1]), NullBuffer::from(vec![true, false, true, true]));
    let numbers = Arc::new(Int32Array::from_iter_values(0..3));
    let lists: ArrayRef = Arc::new(ListArray::new(item, offsets, numbers, Some(nulls)));
    // Eight levels of repetition in one byte, and of definition in two: 2 2 0 1 2.
    let (repetition, definition) = ([3, 0b10], [3, 0b0100_1010, 0b10]);
    let wrong = [
        // It is the null one, the empty one, or the one after, that goes on; or what the first two values are of is null.
        ([3, 0b100], definition),
        ([3, 0b1000], definition),
        ([3, 0b1_0000], definition),
        (repetition, [3, 0b0110_1000, 0b10]),
    ];
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let levels = |(repetition, definition): ([u8; 2], [u8; 3])| match version {
            WriterVersion::PARQUET_1_0 => [&[2, 0, 0, 0], &repetition[..], &[3, 0, 0, 0], &definition].concat(),
            WriterVersion::PARQUET_2_0 => [&repetition[..], &definition].concat(),
        };
        let file = written_in(version, Arc::clone(&lists), Encoding::PLAIN);
        for size in 1..=5 {
            let options = serde_json::json!({ "fixedRows": size });
            assert_eq!(rows(&file, &options).expect("sound"), 4);
            for wrong in wrong {
                let damaged = replaced(file.clone(), &levels((repetition, definition)), &levels(wrong));
                let error = rows(&damaged, &options).expect_err("a list that goes on");
                assert_eq!(error.code(), ErrorCode::CorruptFile, "{error}");
                assert!(error.cause().is_some_and(|cause| cause.contains("no element before")), "{error:?}");
            }
        }
    }
}

#[test]
fn levels_that_are_packed_without_runs_are_refused_where_there_are_any() {
    // Of a page's header: nine values, plain, and the encodings of definition and repetition levels.
    let (runs, packed, unknown) = (6, 8, 18);
    let header = |definition: u8, repetition: u8| [0x15, 18, 0x15, 0, 0x15, definition, 0x15, repetition];
    let nullable: ArrayRef = Arc::new((0..9).map(|row| (row > 3).then_some(row)).collect::<Int32Array>());
    let files = [(lists_of_one(), [true, true]), (nullable, [true, false])];
    for (column, has_levels) in files {
        let required = !has_levels[1];
        let file = written(column, Encoding::PLAIN);
        for (place, has_levels) in has_levels.into_iter().enumerate() {
            for (encoding, code) in [(packed, ErrorCode::UnsupportedFeature), (unknown, ErrorCode::CorruptFile)] {
                let mut encodings = [runs; 2];
                encodings[place] = encoding;
                let changed = replaced(file.clone(), &header(runs, runs), &header(encodings[0], encodings[1]));
                let found = rows(&changed, &serde_json::json!({})).map_err(|error| error.code());
                assert_eq!(found, if has_levels { Err(code) } else { Ok(9) }, "{place} {required}");
            }
        }
    }
}

#[test]
fn values_of_a_fixed_length_of_no_bytes_are_refused() {
    let values: ArrayRef = Arc::new(FixedSizeBinaryArray::try_from_iter(["x"; 9].into_iter()).expect("values"));
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let batch = RecordBatch::try_from_iter([("n", lists_of_one()), ("c", values)]).expect("batch");
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).expect("writer");
    writer.write(&batch).expect("written");
    let file = writer.into_inner().expect("closed");
    let changed = replaced(file.clone(), &[0x15, 14, 0x15, 2], &[0x15, 14, 0x15, 0]);
    assert_eq!(rows(&file, &serde_json::json!({})).expect("sound"), 9);
    let error = rows(&changed, &serde_json::json!({})).expect_err("no bytes");
    assert_eq!((error.code(), error.column()), (ErrorCode::CorruptFile, Some("c")), "{error}");
    assert_eq!(rows(&changed, &serde_json::json!({ "columns": ["n"] })).expect("another column"), 9);
}

#[test]
fn a_page_that_was_refused_is_refused_again() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("found.parquet");
    std::fs::write(&path, written(Arc::new(Int32Array::from_iter_values(0..1000)), Encoding::PLAIN)).expect("written");
    let mut options = FileOptions::from(IoMode::Read);
    options.limits.page_bytes = 100;
    let file = ParquetFile::open(path.to_str().expect("UTF-8"), options).expect("a sound footer");
    let source = Arc::new(TrackedSource::new(file.source.clone()));
    let place = ChunkPlace { row_group: 0, column: 0 };
    let mut pages = ChunkPages::new(&file, &source, place, &Arc::default()).expect("pages");
    for _ in 0..2 {
        let error = pages.get_next_page().expect_err("a page of 4,000 bytes").to_string();
        assert!(error.contains("pageBytes"), "{error}");
        assert!(pages.skip_next_page().is_err() && pages.peek_next_page().is_err());
    }
}

#[test]
fn columns_of_one_name_are_scanned_and_not_taken_for_each_other() {
    let column = |first: i32| Arc::new(Int32Array::from_iter_values(first..first + 9)) as ArrayRef;
    let fields = ["a", "a", "b"].map(|name| Field::new(name, DataType::Int32, false));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let batch = RecordBatch::try_new(schema, vec![column(0), column(10), column(20)]).expect("batch");
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).expect("writer");
    writer.write(&batch).expect("written");
    let file = writer.into_inner().expect("closed");
    assert_eq!(rows(&file, &serde_json::json!({})).expect("sound"), 9);
    let predicate = serde_json::json!({ "call": "ge", "arguments": [
        { "column": ["b"] },
        { "literal": { "type": "number", "value": 25 } },
    ] });
    let mut options = serde_json::json!({ "steps": [{ "where": predicate }] });
    let error = rows(&file, &options).expect_err("columns of one name");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("a")), "{error}");
    options["columns"] = serde_json::json!(["b"]);
    assert_eq!(rows(&file, &options).expect("one column"), 4);
}
