//! Comparisons of two columns, whose types meet without loss, and fields of structs.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float32Array, Float64Array, Int8Array, Int32Array, Int64Array, StringArray,
    StructArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use serde_json::json;

use crate::{COMPARISONS, call, column, evaluate, letters, number, string};

fn compared(left: &ArrayRef, right: &ArrayRef) -> Vec<String> {
    let columns = [("a", Arc::clone(left)), ("b", Arc::clone(right))];
    let results: Vec<String> =
        COMPARISONS.iter().map(|name| letters(&evaluate(&call(name, [column("a"), column("b")]), &columns))).collect();
    for (name, flipped) in [("eq", "eq"), ("lt", "gt"), ("le", "ge"), ("gt", "lt")] {
        let other = letters(&evaluate(&call(flipped, [column("b"), column("a")]), &columns));
        let index = COMPARISONS.iter().position(|known| *known == name).expect("known");
        assert_eq!(other, results[index], "{flipped} of {} and {}", right.data_type(), left.data_type());
    }
    results
}

#[test]
fn integers_of_64_bits_and_doubles_are_compared_exactly() {
    let integers: ArrayRef =
        Arc::new(Int64Array::from(vec![Some((1 << 53) + 1), Some(i64::MAX), Some(1), Some(0), Some(5), None]));
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![
        Some(9_007_199_254_740_992.0),
        Some(9_223_372_036_854_775_808.0),
        Some(1.5),
        Some(-0.0),
        Some(f64::NAN),
        Some(1.0),
    ]));
    assert_eq!(compared(&integers, &doubles), ["ffftf-", "tttft-", "fttft-", "ftttt-", "tffff-", "tfftf-"]);
    let unsigned: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, u64::MAX, 0]));
    let doubles: ArrayRef = Arc::new(Float32Array::from(vec![18_446_744_073_709_551_616.0, f32::INFINITY, -1.0]));
    assert_eq!(compared(&unsigned, &doubles)[2], "ttf");
    let small: ArrayRef = Arc::new(Int8Array::from(vec![1, 2]));
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.5]));
    assert_eq!(compared(&small, &doubles)[..2], ["tf", "ft"]);
}

#[test]
fn integers_of_any_sign_and_width_are_compared_exactly() {
    let signed: ArrayRef = Arc::new(Int64Array::from(vec![-1, i64::MAX, 0]));
    let unsigned: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 1 << 63, 0]));
    assert_eq!(compared(&signed, &unsigned)[..3], ["fft", "ttf", "ttf"]);
    let narrow: ArrayRef = Arc::new(Int8Array::from(vec![-1, 127, 0]));
    assert_eq!(compared(&narrow, &signed)[..3], ["tft", "ftf", "ftf"]);
    assert_eq!(compared(&narrow, &unsigned)[2], "ttf");
}

#[test]
fn decimals_of_different_scales_and_floats_are_compared_exactly() {
    let decimal = |values: Vec<i128>, precision, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).expect("decimal"))
    };
    let cents = decimal(vec![150, 151, -150], 10, 2);
    assert_eq!(compared(&cents, &decimal(vec![1500, 1500, -1501], 12, 3))[..3], ["tff", "ftt", "fff"]);
    let whole: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, -1]));
    assert_eq!(compared(&cents, &whole)[2], "ftt");
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1.5, f64::NAN, -1.500_000_000_000_000_2]));
    assert_eq!(compared(&cents, &doubles)[..3], ["tff", "ftt", "ftf"]);
    let tenth = decimal(vec![1], 3, 1);
    let double: ArrayRef = Arc::new(Float64Array::from(vec![0.1]));
    // The double next to a tenth is a little greater.
    assert_eq!(compared(&tenth, &double)[2], "t");
    let large = cast(&decimal(vec![10_i128.pow(37)], 38, 0), &DataType::Decimal256(40, 2)).expect("cast");
    let double: ArrayRef = Arc::new(Float64Array::from(vec![1e37]));
    assert_eq!(compared(&large, &double)[3..5], ["f", "t"]);
}

#[test]
fn floats_are_compared_with_nan_above_and_one_zero() {
    let left: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, -0.0, f64::NAN, f64::INFINITY, -f64::NAN]));
    let right: ArrayRef = Arc::new(Float64Array::from(vec![-f64::NAN, 0.0, f64::INFINITY, f64::NAN, 1.0]));
    assert_eq!(compared(&left, &right), ["ttfff", "ffttt", "ffftf", "ttftf", "fftft", "tttft"]);
    let narrow: ArrayRef = Arc::new(Float32Array::from(vec![f32::NAN, 0.0, 0.1, f32::INFINITY, 1.0]));
    let wide: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, -0.0, 0.1, f64::INFINITY, 1.0]));
    assert_eq!(compared(&narrow, &wide)[..2], ["ttftt", "fftff"]);
    let half = cast(&wide, &DataType::Float16).expect("cast");
    assert_eq!(compared(&half, &half.clone())[0], "ttttt");
}

#[test]
fn timestamps_of_different_units_and_dates_are_compared_exactly() {
    // The year 9999 has no nanoseconds in 64 bits.
    let seconds: ArrayRef = Arc::new(TimestampSecondArray::from(vec![253_402_300_799, -1, 1]).with_timezone("UTC"));
    let nanoseconds: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![i64::MAX, -999_999_999, 1_000_000_000]));
    assert_eq!(compared(&seconds, &nanoseconds)[..3], ["fft", "ttf", "ftf"]);
    let days: ArrayRef = Arc::new(arrow_array::Date32Array::from(vec![i32::MAX, -1, 0]));
    assert_eq!(compared(&days, &nanoseconds)[2], "ftt");
    let other = cast(&nanoseconds, &DataType::Timestamp(TimeUnit::Nanosecond, Some("+02:00".into()))).expect("cast");
    assert_eq!(
        compared(
            &cast(&nanoseconds, &DataType::Int64).and_then(|a| cast(&a, other.data_type())).expect("cast"),
            &nanoseconds
        )[0],
        "ttt"
    );
    let time: ArrayRef = Arc::new(arrow_array::Time32MillisecondArray::from(vec![1, 2]));
    let fine: ArrayRef = Arc::new(arrow_array::Time64MicrosecondArray::from(vec![1_000, 1_999]));
    assert_eq!(compared(&time, &fine)[..2], ["tf", "ft"]);
}

#[test]
fn kinds_of_texts_meet() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]));
    let dictionary = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    for left in [DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        assert_eq!(compared(&cast(&texts, &left).expect("cast"), &texts)[0], "tt-");
    }
}

fn person() -> ArrayRef {
    let inner = StructArray::from(vec![(
        Arc::new(Field::new("c", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec![Some("p"), Some("q"), None, Some("s")])) as ArrayRef,
    )]);
    let fields: Fields =
        vec![Field::new("age", DataType::Int32, true), Field::new("in.ner", inner.data_type().clone(), true)].into();
    let ages: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3, 4]));
    let nulls = NullBuffer::from(vec![true, false, true, true]);
    Arc::new(StructArray::new(fields, vec![ages, Arc::new(inner)], Some(nulls)))
}

#[test]
fn fields_of_structs_are_found_and_null_under_a_null() {
    let flat: ArrayRef = Arc::new(Int32Array::from(vec![9, 9, 9, 9]));
    let columns = [("a", person()), ("a.age", Arc::clone(&flat)), ("b.c", person())];
    let of = |path: serde_json::Value, constant| letters(&evaluate(&call("eq", [path, constant]), &columns));
    // An exact name comes first.
    assert_eq!(of(json!({"column": ["a.age"]}), number(9.0)), "tttt");
    assert_eq!(of(json!({"column": ["a", "age"]}), number(1.0)), "t-ff");
    assert_eq!(of(json!({"column": ["b.c.age"]}), number(4.0)), "f-ft");
    assert_eq!(of(json!({"column": ["a.in.ner.c"]}), string("p")), "t--f");
    assert_eq!(of(json!({"column": ["a", "in.ner", "c"]}), string("s")), "f--t");
    let is_null = call("isNull", [json!({"column": ["a", "in.ner"]})]);
    assert_eq!(letters(&evaluate(&is_null, &columns)), "ftff");
    let sliced = [("a", person().slice(1, 2))];
    let expr = call("ge", [json!({"column": ["a.age"]}), number(0.0)]);
    assert_eq!(letters(&evaluate(&expr, &sliced)), "-t");
}
