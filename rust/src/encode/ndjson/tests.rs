use std::io::Cursor;
use std::slice::from_ref;

use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, ListArray, NullArray, StringArray, StructArray,
    TimestampSecondArray,
};
use arrow_schema::{Field, Schema};

use super::*;
use crate::encode::fixtures::{batch, dictionaries, encoded, no_rows, odd, plain, zoned};
use crate::error::ErrorCode;

fn ndjson(options: NdjsonOptions, batches: &[RecordBatch]) -> String {
    let mut encoder = NdjsonEncoder::new(options, &batches[0].schema()).expect("encoder");
    String::from_utf8(encoded(&mut encoder, batches)).expect("UTF-8")
}

fn read(text: &str, schema: &SchemaRef) -> RecordBatch {
    let reader = arrow_json::ReaderBuilder::new(Arc::clone(schema)).build(Cursor::new(text)).expect("reader");
    let batches: Vec<RecordBatch> = reader.collect::<std::result::Result<_, _>>().expect("rows");
    arrow_select::concat::concat_batches(schema, &batches).expect("rows")
}

fn explicit() -> NdjsonOptions {
    NdjsonOptions { explicit_nulls: true, ..NdjsonOptions::default() }
}

fn nested() -> RecordBatch {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(i32::MIN)]),
    ]);
    let day = Arc::new(Date32Array::from(vec![Some(0), None, Some(1), None])) as ArrayRef;
    let moment = Arc::new(TimestampSecondArray::from(vec![Some(0), None, None, Some(9)]).with_timezone("Asia/Tokyo"));
    let pair = StructArray::from((
        vec![
            (Arc::new(Field::new("day", day.data_type().clone(), true)), day),
            (Arc::new(Field::new("at", moment.data_type().clone(), true)), moment as ArrayRef),
        ],
        arrow_buffer::Buffer::from([0b1011]),
    ));
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("k\"1");
    map.values().append_value(1);
    map.keys().append_value("k2");
    map.values().append_null();
    map.append(true).expect("map");
    map.append(false).expect("null");
    map.append(true).expect("empty");
    map.append(true).expect("empty");
    batch(vec![("list", Arc::new(list)), ("pair", Arc::new(pair)), ("map", Arc::new(map.finish()))])
}

#[test]
fn every_plain_type_reads_back_as_it_was() {
    let batch = plain();
    assert_eq!(read(&ndjson(NdjsonOptions::default(), from_ref(&batch)), &batch.schema()), batch);
    assert_eq!(read(&ndjson(explicit(), from_ref(&batch)), &batch.schema()), batch);
}

#[test]
fn nested_values_are_arrays_and_objects() {
    let lines = [
        r#"{"list":[1,null],"pair":{"day":"1970-01-01","at":"1970-01-01T00:00:00Z"},"map":{"k\"1":1,"k2":null}}"#,
        r#"{"list":null,"pair":{"day":null,"at":null},"map":null}"#,
        r#"{"list":[],"pair":null,"map":{}}"#,
        r#"{"list":[-2147483648],"pair":{"day":null,"at":"1970-01-01T00:00:09Z"},"map":{}}"#,
    ];
    let text = ndjson(explicit(), &[nested()]);
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    let read = read(&text, &in_utc(&nested().schema()));
    assert_eq!(read, cast_batch(&nested(), &read.schema()).expect("UTC"));
    let text = ndjson(NdjsonOptions::default(), &[nested()]);
    assert_eq!(text.lines().nth(1), Some(r#"{"pair":{}}"#));
    assert_eq!(text.lines().nth(2), Some(r#"{"list":[],"map":{}}"#));
}

#[test]
fn slices_are_written_from_their_first_row() {
    for batch in [plain(), nested(), dictionaries()] {
        let slices: Vec<RecordBatch> = (0..4).map(|row| batch.slice(row, 1)).collect();
        assert_eq!(ndjson(explicit(), &slices), ndjson(explicit(), &[batch]));
    }
}

#[test]
fn numbers_have_all_their_digits() {
    let plain = plain();
    let columns = ["i64", "u64", "decimal"].map(|name| plain.schema().index_of(name).expect("column"));
    let text = ndjson(NdjsonOptions::default(), &[plain.project(&columns).expect("columns")]);
    assert_eq!(
        text.lines().nth(3),
        Some(
            r#"{"i64":9223372036854775807,"u64":18446744073709551615,"decimal":999999999999999999999999999999999999.99}"#
        )
    );
    assert_eq!(text.lines().nth(2), Some(r#"{"i64":9007199254740993,"u64":9007199254740993,"decimal":0.05}"#));
}

#[test]
fn values_have_documented_forms() {
    let lines = [
        r#"{"f16":1.5,"f64":null,"binary":"00ab","fixed":"00ff","duration":"PT90.5S"}"#,
        r#"{"f16":65504.0,"f64":null,"binary":null,"fixed":null,"duration":null}"#,
    ];
    assert_eq!(ndjson(explicit(), &[odd()]).lines().collect::<Vec<_>>(), lines);
    let first = r#"{"berlin":"1969-12-31T23:59:59.999999Z"}"#;
    assert_eq!(ndjson(explicit(), &[zoned()]).lines().next(), Some(first));
}

#[test]
fn dictionaries_are_written_as_their_values() {
    let lines = [
        r#"{"text":"c,","number":7,"empty":null}"#,
        r#"{"text":null,"number":7,"empty":null}"#,
        r#"{"text":null,"number":8,"empty":null}"#,
        r#"{"text":"a","number":7,"empty":null}"#,
    ];
    assert_eq!(ndjson(explicit(), &[dictionaries()]).lines().collect::<Vec<_>>(), lines);
    let nothing = DictionaryArray::<Int32Type>::new(Int32Array::from(vec![0, 0]), Arc::new(NullArray::new(1)));
    assert_eq!(ndjson(explicit(), &[batch(vec![("n", Arc::new(nothing))])]), "{\"n\":null}\n{\"n\":null}\n");
}

#[test]
fn patterns_write_dates_and_their_text_is_escaped() {
    let options = NdjsonOptions { date_format: Some("\"%d\"\\%n".into()), ..NdjsonOptions::default() };
    let text = ndjson(options, &[batch(vec![("day", Arc::new(Date32Array::from(vec![0])))])]);
    assert_eq!(text, "{\"day\":\"\\\"01\\\"\\\\\\n\"}\n");
}

#[test]
fn no_rows_are_no_bytes_and_no_columns_are_empty_objects() {
    assert_eq!(ndjson(explicit(), &[no_rows(&plain().schema())]), "");
    let none = plain().project(&[]).expect("no columns");
    assert_eq!(ndjson(explicit(), &[none]), "{}\n{}\n{}\n{}\n");
}

#[test]
fn pieces_that_are_encoded_in_parallel_come_in_order() {
    let numbers =
        |rows: std::ops::Range<i64>| batch(vec![("n", Arc::new(Int64Array::from_iter_values(rows)) as ArrayRef)]);
    let text = ndjson(NdjsonOptions::default(), &[numbers(0..50_000), numbers(50_000..70_000)]);
    let lines: Vec<String> = (0..70_000).map(|row| format!("{{\"n\":{row}}}")).collect();
    assert!(text.ends_with('\n') && text.lines().eq(&lines));
}

#[test]
fn a_date_beyond_the_calendar_is_an_error_that_names_its_column() {
    let days = Arc::new(Date32Array::from(vec![0, i32::MAX])) as ArrayRef;
    let keys = Int32Array::from(vec![1]);
    let dictionary = DictionaryArray::<Int32Type>::new(keys, Arc::clone(&days));
    for (array, rows) in [(days, 2), (Arc::new(dictionary) as ArrayRef, 1)] {
        assert_eq!(array.len(), rows);
        let batch = batch(vec![("day", array)]);
        let mut encoder = NdjsonEncoder::new(NdjsonOptions::default(), &batch.schema()).expect("encoder");
        let mut out = Vec::new();
        let error = encoder.write(&[batch], &mut out).expect_err("day");
        assert_eq!((error.code(), error.column(), out.len()), (ErrorCode::UnsupportedFeature, Some("day"), 0));
    }
}

#[test]
fn what_json_cannot_hold_is_refused_before_the_first_byte() {
    let refused = |field: Field| {
        let schema = Arc::new(Schema::new(vec![field]));
        NdjsonEncoder::new(NdjsonOptions::default(), &schema).expect_err("refused")
    };
    let entries = [Field::new("keys", DataType::Int32, false), Field::new("values", DataType::Int32, true)];
    let entries = Field::new("entries", DataType::Struct(entries.into_iter().collect()), false);
    let map = Field::new("m", DataType::Map(Arc::new(entries), false), true);
    let error = refused(Field::new_list("l", map, true));
    assert_eq!((error.code(), error.column()), (ErrorCode::UnsupportedFeature, Some("l")));
    let union = arrow_schema::UnionFields::from_fields([Field::new("a", DataType::Int32, true)]);
    let error = refused(Field::new("u", DataType::Union(union, arrow_schema::UnionMode::Sparse), true));
    assert_eq!(error.to_string(), "Cannot write column 'u' as NDJSON: it is a union; select its parts, or write Arrow");
    let twice = vec![Field::new("x", DataType::Int32, true), Field::new("x", DataType::Int32, true)];
    let error = refused(Field::new_struct("s", twice, true));
    assert_eq!(
        error.to_string(),
        "Cannot write column 's' as NDJSON: it is one of two fields named 'x'; rename one of them"
    );
}

#[test]
fn texts_are_escaped() {
    let text = StringArray::from(vec!["\"\\/\u{8}\n\u{1}\u{7f}\u{2028}\u{1f600}"]);
    let text = ndjson(NdjsonOptions::default(), &[batch(vec![("a\"b", Arc::new(text) as ArrayRef)])]);
    assert_eq!(text, "{\"a\\\"b\":\"\\\"\\\\/\\b\\n\\u0001\u{7f}\u{2028}\u{1f600}\"}\n");
}

#[test]
fn options_have_the_names_of_javascript() {
    let options: NdjsonOptions =
        serde_json::from_str(r#"{"explicitNulls": true, "dateFormat": "%Y"}"#).expect("options");
    assert_eq!((options.explicit_nulls, options.date_format.as_deref()), (true, Some("%Y")));
    assert!(serde_json::from_str::<NdjsonOptions>(r#"{"nulls": true}"#).is_err());
}
