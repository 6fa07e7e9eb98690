//! Predictions from page headers against what is really decoded.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Encoding;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion};
use spillway::files::file::ParquetFile;
use spillway::pages::page_cursor::{PageCursor, chunk_decoded_bytes};
use spillway::source::IoMode;

const ROWS: i32 = 10_000;

/// Pages of 500 rows.
fn small_pages() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_data_page_row_count_limit(500).set_write_batch_size(100)
}

fn write(folder: &Path, column: ArrayRef, properties: WriterPropertiesBuilder) -> Arc<ParquetFile> {
    let path = folder.join("column.parquet");
    let batch = RecordBatch::try_from_iter_with_nullable([("column", column, true)]).expect("batch");
    let file = std::fs::File::create(&path).expect("create");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).expect("writer");
    writer.write(&batch).expect("write");
    writer.close().expect("close");
    Arc::new(ParquetFile::open(path.to_str().expect("UTF-8"), IoMode::Read).expect("open"))
}

/// Bytes of the buffers that a copy of these rows takes.
fn real_bytes(column: &dyn Array, rows: &Range<u64>) -> u64 {
    let rows = UInt64Array::from_iter_values(rows.clone());
    arrow_select::take::take(column, &rows, None).expect("copy").to_data().get_slice_memory_size().expect("size") as u64
}

/// Short strings first, then long ones; a tenth are null.
fn strings(distinct: i32) -> ArrayRef {
    let value = |row: i32| {
        let length = if row < ROWS / 2 { 4 } else { 400 };
        (row % 10 != 0).then(|| format!("{:0length$}", row % distinct))
    };
    Arc::new((0..ROWS).map(value).collect::<StringArray>())
}

fn assert_near(predicted: u64, real: u64, tolerance: f64, what: &str) {
    let ratio = predicted as f64 / real as f64;
    assert!((1.0 / tolerance..tolerance).contains(&ratio), "{what}: predicted {predicted}, real {real}");
}

fn check(column: &ArrayRef, properties: WriterPropertiesBuilder, tolerance: f64) {
    let folder = tempfile::tempdir().expect("folder");
    let file = write(folder.path(), Arc::clone(column), properties);
    for indexed in [false, true] {
        assert!(!indexed || file.offset_index().is_some());
        let mut cursor = PageCursor::new(&file, 0, 0);
        for rows in [0..1000, 1000..2500, 2500..4800, 5100..9000, 9000..10_000] {
            let what = format!("{} rows {rows:?} indexed {indexed}", column.data_type());
            assert_near(cursor.predict_bytes(rows.clone()), real_bytes(column, &rows), tolerance, &what);
        }
    }
    let chunk = file.metadata.row_group(0).column(0);
    assert_near(chunk_decoded_bytes(chunk), real_bytes(column, &(0..ROWS as u64)), tolerance.max(1.3), "chunk");
}

#[test]
fn plain_strings_are_predicted_page_by_page() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for encoding in [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY] {
            let properties = small_pages().set_dictionary_enabled(false).set_writer_version(version);
            check(&strings(1000), properties.set_encoding(encoding), 1.1);
        }
    }
}

#[test]
fn strings_that_share_prefixes_are_predicted_by_the_chunk_and_exactly_with_an_offset_index() {
    let folder = tempfile::tempdir().expect("folder");
    let properties = small_pages().set_dictionary_enabled(false).set_encoding(Encoding::DELTA_BYTE_ARRAY);
    let column = strings(1000);
    let file = write(folder.path(), Arc::clone(&column), properties);
    let all = 0..ROWS as u64;
    assert_near(PageCursor::new(&file, 0, 0).predict_bytes(all.clone()), real_bytes(&column, &all), 1.2, "chunk");
    assert!(file.offset_index().is_some());
    let mut cursor = PageCursor::new(&file, 0, 0);
    for rows in [0..5000, 5000..7300, 7300..10_000] {
        assert_near(cursor.predict_bytes(rows.clone()), real_bytes(&column, &rows), 1.05, "pages");
    }
}

#[test]
fn dictionary_strings_are_predicted_by_the_mean_of_the_dictionary() {
    let values: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("value number {}", row % 50))));
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for statistics in [EnabledStatistics::Page, EnabledStatistics::None] {
            check(&values, small_pages().set_writer_version(version).set_statistics_enabled(statistics), 1.1);
        }
    }
}

#[test]
fn types_of_fixed_width_are_exact_but_for_rounding() {
    let integers = (0..i64::from(ROWS)).map(|row| (row % 3 > 0).then_some(row)).collect::<Int64Array>();
    let decimals = (0..i128::from(ROWS)).map(|row| (row % 3 > 0).then_some(row)).collect::<Decimal128Array>();
    let columns: [ArrayRef; 4] = [
        Arc::new(integers),
        Arc::new(Int32Array::from_iter_values(0..ROWS)),
        Arc::new((0..ROWS).map(|row| (row % 3 > 0).then_some(row % 2 == 0)).collect::<BooleanArray>()),
        Arc::new(decimals.with_precision_and_scale(10, 2).expect("decimal")),
    ];
    for column in columns {
        check(&column, small_pages(), 1.05);
        check(&column, small_pages().set_dictionary_enabled(false), 1.05);
    }
}

#[test]
fn lists_are_predicted_by_rows() {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in 0..ROWS {
        for item in 0..row % 5 {
            builder.values().append_value(format!("item {item} of {row}"));
        }
        builder.append(row % 7 != 0);
    }
    let lists: ArrayRef = Arc::new(builder.finish());
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = || small_pages().set_writer_version(version).set_dictionary_enabled(false);
        check(&lists, properties(), 1.25);
    }
}

#[test]
fn long_values_ahead_are_seen_before_they_are_decoded() {
    let folder = tempfile::tempdir().expect("folder");
    let file = write(folder.path(), strings(1000), small_pages().set_dictionary_enabled(false));
    let mut cursor = PageCursor::new(&file, 0, 0);
    let short = cursor.predict_bytes(4000..5000);
    let long = cursor.predict_bytes(5000..6000);
    assert!(long > 20 * short, "{short} then {long}");
    // The same start may be asked for again with another end.
    assert!(cursor.predict_bytes(5000..5500) < long);
    assert_eq!(cursor.predict_bytes(5000..6000), long);
}

#[test]
fn only_the_headers_that_are_needed_are_read() {
    let folder = tempfile::tempdir().expect("folder");
    let file = write(folder.path(), strings(1000), small_pages().set_dictionary_enabled(false));
    let opened = file.source.bytes_read();
    let mut cursor = PageCursor::new(&file, 0, 0);
    cursor.predict_bytes(0..1000);
    let read = file.source.bytes_read() - opened;
    assert!(read <= 2 * 512, "{read} bytes were read for two headers");
}

#[test]
fn pages_cover_the_chunk() {
    let folder = tempfile::tempdir().expect("folder");
    let file = write(folder.path(), strings(20), small_pages().set_dictionary_enabled(true));
    let mut cursor = PageCursor::new(&file, 0, 0);
    let pages: Vec<_> = std::iter::from_fn(|| cursor.next_page()).collect();
    assert_eq!(pages.len(), 20);
    assert!(pages.iter().all(|page| page.dictionary_encoded && page.rows == 500 && page.values == 500));
    assert_eq!(
        pages.iter().map(|page| page.first_row).collect::<Vec<_>>(),
        (0..20).map(|page| page * 500).collect::<Vec<_>>()
    );
}

#[test]
fn corrupt_headers_fall_back_to_the_chunk_s_mean() {
    let folder = tempfile::tempdir().expect("folder");
    let column = strings(1000);
    let file = write(folder.path(), Arc::clone(&column), small_pages().set_dictionary_enabled(false));
    let whole = std::fs::read(&file.path).expect("read");
    let mean = chunk_decoded_bytes(file.metadata.row_group(0).column(0));
    for position in 4..60 {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[position] = value;
            std::fs::write(&file.path, &bytes).expect("write");
            let file = Arc::new(ParquetFile::open(&file.path, IoMode::Mmap).expect("open"));
            let mut cursor = PageCursor::new(&file, 0, 0);
            let total = cursor.predict_bytes(0..100) + cursor.predict_bytes(100..ROWS as u64);
            // A header that states a size of up to 2 GiB is believed.
            assert!(total < 4 << 30, "byte {position} = {value}: {total} of {mean}");
        }
    }
    let mut bytes = whole;
    bytes[4..5000].fill(0xff);
    std::fs::write(&file.path, &bytes).expect("write");
    let file = Arc::new(ParquetFile::open(&file.path, IoMode::Mmap).expect("open"));
    assert_near(PageCursor::new(&file, 0, 0).predict_bytes(0..ROWS as u64), mean, 1.01, "all corrupt");
}

#[test]
fn what_numbers_take_is_known_without_a_header() {
    let folder = tempfile::tempdir().expect("folder");
    let column: ArrayRef = Arc::new((0..ROWS).collect::<Int32Array>());
    let file = write(folder.path(), column, small_pages().set_dictionary_enabled(false));
    let mut bytes = std::fs::read(&file.path).expect("read");
    // The first page says that it has one value.
    let values = [0x15, 0xe8, 0x07];
    let place = bytes.windows(3).position(|window| window == values).expect("500 values, as a varint");
    bytes[place..place + 3].copy_from_slice(&[0x15, 0x82, 0x00]);
    std::fs::write(&file.path, &bytes).expect("write");
    let file = Arc::new(ParquetFile::open(&file.path, IoMode::Mmap).expect("open"));
    let bitmap = 100_u64.div_ceil(8);
    assert_eq!(PageCursor::new(&file, 0, 0).predict_bytes(0..100), 100 * 4 + bitmap);
    assert_eq!(PageCursor::new(&file, 0, 0).next_page().map(|page| page.rows), Some(1), "it is read where asked for");
}
