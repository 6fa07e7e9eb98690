//! Casts, functions of texts and dates, coalesce.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray,
    StringArray, TimestampMicrosecondArray, TimestampSecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use crate::{call, cast, column, evaluate, null, number, string, texts, x};

fn check(expr: &Value, array: &ArrayRef, data_type: &DataType, expected: &[&str]) {
    let values = evaluate(expr, &[("x", Arc::clone(array))]);
    assert_eq!(
        (values.data_type(), texts(&values)),
        (data_type, expected.iter().map(ToString::to_string).collect()),
        "{expr}"
    );
}

#[test]
fn casts_give_null_where_there_is_no_counterpart() {
    let words: ArrayRef = Arc::new(StringArray::from(vec![Some("12"), Some("x"), Some("300"), Some("-1"), None]));
    check(&cast(x(), "int64"), &words, &DataType::Int64, &["12", "-", "300", "-1", "-"]);
    check(&cast(x(), "uint8"), &words, &DataType::UInt8, &["12", "-", "-", "-", "-"]);
    check(&cast(x(), "decimal(4,1)"), &words, &DataType::Decimal128(4, 1), &["12.0", "-", "300.0", "-1.0", "-"]);
    check(&cast(x(), "string"), &words, &DataType::Utf8, &["12", "x", "300", "-1", "-"]);
    check(&cast(x(), "binary"), &words.slice(0, 1), &DataType::Binary, &["3132"]);
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1.9, -1.9, f64::NAN, 1e20, f64::INFINITY]));
    check(&cast(x(), "int64"), &doubles, &DataType::Int64, &["1", "-1", "-", "-", "-"]);
    check(&cast(x(), "boolean"), &doubles.slice(0, 1), &DataType::Boolean, &["true"]);
    let bytes: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"a", b"\xff"]));
    check(&cast(x(), "string"), &bytes, &DataType::Utf8, &["a", "-"]);
    let dates: ArrayRef = Arc::new(StringArray::from(vec!["2026-01-31", "soon"]));
    check(&cast(x(), "date"), &dates, &DataType::Date32, &["2026-01-31", "-"]);
    let dictionary: ArrayRef =
        Arc::new(vec![Some("5"), None, Some("y")].into_iter().collect::<DictionaryArray<Int32Type>>());
    check(&cast(x(), "int32"), &dictionary, &DataType::Int32, &["5", "-", "-"]);
    check(&cast(string("7"), "int8"), &dictionary, &DataType::Int8, &["7", "7", "7"]);
}

#[test]
fn casts_of_times_round_down_and_keep_the_instant() {
    let array: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), Some(1_500_000), Some(i64::MAX), None]));
    let seconds = DataType::Timestamp(TimeUnit::Second, None);
    check(&cast(x(), "timestamp(s)"), &array.slice(0, 2), &seconds, &["1969-12-31T23:59:59", "1970-01-01T00:00:01"]);
    check(&cast(x(), "date"), &array.slice(0, 2), &DataType::Date32, &["1969-12-31", "1970-01-01"]);
    let nanoseconds = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let expected = ["1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:01.500Z", "-", "-"];
    check(&cast(x(), "timestamp(ns,UTC)"), &array, &nanoseconds, &expected);
    let zoned = cast(cast(x(), "timestamp(us,+02:00)"), "int64");
    check(&zoned, &array.slice(0, 1), &DataType::Int64, &["-1"]);
    let local_day = cast(cast(x(), "timestamp(us,+02:00)"), "date");
    check(&local_day, &array.slice(0, 1), &DataType::Date32, &["1970-01-01"]);
    let days: ArrayRef = Arc::new(Date32Array::from(vec![-1, i32::MAX]));
    check(
        &cast(x(), "timestamp(ms)"),
        &days.slice(0, 1),
        &DataType::Timestamp(TimeUnit::Millisecond, None),
        &["1969-12-31T00:00:00"],
    );
    let far = cast(cast(x(), "timestamp(ns)"), "int64");
    check(&far, &days, &DataType::Int64, &["-86400000000000", "-"]);
}

#[test]
fn texts_change_case_and_have_lengths() {
    let array: ArrayRef = Arc::new(StringArray::from(vec![Some("Straße"), Some(""), Some("ÄÖ😀"), None]));
    for data_type in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View] {
        let array = arrow_cast::cast(&array, &data_type).expect("cast");
        check(&call("upper", [x()]), &array, &DataType::Utf8, &["STRASSE", "", "ÄÖ😀", "-"]);
        check(&call("lower", [x()]), &array, &DataType::Utf8, &["straße", "", "äö😀", "-"]);
        check(&call("length", [x()]), &array, &DataType::Int32, &["6", "0", "3", "-"]);
    }
    let bytes: ArrayRef = Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\xff\xff"), None]));
    check(&call("length", [x()]), &bytes, &DataType::Int32, &["2", "-"]);
    let lists: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), Some(vec![]), None]));
    check(&call("length", [x()]), &lists, &DataType::Int32, &["2", "0", "-"]);
}

#[test]
fn dates_have_parts_in_their_zone() {
    let array: ArrayRef = Arc::new(TimestampSecondArray::from(vec![Some(-1), Some(1_709_164_800), None]));
    check(&call("year", [x()]), &array, &DataType::Int32, &["1969", "2024", "-"]);
    check(&call("month", [x()]), &array, &DataType::Int32, &["12", "2", "-"]);
    check(&call("day", [x()]), &array, &DataType::Int32, &["31", "29", "-"]);
    let zoned = call("day", [cast(x(), "timestamp(s,+02:00)")]);
    check(&zoned, &array, &DataType::Int32, &["1", "29", "-"]);
    let utc = call("day", [cast(x(), "timestamp(ms,UTC)")]);
    check(&utc, &array, &DataType::Int32, &["31", "29", "-"]);
    let text = cast(cast(x(), "timestamp(s,UTC)"), "string");
    check(&text, &array, &DataType::Utf8, &["1969-12-31T23:59:59Z", "2024-02-29T00:00:00Z", "-"]);
    let back = cast(cast(text, "timestamp(s,UTC)"), "int64");
    check(&back, &array, &DataType::Int64, &["-1", "1709164800", "-"]);
    let days: ArrayRef = Arc::new(Date32Array::from(vec![-719_528, 20_484]));
    check(&call("year", [x()]), &days, &DataType::Int32, &["0", "2026"]);
    assert_eq!(crate::rows(&call("eq", [call("year", [x()]), number(2026.0)]), &days), "ft");
}

#[test]
fn coalesce_gives_the_first_value_in_a_common_type() {
    let array: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    check(&call("coalesce", [x(), number(0.0)]), &array, &DataType::Int32, &["1", "0"]);
    check(&call("coalesce", [x(), number(0.5)]), &array, &DataType::Float64, &["1.0", "0.5"]);
    check(&call("coalesce", [x(), crate::big(1_i64 << 40)]), &array, &DataType::Int64, &["1", "1099511627776"]);
    check(&call("coalesce", [x(), null()]), &array, &DataType::Int32, &["1", "-"]);
    check(&call("coalesce", [null(), string("a"), x()]), &array, &DataType::Utf8, &["a", "a"]);
    let columns = [("x", array), ("y", Arc::new(Int64Array::from(vec![Some(7), Some(8)])) as ArrayRef)];
    let both = evaluate(&call("coalesce", [column("x"), column("y"), number(9.0)]), &columns);
    assert_eq!((both.data_type(), texts(&both)), (&DataType::Int64, vec!["1".to_owned(), "8".to_owned()]));
    let words: ArrayRef = Arc::new(StringArray::from(vec![None, Some("b")]));
    let views = arrow_cast::cast(&words, &DataType::Utf8View).expect("cast");
    check(&call("coalesce", [x(), string("z")]), &views, &DataType::Utf8View, &["z", "b"]);
}
