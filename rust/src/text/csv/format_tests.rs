//! CSV from bytes to batches, as a text scan drives it.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::error::{ErrorCode, Result, SpillwayError};
use crate::text::csv::csv_format::CsvFormat;
use crate::text::csv::dialect::count_line_breaks;
use crate::text::csv::options::{CsvOptions, EncodingErrors, Header, InferOptions, OnBadCell, RaggedRows};
use crate::text::csv::tests::Random;
use crate::text::format::{Parsed, Piece, Sample, TextFormat, Wanted};

fn format(options: &CsvOptions) -> CsvFormat {
    CsvFormat::new(options, None, None).expect("format")
}

/// All of a text, as one piece or as pieces of at most so many records.
fn read_by(format: &CsvFormat, text: &[u8], projection: Option<&[usize]>, most: u64) -> Result<Vec<Parsed>> {
    let head = format.head(text, true)?.expect("a whole head");
    let first_line = 1 + head.lines;
    let rest = &text[head.bytes..];
    let sample = format.split(rest, first_line, format.sample_records(), true)?.bytes;
    let schema = format.infer(&[Sample { path: None, head: &head, bytes: &rest[..sample], first_line }])?;
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    let wanted = projection.unwrap_or(&all).iter();
    let wanted = wanted.map(|column| Wanted { column: *column, field: Arc::clone(&schema.fields()[*column]) });
    let parser = format.parser(&schema, &wanted.collect::<Vec<_>>())?;
    let (cancelled, mut at, mut line, mut pieces) = (AtomicBool::new(false), 0, first_line, Vec::new());
    while at < rest.len() {
        let split = format.split(&rest[at..], line, most, true)?;
        pieces.push(parser.parse(&Piece::new(&rest[at..at + split.bytes], line, &cancelled))?);
        at += split.bytes;
        line += split.lines;
    }
    Ok(pieces)
}

fn read(options: &CsvOptions, text: &str) -> Result<Parsed> {
    let mut pieces = read_by(&format(options), text.as_bytes(), None, u64::MAX)?;
    assert_eq!(pieces.len(), 1);
    Ok(pieces.remove(0))
}

fn error(options: &CsvOptions, text: &[u8]) -> SpillwayError {
    read_by(&format(options), text, None, u64::MAX).expect_err("an error")
}

fn types(batch: &RecordBatch) -> Vec<DataType> {
    batch.schema().fields().iter().map(|field| field.data_type().clone()).collect()
}

/// Rows as text, `null` for nulls.
fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let shown = |row: usize, column: usize| {
        let array = batch.column(column);
        // Arrow shows offsets from UTC only, not UTC itself.
        let moments = array.as_primitive_opt::<TimestampMicrosecondType>();
        let zoned = moments.filter(|moments| moments.timezone().is_some());
        let array = zoned.map_or(Arc::clone(array), |zoned| Arc::new(zoned.clone().with_timezone("+00:00")));
        if array.is_null(row) { "null".into() } else { array_value_to_string(&array, row).expect("text") }
    };
    (0..batch.num_rows()).map(|row| (0..batch.num_columns()).map(|column| shown(row, column)).collect()).collect()
}

#[test]
fn types_are_told_from_values_and_nulls_are_empty() {
    let text = "\u{feff}b,i,f,d,t,z,big,s,e\r\n\
                true,1,1.5,2024-01-02,2024-01-02T03:04:05.5,2024-01-02T03:04:05+01:00,9223372036854775808,x,\r\n\
                ,,,,,,,\"\",\r\n\
                false,-2,1e3,1970-01-01,1970-01-01,1970-01-01T00:00:00Z,1,,";
    let batch = read(&CsvOptions::default(), text).expect("batch").batch;
    let micros = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let expected = [
        DataType::Boolean,
        DataType::Int64,
        DataType::Float64,
        DataType::Date32,
        micros(None),
        micros(Some("UTC")),
        DataType::Decimal128(38, 0),
        DataType::Utf8,
        DataType::Utf8,
    ];
    assert_eq!(types(&batch), expected);
    let rows = rows(&batch);
    assert_eq!(
        rows[0],
        [
            "true",
            "1",
            "1.5",
            "2024-01-02",
            "2024-01-02T03:04:05.500",
            "2024-01-02T02:04:05Z",
            "9223372036854775808",
            "x",
            "null"
        ]
    );
    assert_eq!(rows[1], ["null", "null", "null", "null", "null", "null", "null", "", "null"]);
    assert_eq!(rows[2][2..5], ["1000.0", "1970-01-01", "1970-01-01T00:00:00"]);
}

#[test]
fn a_bad_cell_is_told_with_its_line_and_text() {
    let text = b"a,b\n1,x\n\"2\",\"y\nz\"\n\n3,\"\n\"\n\"\r\nfour\",w\n";
    let given = [Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)];
    let format = CsvFormat::new(&CsvOptions::default(), Some(Arc::new(Schema::new(given.to_vec()))), None);
    let format = format.expect("format");
    for most in [1, 2, u64::MAX] {
        let error = read_by(&format, text, None, most).expect_err("bad cell");
        assert_eq!((error.code(), error.line(), error.column()), (ErrorCode::MalformedData, Some(8), Some("a")));
        assert!(error.to_string().contains("'\r\nfour' in column 'a' is no Int64"), "{error}");
    }
}

#[test]
fn the_first_bad_cell_is_told_whatever_its_column() {
    let infer = Some(InferOptions { rows: 1, dates: true });
    let error = error(&CsvOptions { infer, ..CsvOptions::default() }, b"a,b\n1,2\n3,x\ny,4\n1,2,3\n");
    assert_eq!((error.line(), error.column()), (Some(3), Some("b")));
}

#[test]
fn bad_cells_may_be_null_and_are_counted() {
    let infer = Some(InferOptions { rows: 1, dates: true });
    let options = CsvOptions { infer, on_bad_cell: OnBadCell::Null, ..CsvOptions::default() };
    let parsed = read(&options, "a,b\n1,2\nx,3.5\n4,5\n").expect("batch");
    assert_eq!(rows(&parsed.batch), [["1", "2"], ["null", "null"], ["4", "5"]]);
    assert_eq!(parsed.nulled_values, 2);
}

#[test]
fn ragged_rows_are_errors_filled_or_truncated() {
    let with = |ragged_rows| CsvOptions { ragged_rows, ..CsvOptions::default() };
    let text = "a,b\n1,2\n3\n\"4\n\",5,6\n";
    let short = error(&with(RaggedRows::Error), text.as_bytes());
    assert!(short.to_string().contains("line 3: it has 1 cell for 2 columns"), "{short}");
    let long = error(&with(RaggedRows::Fill), text.as_bytes());
    assert!(long.to_string().contains("line 4: it has 3 cells for 2 columns"), "{long}");
    assert_eq!(long.line(), Some(4));
    let batch = read(&with(RaggedRows::Truncate), text).expect("batch").batch;
    assert_eq!(rows(&batch), [["1", "2"], ["3", "null"], ["4\n", "5"]]);
}

#[test]
fn bytes_that_are_no_text_are_errors_or_replaced() {
    let text = b"a\nx\n\"\n\xff\"\ny\n";
    let bad = error(&CsvOptions::default(), text);
    assert_eq!((bad.code(), bad.line()), (ErrorCode::MalformedData, Some(4)));
    let options = CsvOptions { encoding_errors: EncodingErrors::Replace, ..CsvOptions::default() };
    let batch = &read_by(&format(&options), text, None, u64::MAX).expect("batches")[0].batch;
    assert_eq!(rows(batch), [["x"], ["\n\u{fffd}"], ["y"]]);
    // Two halves of a character in two cells are none together either.
    assert_eq!(error(&CsvOptions::default(), b"a,b\n\xc3,\xa4\n").line(), Some(2));
}

#[test]
fn columns_that_are_not_wanted_are_not_read() {
    let infer = Some(InferOptions { rows: 1, dates: true });
    let format = format(&CsvOptions { infer, ..CsvOptions::default() });
    let text = b"a,b,c\n1,2,3\n4,x,6\n";
    let of = |projection: &[usize]| rows(&read_by(&format, text, Some(projection), u64::MAX).expect("batch")[0].batch);
    assert_eq!(of(&[2, 0]), [["3", "1"], ["6", "4"]]);
    assert_eq!(of(&[]), [[""; 0], [""; 0]]);
}

#[test]
fn given_types_go_before_values() {
    let types_of = |fields: &[(&str, DataType)]| {
        let fields: Vec<Field> = fields.iter().map(|(name, own)| Field::new(*name, own.clone(), false)).collect();
        Some(Arc::new(Schema::new(fields)))
    };
    let text = b"id,price,n\n007,1.50,5\n";
    let given = types_of(&[("price", DataType::Decimal128(9, 2)), ("id", DataType::Int32)]);
    let format = CsvFormat::new(&CsvOptions::default(), None, given).expect("format");
    let batch = &read_by(&format, text, None, u64::MAX).expect("batch")[0].batch;
    assert_eq!(types(batch), [DataType::Int32, DataType::Decimal128(9, 2), DataType::Int64]);
    assert_eq!(rows(batch), [["7", "1.50", "5"]]);
    let unknown = CsvFormat::new(&CsvOptions::default(), None, types_of(&[("prise", DataType::Int8)])).expect("format");
    let unknown = read_by(&unknown, text, None, u64::MAX).expect_err("unknown column");
    assert_eq!((unknown.code(), unknown.suggestions()), (ErrorCode::UnknownColumn, &["price".to_owned()][..]));
    let nested = types_of(&[("id", DataType::Binary)]);
    let nested = CsvFormat::new(&CsvOptions::default(), None, nested).expect("format");
    let nested = read_by(&nested, text, None, u64::MAX).expect_err("unsupported");
    assert_eq!((nested.code(), nested.column()), (ErrorCode::UnsupportedFeature, Some("id")));
}

#[test]
fn a_given_schema_must_have_the_names_of_the_header() {
    let schema =
        Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true), Field::new("x", DataType::Utf8, true)]));
    let with =
        |header| CsvFormat::new(&CsvOptions { header, ..CsvOptions::default() }, Some(Arc::clone(&schema)), None);
    let given = with(Header::First(true)).expect("format");
    let error = read_by(&given, b"a,b\n1,2\n", None, u64::MAX).expect_err("mismatch");
    assert_eq!(error.code(), ErrorCode::SchemaMismatch);
    assert!(error.to_string().contains("column 2 is 'x' there and 'b' in the header"), "{error}");
    let batch =
        &read_by(&with(Header::First(false)).expect("format"), b"1,2\n", None, u64::MAX).expect("batch")[0].batch;
    assert_eq!(
        (batch.schema().field(1).name().as_str(), rows(batch)),
        ("x", vec![vec!["1".to_owned(), "2".to_owned()]])
    );
}

#[test]
fn files_without_a_header_have_numbered_columns() {
    let options = CsvOptions { header: Header::First(false), infer: None, ..CsvOptions::default() };
    let batch = read(&options, "1,x\n2,y\n").expect("batch").batch;
    assert_eq!(
        batch.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
        ["column_1", "column_2"]
    );
    assert_eq!(types(&batch), [DataType::Utf8, DataType::Utf8]);
    assert_eq!(error(&options, b"").code(), ErrorCode::EmptyFile);
    assert_eq!(error(&CsvOptions::default(), b"\n").code(), ErrorCode::EmptyFile);
}

#[test]
fn null_values_trimming_and_decimal_commas_are_options() {
    let options = CsvOptions {
        null_values: vec!["NA".into(), "-".into()],
        trim: true,
        decimal_comma: true,
        delimiter: ';',
        ..CsvOptions::default()
    };
    let batch = read(&options, "a; b ;c\n 1,5 ;NA;\n - ;\" x \";\"NA\"\n").expect("batch").batch;
    assert_eq!(batch.schema().field(1).name(), "b");
    assert_eq!(rows(&batch), [["1.5", "null", ""], ["null", " x ", "NA"]]);
    assert_eq!(types(&batch)[0], DataType::Float64);
}

#[test]
fn pieces_have_the_rows_of_the_whole() {
    let mut random = Random::new(7);
    let mut text = "id,name,value\n".to_owned();
    for id in 0..5000 {
        let name = ["plain", "\"with, comma\"", "\"two\r\nlines\"", "\"say \"\"hi\"\"\"", "", "\"\""][random.below(6)];
        let _ = write!(text, "{id},{name},{}.25\r\n", random.below(1000));
    }
    let format = format(&CsvOptions::default());
    let whole = read_by(&format, text.as_bytes(), None, u64::MAX).expect("whole");
    assert_eq!((whole.len(), whole[0].batch.num_rows()), (1, 5000));
    let ids = whole[0].batch.column(0).as_primitive::<Int64Type>();
    assert!(ids.values().iter().copied().eq(0..5000));
    assert_eq!(whole[0].batch.column(2).as_primitive::<Float64Type>().null_count(), 0);
    for most in [1, 7, 1000] {
        let pieces = read_by(&format, text.as_bytes(), None, most).expect("pieces");
        let batches: Vec<&RecordBatch> = pieces.iter().map(|piece| &piece.batch).collect();
        let joined = arrow_select::concat::concat_batches(&whole[0].batch.schema(), batches).expect("joined");
        assert_eq!(joined, whole[0].batch);
    }
    assert_eq!(count_line_breaks(text.as_bytes()), text.matches('\n').count() as u64);
}
