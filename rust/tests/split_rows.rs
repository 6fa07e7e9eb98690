//! Rows that begin in one page and end in another: pages of version 2 may not have them, and some writers' do.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::parser::parse_message_type;
use serde_json::json;
use spillway::batches::batch::Batch;
use spillway::options::ScanOptions;
use spillway::scan::Scan;

/// Lists of numbers; either may be null.
const SCHEMA: &str = "message m { optional group l (LIST) { repeated group list { optional int32 element; } } }";
/// Definition levels.
const NULL_LIST: u8 = 0;
const EMPTY_LIST: u8 = 1;
const NULL: u8 = 2;
const NUMBER: u8 = 3;

/// A value's repetition and definition level.
type Levels = (u8, u8);

/// Rows of lists, flattened: `lengths` says how long each is, `None` that it is null.
fn levels(lengths: &[Option<usize>]) -> Vec<Levels> {
    let row = |length: &Option<usize>| match length {
        None => vec![(0, NULL_LIST)],
        Some(0) => vec![(0, EMPTY_LIST)],
        Some(length) => (0..*length).map(|at| (u8::from(at > 0), if at % 7 == 6 { NULL } else { NUMBER })).collect(),
    };
    lengths.iter().flat_map(row).collect()
}

/// A page of version 2 with these values, whose numbers go on from `first`.
fn page(levels: &[Levels], first: i32) -> CompressedPage {
    // Runs of one.
    let runs = |of: fn(&Levels) -> u8| levels.iter().flat_map(move |level| [2, of(level)]).collect::<Vec<u8>>();
    let (repetition, definition) = (runs(|level| level.0), runs(|level| level.1));
    let numbers = levels.iter().filter(|(_, definition)| *definition == NUMBER).count() as i32;
    let values = (first..first + numbers).flat_map(i32::to_le_bytes).collect();
    let page = Page::DataPageV2 {
        num_values: levels.len() as u32,
        encoding: Encoding::PLAIN,
        num_nulls: levels.len() as u32 - numbers as u32,
        num_rows: levels.iter().filter(|(repetition, _)| *repetition == 0).count() as u32,
        def_levels_byte_len: definition.len() as u32,
        rep_levels_byte_len: repetition.len() as u32,
        is_compressed: false,
        statistics: None,
        buf: [repetition, definition, values].concat().into(),
    };
    let size = page.buffer().len();
    CompressedPage::new(page, size)
}

/// A file whose only column has pages of so many values each.
fn file(lengths: &[Option<usize>], values_per_page: usize) -> Vec<u8> {
    let levels = levels(lengths);
    let schema = Arc::new(parse_message_type(SCHEMA).expect("schema"));
    let mut chunk = TrackedWrite::new(Vec::new());
    let mut pages = SerializedPageWriter::new(&mut chunk);
    let mut first = 0;
    for levels in levels.chunks(values_per_page) {
        let written = pages.write_page(page(levels, first)).expect("page");
        assert_eq!(written.page_type, PageType::DATA_PAGE_V2);
        first += levels.iter().filter(|(_, definition)| *definition == NUMBER).count() as i32;
    }
    let chunk = chunk.into_inner().expect("pages");
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::new())).expect("writer");
    let column = writer.schema_descr().column(0);
    let metadata = ColumnChunkMetaData::builder(column)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE])
        .set_num_values(levels.len() as i64)
        .set_total_compressed_size(chunk.len() as i64)
        .set_total_uncompressed_size(chunk.len() as i64)
        .set_data_page_offset(0)
        .build()
        .expect("metadata");
    let close = ColumnCloseResult {
        bytes_written: chunk.len() as u64,
        rows_written: lengths.len() as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    let mut row_group = writer.next_row_group().expect("row group");
    row_group.append_column(&Bytes::from(chunk), close).expect("column");
    row_group.close().expect("closed");
    writer.into_inner().expect("closed")
}

/// Each row as its list's length and first number, if it has one.
fn read(file: &[u8], more: &serde_json::Value) -> Vec<(usize, Option<i32>)> {
    let path = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(path.path(), file).expect("written");
    let mut options = json!({ "path": path.path() });
    options.as_object_mut().expect("options").extend(more.as_object().expect("options").clone());
    let scan = Scan::open(ScanOptions::from_json(options.to_string().as_bytes()).expect("options"));
    let mut rows = Vec::new();
    while let Some(batch) = scan.next_blocking(None).expect("rows") {
        rows.extend(rows_of(&batch));
    }
    rows
}

fn rows_of(batch: &Batch) -> Vec<(usize, Option<i32>)> {
    let numbers = |buffer: usize| {
        let bytes = batch.buffers[buffer].as_slice().chunks_exact(4);
        bytes.map(|bytes| i32::from_le_bytes(bytes.try_into().expect("4 bytes"))).collect::<Vec<_>>()
    };
    let (ends, values) = (numbers(1), numbers(3));
    ends.windows(2)
        .map(|pair| ((pair[1] - pair[0]) as usize, (pair[1] > pair[0]).then(|| values[pair[0] as usize])))
        .collect()
}

#[test]
fn rows_that_go_on_in_the_next_page_are_whole() {
    let lengths: Vec<Option<usize>> =
        (0..200).map(|row: usize| if row % 11 == 3 { None } else { Some(row * 7 % 13) }).collect();
    let mut number = 0;
    let expected: Vec<(usize, Option<i32>)> = lengths
        .iter()
        .map(|length| {
            let length = length.unwrap_or(0);
            let first = (length > 0).then_some(number);
            number += (0..length).filter(|at| at % 7 != 6).count() as i32;
            (length, first)
        })
        .collect();
    for values_per_page in [1, 2, 5, 16, 100, 10_000] {
        let file = file(&lengths, values_per_page);
        for (size, offset) in [(1, 0), (7, 0), (200, 0), (3, 1), (200, 10), (64, 150), (1, 199)] {
            let found = read(&file, &json!({ "fixedRows": size, "offset": offset }));
            assert_eq!(found, expected[offset..], "{values_per_page} values a page, {size} rows from {offset}");
        }
    }
}
