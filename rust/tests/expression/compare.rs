//! Comparisons of texts, bytes and booleans, and what binding makes of comparisons.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array, NullArray,
    StringArray,
};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use crate::{bound_text, call, literal, null, number, rows, string, x};

fn letters(array: &ArrayRef, constant: &Value) -> Vec<String> {
    crate::COMPARISONS.iter().map(|name| rows(&call(name, [x(), constant.clone()]), array)).collect()
}

#[test]
fn texts_compare_by_their_bytes() {
    let texts =
        StringArray::from(vec![Some(""), Some("a"), Some("ab"), Some("ä"), Some("\u{10000}"), Some("\u{ffff}"), None]);
    let utf8: ArrayRef = Arc::new(texts);
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    for data_type in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let array = cast(&utf8, &data_type).expect("cast");
        assert_eq!(letters(&array, &string("ab")), ["fftfff-", "ttfttt-", "ttffff-", "tttfff-", "fffttt-", "fftttt-"]);
        assert_eq!(letters(&array, &string(""))[..3], ["tfffff-", "fttttt-", "ffffff-"]);
        // By UTF-16 units it would be the other way round.
        assert_eq!(rows(&call("lt", [x(), string("\u{10000}")]), &array), "ttttft-");
        let list: Vec<Value> = std::iter::once(x()).chain((0..40).map(|i| string(&"b".repeat(i)))).collect();
        assert_eq!(rows(&call("in", list), &array), "tfffff-");
        assert_eq!(rows(&call("notIn", [x(), string("a"), null()]), &array), "-f-----");
    }
    let long: ArrayRef = Arc::new(StringArray::from(vec!["a text longer than a view holds", "a text longer than b"]));
    let long = cast(&long, &DataType::Utf8View).expect("cast");
    assert_eq!(rows(&call("eq", [x(), string("a text longer than b")]), &long), "ft");
    assert_eq!(rows(&call("in", [x(), string("a text longer than b"), string("b")]), &long), "ft");
}

#[test]
fn bytes_compare_by_value_and_length() {
    let values: Vec<Option<&[u8]>> =
        vec![Some(b"\x00\x00"), Some(b"\x01\x00"), Some(b"\x01\xff"), Some(b"\x02\x00"), None];
    let binary: ArrayRef = Arc::new(BinaryArray::from(values));
    let types = [DataType::Binary, DataType::LargeBinary, DataType::BinaryView, DataType::FixedSizeBinary(2)];
    for data_type in types {
        let array = cast(&binary, &data_type).expect("cast");
        let cases = [
            ("0100", ["ftff-", "tftt-", "tfff-", "ttff-", "fftt-", "fttt-"]),
            ("01", ["ffff-", "tttt-", "tfff-", "tfff-", "fttt-", "fttt-"]),
            ("010000", ["ffff-", "tttt-", "ttff-", "ttff-", "fftt-", "fftt-"]),
            ("", ["ffff-", "tttt-", "ffff-", "ffff-", "tttt-", "tttt-"]),
            ("0000", ["tfff-", "fttt-", "ffff-", "tfff-", "fttt-", "tttt-"]),
        ];
        for (hex, expected) in cases {
            assert_eq!(letters(&array, &literal("bytes", hex)), expected, "{data_type} {hex}");
        }
        let list = [x(), literal("bytes", "0200"), literal("bytes", "00"), literal("bytes", "0000")];
        assert_eq!(rows(&call("in", list), &array), "tfft-");
    }
    let text: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"abc", b"b"]));
    assert_eq!(rows(&call("eq", [x(), string("abc")]), &text), "tf");
    let fixed: ArrayRef = Arc::new(FixedSizeBinaryArray::try_from_iter([[0xff_u8, 0xff]].iter()).expect("fixed"));
    assert_eq!(rows(&call("le", [x(), literal("bytes", "ffff00")]), &fixed), "t");
}

#[test]
fn booleans_compare_with_booleans_and_their_texts() {
    let array: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]));
    assert_eq!(letters(&array, &literal("boolean", true)), ["tf-", "ft-", "ft-", "tt-", "ff-", "tf-"]);
    assert_eq!(letters(&array, &string("false"))[..2], ["ft-", "tf-"]);
    assert_eq!(rows(&call("in", [x(), literal("boolean", true), literal("boolean", false)]), &array), "tt-");
    assert_eq!(rows(&call("in", [x(), literal("boolean", false), null()]), &array), "-t-");
}

#[test]
fn null_compares_to_null() {
    let array: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    for name in crate::COMPARISONS {
        assert_eq!(rows(&call(name, [x(), null()]), &array), "--");
        assert_eq!(rows(&call(name, [null(), x()]), &array), "--");
        assert_eq!(rows(&call(name, [null(), null()]), &array), "--");
    }
    let nulls: ArrayRef = Arc::new(NullArray::new(2));
    assert_eq!(rows(&call("eq", [x(), number(1.0)]), &nulls), "--");
    assert_eq!(rows(&call("in", [x(), number(1.0)]), &nulls), "--");
    assert_eq!(rows(&call("isNull", [x()]), &nulls), "tt");
}

#[test]
fn lists_may_be_empty_long_or_hold_null() {
    let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(0), Some(7), Some(100), Some(i64::MIN), None]));
    assert_eq!(rows(&call("in", [x()]), &array), "ffff-");
    assert_eq!(rows(&call("notIn", [x()]), &array), "tttt-");
    assert_eq!(rows(&call("in", [x(), null()]), &array), "-----");
    assert_eq!(rows(&call("in", [x(), number(0.5), number(f64::NAN)]), &array), "ffff-");
    let long: Vec<Value> = std::iter::once(x()).chain((0..1000).step_by(7).map(|i| number(f64::from(i)))).collect();
    assert_eq!(rows(&call("in", long.clone()), &array), "ttff-");
    assert_eq!(rows(&call("notIn", long), &array), "fftt-");
    assert_eq!(rows(&call("in", [number(7.0), number(7.0), null()]), &array), "ttttt");
    assert_eq!(rows(&call("in", [null(), number(7.0)]), &array), "-----");
}

#[test]
fn dictionaries_compare_by_what_they_hold_also_when_larger_than_the_batch() {
    let words: DictionaryArray<Int32Type> =
        vec![Some("b"), None, Some("a"), Some("b"), Some("c")].into_iter().collect();
    let array: ArrayRef = Arc::new(words);
    assert_eq!(rows(&call("ge", [x(), string("b")]), &array), "t-ftt");
    assert_eq!(rows(&call("startsWith", [x(), string("c")]), &array), "f-fft");
    assert_eq!(rows(&call("matches", [x(), string("^[ab]$")]), &array), "t-ttf");
    assert_eq!(rows(&call("ge", [x(), string("b")]), &array.slice(1, 2)), "-f");
    assert_eq!(rows(&call("isNull", [x()]), &array), "ftfff");
    let numbers = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Int64));
    let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None]));
    let array = cast(&values, &numbers).expect("cast");
    assert_eq!(rows(&call("gt", [x(), number(1.5)]), &array), "ft-");
    assert_eq!(rows(&call("eq", [x(), number(1.5)]), &array), "ff-");
    assert_eq!(rows(&call("eq", [call("add", [x(), number(1.0)]), number(3.0)]), &array), "ft-");
}

#[test]
fn constants_take_the_column_s_type_or_decide_the_comparison() {
    let decimal = DataType::Decimal128(10, 2);
    let timestamp = DataType::Timestamp(TimeUnit::Second, Some("UTC".into()));
    let date = literal("date", 1500);
    let cases = [
        (call("gt", [x(), number(1.5)]), DataType::Int64, "x > 1"),
        (call("lt", [x(), number(1.5)]), DataType::Int64, "x <= 1"),
        (call("eq", [x(), number(1.5)]), DataType::Int64, "always_false(x)"),
        (call("ne", [x(), number(f64::NAN)]), DataType::Int8, "always_true(x)"),
        (call("ge", [number(300.0), x()]), DataType::UInt8, "always_true(x)"),
        (call("eq", [x(), number(0.05)]), decimal.clone(), "x = 0.05"),
        (call("ge", [x(), number(0.055)]), decimal, "x > 0.05"),
        (call("ge", [x(), date]), timestamp.clone(), "x > TIMESTAMP '1970-01-01T00:00:01Z'"),
        (call("eq", [x(), string("1970-01-01")]), timestamp, "x = TIMESTAMP '1970-01-01T00:00:00Z'"),
        (call("eq", [x(), number(0.1)]), DataType::Float32, "always_false(x)"),
        (call("lt", [x(), number(0.5)]), DataType::Float32, "x < 0.5"),
        (call("in", [x(), number(2.0), number(1.0), number(2.0), number(0.5)]), DataType::Int32, "x IN (1, 2)"),
        (call("in", [x(), string("a"), null()]), DataType::Utf8View, "x IN ('a', NULL)"),
        (call("notIn", [x(), string("b"), string("a")]), DataType::Utf8, "NOT x IN ('a', 'b')"),
        (call("eq", [x(), call("add", [number(0.1), number(0.2)])]), DataType::Float64, "x = 0.30000000000000004"),
        (call("like", [x(), string("a%")]), DataType::Utf8View, "starts_with(x, 'a')"),
        (call("like", [x(), string("a_")]), DataType::Utf8View, "x LIKE 'a_'"),
        (call("like", [x(), string("a")]), DataType::Utf8View, "x = 'a'"),
    ];
    for (expr, data_type, text) in cases {
        assert_eq!(bound_text(&expr, data_type), text);
    }
}
