//! Arithmetic: types of results, and null where there is none.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float32Array, Float64Array, Int8Array, Int32Array, Int64Array, UInt64Array,
};
use arrow_schema::DataType;
use serde_json::Value;

use crate::{big, call, column, evaluate, null, number, string, texts, x};

fn of(expr: &Value, array: &ArrayRef) -> (DataType, Vec<String>) {
    let values = evaluate(expr, &[("x", Arc::clone(array))]);
    (values.data_type().clone(), texts(&values))
}

fn check(expr: &Value, array: &ArrayRef, data_type: &DataType, expected: &[&str]) {
    let (actual, values) = of(expr, array);
    assert_eq!((actual, values), (data_type.clone(), expected.iter().map(ToString::to_string).collect()), "{expr}");
}

#[test]
fn integers_are_computed_in_64_bits_and_overflow_to_null() {
    let small: ArrayRef = Arc::new(Int8Array::from(vec![Some(127), Some(-128), None]));
    check(&call("add", [x(), x()]), &small, &DataType::Int64, &["254", "-256", "-"]);
    let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(i64::MIN), Some(7), Some(-7), None]));
    let int = DataType::Int64;
    check(&call("add", [x(), number(1.0)]), &array, &int, &["-", "-9223372036854775807", "8", "-6", "-"]);
    check(&call("sub", [x(), big(1)]), &array, &int, &["9223372036854775806", "-", "6", "-8", "-"]);
    check(&call("mul", [x(), number(2.0)]), &array, &int, &["-", "-", "14", "-14", "-"]);
    check(&call("mod", [x(), number(3.0)]), &array, &int, &["1", "-2", "1", "-1", "-"]);
    check(&call("mod", [x(), number(-1.0)]), &array, &int, &["0", "0", "0", "0", "-"]);
    check(&call("mod", [x(), number(0.0)]), &array, &int, &["-", "-", "-", "-", "-"]);
    check(&call("neg", [x()]), &array, &int, &["-9223372036854775807", "-", "-7", "7", "-"]);
    check(&call("abs", [x()]), &array, &int, &["9223372036854775807", "-", "7", "7", "-"]);
    check(&call("add", [x(), null()]), &array, &int, &["-"; 5]);
    check(&call("sub", [number(10.0), x()]), &array.slice(2, 1), &int, &["3"]);
    check(&call("add", [x(), string("5")]), &array.slice(2, 1), &int, &["12"]);
    let double = DataType::Float64;
    check(&call("div", [x(), number(2.0)]), &array.slice(2, 3), &double, &["3.5", "-3.5", "-"]);
    check(&call("div", [x(), number(0.0)]), &array.slice(2, 3), &double, &["-", "-", "-"]);
    check(&call("add", [x(), number(0.5)]), &array.slice(2, 3), &double, &["7.5", "-6.5", "-"]);
    let unsigned: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 1]));
    check(&call("sub", [x(), number(1.0)]), &unsigned, &DataType::UInt64, &["18446744073709551614", "0"]);
    check(&call("sub", [x(), number(2.0)]), &unsigned, &DataType::UInt64, &["18446744073709551613", "-"]);
    check(&call("add", [x(), x()]), &unsigned, &DataType::UInt64, &["-", "2"]);
    check(&call("add", [x(), number(-1.0)]), &unsigned, &int, &["-", "0"]);
    check(&call("neg", [x()]), &unsigned, &int, &["-", "-1"]);
    check(&call("abs", [x()]), &unsigned, &DataType::UInt64, &["18446744073709551615", "1"]);
}

#[test]
fn floats_follow_ieee() {
    let array: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), Some(-1.0), Some(0.0), Some(f64::NAN), None]));
    let double = DataType::Float64;
    check(&call("div", [x(), number(0.0)]), &array, &double, &["inf", "-inf", "NaN", "NaN", "-"]);
    check(&call("mod", [x(), number(0.0)]), &array, &double, &["NaN", "NaN", "NaN", "NaN", "-"]);
    check(&call("mul", [x(), big(3)]), &array, &double, &["3.0", "-3.0", "0.0", "NaN", "-"]);
    check(&call("abs", [x()]), &array, &double, &["1.0", "1.0", "0.0", "NaN", "-"]);
    check(&call("neg", [x()]), &array, &double, &["-1.0", "1.0", "-0.0", "NaN", "-"]);
    let narrow: ArrayRef = Arc::new(Float32Array::from(vec![0.5]));
    check(&call("add", [x(), x()]), &narrow, &DataType::Float32, &["1.0"]);
    check(&call("add", [x(), number(0.25)]), &narrow, &double, &["0.75"]);
    check(&call("div", [number(1.0), number(0.0)]), &narrow, &double, &["inf"]);
}

#[test]
fn decimals_keep_their_digits() {
    let array: ArrayRef = Arc::new(
        Decimal128Array::from(vec![Some(150), Some(-250), Some(0), None])
            .with_precision_and_scale(10, 2)
            .expect("decimal"),
    );
    let decimal = DataType::Decimal128;
    check(&call("add", [x(), number(0.05)]), &array, &decimal(11, 2), &["1.55", "-2.45", "0.05", "-"]);
    check(&call("mul", [x(), x()]), &array, &decimal(21, 4), &["2.2500", "6.2500", "0.0000", "-"]);
    check(&call("sub", [number(1.0), x()]), &array, &decimal(11, 2), &["-0.50", "3.50", "1.00", "-"]);
    check(&call("div", [x(), x()]), &array.slice(0, 3), &decimal(16, 6), &["1.000000", "1.000000", "-"]);
    check(&call("mod", [x(), number(0.0)]), &array, &decimal(3, 2), &["-"; 4]);
    check(&call("mul", [x(), number(f64::INFINITY)]), &array, &DataType::Float64, &["inf", "-inf", "NaN", "-"]);
    check(&call("neg", [x()]), &array, &decimal(10, 2), &["-1.50", "2.50", "0.00", "-"]);
    check(&call("abs", [x()]), &array, &decimal(10, 2), &["1.50", "2.50", "0.00", "-"]);
    let columns = [("x", array), ("n", Arc::new(Int32Array::from(vec![1, 2, 3, 4])) as ArrayRef)];
    let sum = evaluate(&call("add", [column("x"), column("n")]), &columns);
    assert_eq!(texts(&sum), ["2.50", "-0.50", "3.00", "-"]);
    let nines = 10_i128.pow(38) - 1;
    let large: ArrayRef =
        Arc::new(Decimal128Array::from(vec![nines, 1, nines, 2]).with_precision_and_scale(38, 0).expect("decimal"));
    check(&call("mul", [x(), x()]), &large, &decimal(38, 0), &["-", "1", "-", "4"]);
    check(&call("add", [x(), big(1)]), &large, &decimal(38, 0), &["-", "2", "-", "3"]);
    let fine: ArrayRef = Arc::new(Decimal128Array::from(vec![5]).with_precision_and_scale(38, 20).expect("decimal"));
    let (data_type, _) = of(&call("mul", [x(), x()]), &fine);
    assert_eq!(data_type, DataType::Decimal256(76, 40));
}
