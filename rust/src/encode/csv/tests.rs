use std::io::Cursor;
use std::slice::from_ref;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Date32Array, Int32Array, Int64Array, ListArray, NullArray, StringArray, UInt64Array};
use arrow_schema::{Field, Schema};

use super::*;
use crate::encode::fixtures::{batch, dictionaries, encoded, no_rows, odd, plain, zoned};
use crate::encode::retype::retype_schema;

fn csv(options: CsvOptions, batches: &[RecordBatch]) -> String {
    let schema = batches[0].schema();
    let mut encoder = CsvEncoder::new(options, &schema).expect("encoder");
    String::from_utf8(encoded(&mut encoder, batches)).expect("UTF-8")
}

fn read(text: &str, schema: &SchemaRef) -> RecordBatch {
    // arrow-csv reads no `LargeUtf8`.
    let readable = retype_schema(schema, &|data_type| (*data_type == DataType::LargeUtf8).then_some(DataType::Utf8));
    let reader = arrow_csv::ReaderBuilder::new(Arc::clone(&readable)).with_header(true);
    let reader = reader.build(Cursor::new(text)).expect("reader");
    let batches: Vec<RecordBatch> = reader.collect::<std::result::Result<_, _>>().expect("rows");
    let rows = arrow_select::concat::concat_batches(&readable, &batches).expect("rows");
    cast_batch(&rows, schema).expect("rows")
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn every_plain_type_reads_back_as_it_was() {
    let batch = plain();
    assert_eq!(read(&csv(CsvOptions::default(), from_ref(&batch)), &batch.schema()), batch);
    let always = CsvOptions { quote_style: QuoteStyle::Always, ..CsvOptions::default() };
    assert_eq!(read(&csv(always, from_ref(&batch)), &batch.schema()), batch);
    let crlf = CsvOptions { line_ending: LineEnding::Crlf, ..CsvOptions::default() };
    assert_eq!(read(&csv(crlf, from_ref(&batch)), &batch.schema()), batch);
}

#[test]
fn slices_are_written_from_their_first_row() {
    let batch = plain();
    let slices: Vec<RecordBatch> = (0..4).map(|row| batch.slice(row, 1)).collect();
    assert_eq!(csv(CsvOptions::default(), &slices), csv(CsvOptions::default(), &[batch]));
    let dictionaries = dictionaries();
    let slices: Vec<RecordBatch> = (0..4).map(|row| dictionaries.slice(row, 1)).collect();
    assert_eq!(csv(CsvOptions::default(), &slices), csv(CsvOptions::default(), &[dictionaries]));
}

#[test]
fn a_null_is_bare_and_an_empty_text_is_quoted() {
    let batch = batch(vec![
        ("a", texts(&[Some(""), None, Some("NULL")])),
        ("b", Arc::new(Int32Array::from(vec![None, Some(1), None]))),
    ]);
    assert_eq!(csv(CsvOptions::default(), from_ref(&batch)), "a,b\n\"\",\n,1\nNULL,\n");
    let named = CsvOptions { null_value: "NULL".into(), ..CsvOptions::default() };
    assert_eq!(csv(named, from_ref(&batch)), "a,b\n\"\",NULL\nNULL,1\n\"NULL\",NULL\n");
    let always = CsvOptions { quote_style: QuoteStyle::Always, ..CsvOptions::default() };
    assert_eq!(csv(always, &[batch]), "\"a\",\"b\"\n\"\",\n,\"1\"\n\"NULL\",\n");
}

#[test]
fn no_line_is_blank_where_there_is_one_column() {
    let column = batch(vec![("a", texts(&[None, Some("x")]))]);
    assert_eq!(csv(CsvOptions::default(), from_ref(&column)), "a\n\"\"\nx\n");
    let named = CsvOptions { null_value: "-".into(), ..CsvOptions::default() };
    assert_eq!(csv(named, &[column]), "a\n-\nx\n");
    let nameless = batch(vec![("", Arc::new(NullArray::new(1)) as ArrayRef)]);
    assert_eq!(csv(CsvOptions::default(), &[nameless]), "\"\"\n\"\"\n");
}

#[test]
fn values_have_documented_forms() {
    let text = csv(CsvOptions::default(), &[odd()]);
    assert_eq!(text, "f16,f64,binary,fixed,duration\n1.5,NaN,00ab,00ff,PT90.5S\n65504,-inf,,,\n");
    let text = csv(CsvOptions::default(), &[zoned()]);
    assert_eq!(text, "berlin\n1969-12-31T23:59:59.999999Z\n\"\"\n1970-01-01T00:00:00Z\n2023-11-14T22:13:20.000001Z\n");
}

#[test]
fn dictionaries_are_written_as_their_values() {
    let text = csv(CsvOptions::default(), &[dictionaries()]);
    assert_eq!(text, "text,number,empty\n\"c,\",7,\n,7,\n,8,\na,7,\n");
}

#[test]
fn numbers_alone_are_bare_when_the_style_says_so() {
    let options = CsvOptions { quote_style: QuoteStyle::NonNumeric, ..CsvOptions::default() };
    let batch = batch(vec![("a", texts(&[Some("x")])), ("b", Arc::new(UInt64Array::from(vec![u64::MAX])))]);
    assert_eq!(csv(options, &[batch]), "\"a\",\"b\"\n\"x\",18446744073709551615\n");
}

#[test]
fn patterns_write_dates_and_times() {
    let options = CsvOptions {
        date_format: Some("%d.%m.%Y".into()),
        timestamp_format: Some("%H,%M".into()),
        delimiter: ';',
        ..CsvOptions::default()
    };
    let batch = plain();
    let columns = ["date", "second", "utc"].map(|name| batch.schema().index_of(name).expect("column"));
    let text = csv(options, &[batch.project(&columns).expect("columns").slice(2, 1)]);
    assert_eq!(text, "date;second;utc\n01.01.1970;00,00;00,00\n");
}

#[test]
fn the_header_comes_once_and_also_without_rows() {
    let batch = batch(vec![("a,b", texts(&[Some("x")])), ("c", texts(&[None]))]);
    let schema = batch.schema();
    assert_eq!(csv(CsvOptions::default(), &[no_rows(&schema)]), "\"a,b\",c\n");
    let mut encoder = CsvEncoder::new(CsvOptions::default(), &schema).expect("encoder");
    let mut out = Vec::new();
    encoder.finish(&mut out).expect("end");
    assert_eq!(out, b"\"a,b\",c\n");
    assert_eq!(csv(CsvOptions::default(), &[batch.clone(), no_rows(&schema), batch.clone()]), "\"a,b\",c\nx,\nx,\n");
    let bare = CsvOptions { header: false, ..CsvOptions::default() };
    assert_eq!(csv(bare, &[batch]), "x,\n");
}

#[test]
fn pieces_that_are_encoded_in_parallel_come_in_order() {
    let numbers = |rows: std::ops::Range<i64>| {
        let texts = StringArray::from_iter_values(rows.clone().map(|row| format!("row {row}")));
        batch(vec![("n", Arc::new(Int64Array::from_iter_values(rows))), ("t", Arc::new(texts))])
    };
    let text = csv(CsvOptions::default(), &[numbers(0..50_000), numbers(50_000..50_001), numbers(50_001..70_000)]);
    let lines = (0..70_000).map(|row| format!("{row},row {row}\n"));
    assert_eq!(text, std::iter::once("n,t\n".to_owned()).chain(lines).collect::<String>());
}

#[test]
fn what_a_cell_cannot_hold_is_refused_before_the_first_byte() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)])]);
    let schema = batch(vec![("l", Arc::new(list) as ArrayRef)]).schema();
    let error = CsvEncoder::new(CsvOptions::default(), &schema).expect_err("list");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("l")));
    assert_eq!(
        error.to_string(),
        "Cannot write column 'l' as CSV: it is List(Int32); select its parts, cast it to text, or write NDJSON, Arrow or Parquet"
    );
    let pair = DataType::Struct(vec![Field::new("x", DataType::Int8, true)].into());
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(pair));
    let schema = Arc::new(Schema::new(vec![Field::new("d", dictionary, true)]));
    assert!(CsvEncoder::new(CsvOptions::default(), &schema).is_err());
}

#[test]
fn a_date_beyond_the_calendar_is_an_error_that_names_its_column() {
    let batch = batch(vec![("a", texts(&[None])), ("day", Arc::new(Date32Array::from(vec![i32::MAX])))]);
    let mut encoder = CsvEncoder::new(CsvOptions::default(), &batch.schema()).expect("encoder");
    let error = encoder.write(&[batch], &mut Vec::new()).expect_err("day");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("day")));
}

#[test]
fn a_text_that_needs_quotes_is_an_error_where_none_are_allowed() {
    let options = CsvOptions { quote_style: QuoteStyle::Never, ..CsvOptions::default() };
    let batch = batch(vec![("a", texts(&[Some("x,y")])), ("b", texts(&[None]))]);
    let mut encoder = CsvEncoder::new(options, &batch.schema()).expect("encoder");
    let error = encoder.write(&[batch], &mut Vec::new()).expect_err("comma");
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("a")));
}

#[test]
fn rows_without_columns_are_refused() {
    let none = plain().project(&[]).expect("no columns");
    let mut encoder = CsvEncoder::new(CsvOptions::default(), &none.schema()).expect("encoder");
    assert!(encoder.write(&[none], &mut Vec::new()).is_err());
    let mut out = Vec::new();
    encoder.finish(&mut out).expect("end");
    assert_eq!(out, b"");
}

#[test]
fn options_have_the_names_of_javascript() {
    let json =
        r#"{"header": false, "delimiter": "\t", "quoteStyle": "nonNumeric", "nullValue": "NA", "lineEnding": "\r\n"}"#;
    let options: CsvOptions = serde_json::from_str(json).expect("options");
    assert_eq!((options.delimiter, options.quote_style), ('\t', QuoteStyle::NonNumeric));
    assert_eq!((options.line_ending, options.quote), (LineEnding::Crlf, '"'));
    assert!(serde_json::from_str::<CsvOptions>(r#"{"separator": ";"}"#).is_err());
    assert!(serde_json::from_str::<CsvOptions>(r#"{"delimiter": "||"}"#).is_err());
}
