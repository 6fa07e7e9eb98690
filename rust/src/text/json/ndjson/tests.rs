use std::sync::atomic::AtomicBool;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_schema::{DataType, Field};

use super::*;
use crate::error::ErrorCode;

fn format(options: &str) -> Ndjson {
    Ndjson::new(&serde_json::from_str(options).expect("options")).expect("format")
}

fn schema(format: &Ndjson, text: &str) -> Result<SchemaRef> {
    let head = Head::default();
    format.infer(&[Sample { path: None, head: &head, bytes: text.as_bytes(), first_line: 1 }])
}

/// The schema is that of `sample`.
fn parse(options: &str, sample: &str, text: &[u8]) -> Result<Parsed> {
    let format = format(options);
    let schema = schema(&format, sample)?;
    let all = schema.fields().iter().enumerate();
    let all: Vec<Wanted> = all.map(|(column, field)| Wanted { column, field: Arc::clone(field) }).collect();
    format.parser(&schema, &all)?.parse(&Piece::new(text, 11, &AtomicBool::new(false)))
}

#[test]
fn pieces_end_with_lines() {
    let split = |bytes: &[u8], most: u64, ended: bool| {
        let Split { bytes, lines, records } = format("{}").split(bytes, 1, most, ended).expect("split");
        (bytes, lines, records)
    };
    assert_eq!(split(b"{}\n{}\n{", u64::MAX, false), (6, 2, 2));
    assert_eq!(split(b"{}\n{}\n{", u64::MAX, true), (7, 2, 3));
    assert_eq!(split(b"{}\n{}\n{}\n", 2, false), (6, 2, 2));
    assert_eq!(split(b"{}\n{}", 2, true), (5, 1, 2));
    assert_eq!(split(b"{}\n{}", 1, true), (3, 1, 1));
    assert_eq!(split(b"{}", u64::MAX, false), (0, 0, 0));
    assert_eq!(split(b"", u64::MAX, true), (0, 0, 0));
    assert_eq!(split(b"{}\r\n", u64::MAX, true), (4, 1, 1));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let format = format("{}");
    let bytes = |bytes: &[u8], ended| format.head(bytes, ended).expect("head").map(|head| head.bytes);
    assert_eq!(bytes(b"\xef\xbb\xbf{}", false), Some(3));
    assert_eq!(bytes(b"{}", false), Some(0));
    assert_eq!((bytes(b"\xef\xbb", false), bytes(b"\xef\xbb", true), bytes(b"", false)), (None, Some(0), None));
}

#[test]
fn blank_lines_and_carriage_returns_are_no_records() {
    let parsed = parse("{}", r#"{"a":1}"#, b"\n{\"a\":1}\r\n  \r\n{\"a\":2}").expect("parsed");
    assert_eq!(parsed.batch.column(0).as_primitive::<Int64Type>().values()[..], [1, 2]);
}

#[test]
fn bad_records_are_told_with_their_line() {
    let cases = [
        (
            &b"{\"a\":1}\n{\"a\":"[..],
            "Cannot read line 12: it ends where a value is expected at character 6, in '{\"a\":'",
        ),
        (b"[1]", "Cannot read line 11: it is no object at character 1, in '[1]'"),
        (b"{} {}", "Cannot read line 11: something follows the object at character 4, in '{} {}'"),
        (
            "{\"ü\":1,\"a\":\"x\"}".as_bytes(),
            "Cannot read line 11: column 'a' holds Int64, and character 12 begins something else, in '{\"ü\":1,\"a\":\"x\"}'",
        ),
        (b"{\"a\":1,\"a\":2}", "Cannot read line 11: the object has column 'a' more than once, in '{\"a\":1,\"a\":2}'"),
        (b"\n\n{\"a\":\xff}", "Cannot read line 13: it is not UTF-8 at character 6, in '{\"a\":\u{fffd}}'"),
        (
            b"{\"a\":1.5}",
            "Cannot read line 11: column 'a' holds Int64, and character 6 begins something else, in '{\"a\":1.5}'",
        ),
    ];
    for (text, message) in cases {
        let error = parse("{}", r#"{"a":1}"#, text).expect_err("bad");
        assert_eq!((error.code(), error.to_string().as_str()), (ErrorCode::MalformedData, message));
    }
}

#[test]
fn bad_records_are_skipped_or_null_where_that_is_wanted() {
    let text = b"{\"a\":1,\"b\":0.5}\nnonsense\n{\"a\":\"x\",\"b\":1.5}\n\xff\n{\"a\":2}\n";
    let sample = r#"{"a":1,"b":0.5}"#;
    let skipped = parse(r#"{"onBadRecord":"skip"}"#, sample, text).expect("parsed");
    assert_eq!((skipped.batch.num_rows(), skipped.skipped_records, skipped.nulled_values), (2, 3, 0));
    let nulled = parse(r#"{"onBadRecord":"null"}"#, sample, text).expect("parsed");
    assert_eq!((nulled.skipped_records, nulled.nulled_values), (0, 3));
    let a: Vec<Option<i64>> = nulled.batch.column(0).as_primitive::<Int64Type>().iter().collect();
    let b: Vec<Option<f64>> = nulled.batch.column(1).as_primitive::<Float64Type>().iter().collect();
    assert_eq!(a, [Some(1), None, None, None, Some(2)]);
    assert_eq!(b, [Some(0.5), None, Some(1.5), None, None]);
}

#[test]
fn columns_of_every_kind_stay_as_long_as_the_others_whatever_is_bad() {
    let sample = r#"{"o":{"x":1,"l":[{"y":"s"}]},"l":[[1]],"b":true,"t":"x","n":1}"#;
    let bad = [
        r#"{"o":{"x":1,"l":[{"y":{}},{"y":"s"}]},"n":7}"#,
        r#"{"l":[[1,2],[3,"x"]],"n":7}"#,
        r#"{"o":5,"l":{},"b":"x","t":[],"n":7}"#,
        r#"{"o":{"x":1,"x":2},"n":7}"#,
        r#"{"o":{"l":[{"y":"s"}"#,
        r#"{"l":[[1],[2"#,
    ];
    for record in bad {
        let text = format!("{sample}\n{record}\n{sample}\n");
        for (mode, rows) in [("skip", 2), ("null", 3)] {
            let parsed = parse(&format!(r#"{{"onBadRecord":"{mode}"}}"#), sample, text.as_bytes()).expect(record);
            assert_eq!(parsed.batch.num_rows(), rows, "{record}");
            let first = parsed.batch.slice(0, 1);
            let last = parsed.batch.slice(rows - 1, 1);
            assert_eq!(first, last, "{record}");
            assert!(parsed.skipped_records + parsed.nulled_values > 0, "{record}");
        }
        assert!(parse("{}", sample, text.as_bytes()).is_err(), "{record}");
    }
}

#[test]
fn a_bad_sample_is_an_error_unless_bad_records_are_allowed() {
    let error = schema(&format("{}"), "{\"a\":1}\n{\"a\":1,}\n").expect_err("bad");
    assert_eq!((error.code(), error.line()), (ErrorCode::MalformedData, Some(2)));
    let lenient = schema(&format(r#"{"onBadRecord":"skip"}"#), "{\"a\":1}\n{\"b\":1,}\n").expect("schema");
    assert_eq!(lenient.fields().len(), 1);
}

#[test]
fn unknown_fields_are_ignored_or_refused() {
    let text = br#"{"a":1,"new":[{"deep":"x"}]}"#;
    assert_eq!(parse("{}", r#"{"a":1}"#, text).expect("parsed").batch.num_columns(), 1);
    let error = parse(r#"{"onUnknownField":"error"}"#, r#"{"a":1}"#, text).expect_err("unknown");
    assert_eq!(error.column(), Some("new"));
}

#[test]
fn only_what_is_wanted_is_built_and_known_fields_are_no_unknown_ones() {
    let format = format(r#"{"onUnknownField":"error"}"#);
    let sample = r#"{"a":1,"o":{"x":1,"y":2},"z":3}"#;
    let schema = schema(&format, sample).expect("schema");
    let part = Field::new_struct("o", vec![Field::new("y", DataType::Int64, true)], true);
    let parser = format.parser(&schema, &[Wanted { column: 1, field: Arc::new(part) }]).expect("parser");
    let parsed = parser.parse(&Piece::new(sample.as_bytes(), 1, &AtomicBool::new(false))).expect("parsed");
    let object = parsed.batch.column(0).as_struct();
    assert_eq!((parsed.batch.num_columns(), object.num_columns()), (1, 1));
    assert_eq!(object.column(0).as_primitive::<Int64Type>().value(0), 2);
    let all = |order: &[usize]| {
        let wanted = |column: &usize| Wanted { column: *column, field: Arc::clone(&schema.fields()[*column]) };
        let parser = format.parser(&schema, &order.iter().map(wanted).collect::<Vec<_>>()).expect("parser");
        parser.parse(&Piece::new(sample.as_bytes(), 1, &AtomicBool::new(false))).expect("parsed").batch
    };
    assert_eq!(all(&[2, 0]).column(0).as_primitive::<Int64Type>().values()[..], [3]);
    assert_eq!(all(&[2, 1, 0]).column(2).as_primitive::<Int64Type>().values()[..], [1]);
    let none = format.parser(&schema, &[]).expect("parser");
    let parsed = none.parse(&Piece::new(b"{}\n{}\n\n{}", 1, &AtomicBool::new(false))).expect("parsed");
    assert_eq!((parsed.batch.num_rows(), parsed.batch.num_columns()), (3, 0));
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let inferred = schema(&format("{}"), &deep).expect_err("deep");
    let parsed = parse("{}", "{}", deep.as_bytes()).expect_err("deep");
    for error in [inferred, parsed] {
        assert!(error.to_string().contains("nested deeper than 128 levels"), "{error}");
    }
}

#[test]
fn a_given_schema_says_how_values_are_read() {
    let given = Arc::new(Schema::new(vec![
        Field::new("i", DataType::Int8, false),
        Field::new("d", DataType::Decimal128(5, 2), true),
        Field::new("day", DataType::Date32, true),
        Field::new("at", DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, Some("UTC".into())), true),
        Field::new("f", DataType::Float64, true),
    ]));
    let options = serde_json::from_str("{}").expect("options");
    let format = Ndjson { schema: Some(given), ..Ndjson::new(&options).expect("format") };
    let schema = schema(&format, "").expect("schema");
    let all = schema.fields().iter().enumerate();
    let all: Vec<Wanted> = all.map(|(column, field)| Wanted { column, field: Arc::clone(field) }).collect();
    let parser = format.parser(&schema, &all).expect("parser");
    let parse = |text: &str| parser.parse(&Piece::new(text.as_bytes(), 1, &AtomicBool::new(false)));
    let good = r#"{"i":"-128","d":123.4,"day":"1970-01-02","at":"1970-01-01T01:00:00.5+01:00","f":"NaN"}
        {"i":1.0e1,"d":"0.01","day":3,"at":1,"f":9007199254740993}"#;
    let batch = parse(good).expect("parsed").batch;
    let column = |index: usize| {
        let rows =
            (0..2).map(|row| arrow_cast::display::array_value_to_string(batch.column(index), row).expect("text"));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(column(0), ["-128", "10"]);
    assert_eq!(column(1), ["123.40", "0.01"]);
    assert_eq!(column(2), ["1970-01-02", "1970-01-04"]);
    assert_eq!(batch.column(3).as_primitive::<arrow_array::types::TimestampMillisecondType>().values()[..], [500, 1]);
    assert!(batch.column(4).as_primitive::<Float64Type>().value(0).is_nan());
    for bad in [r#"{"i":128}"#, r#"{"d":1000}"#, r#"{"d":0.001}"#, r#"{"day":"1970-02-30"}"#, r#"{"f":1e400}"#] {
        assert_eq!(parse(bad).expect_err(bad).code(), ErrorCode::MalformedData);
    }
}
