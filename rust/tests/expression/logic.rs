//! Three-valued logic, null tests, and the rewriting of predicates.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array};
use arrow_schema::DataType;
use serde_json::Value;

use crate::{bound_text, call, column, evaluate, letters, literal, null, number, rows, string, x};

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);

/// Columns with the nine pairs of truth values.
fn pairs() -> [(&'static str, ArrayRef); 2] {
    let a = BooleanArray::from(vec![T, T, T, F, F, F, None, None, None]);
    let b = BooleanArray::from(vec![T, F, None, T, F, None, T, F, None]);
    [("a", Arc::new(a)), ("b", Arc::new(b))]
}

fn of(expr: &Value) -> String {
    letters(&evaluate(expr, &pairs()))
}

#[test]
fn and_or_not_follow_the_tables_of_three_values() {
    let (a, b) = (column("a"), column("b"));
    let not = |value: &Value| call("not", [value.clone()]);
    let and = call("and", [a.clone(), b.clone()]);
    let or = call("or", [a.clone(), b.clone()]);
    assert_eq!(of(&and), "tf-fff-f-");
    assert_eq!(of(&or), "ttttf-t--");
    assert_eq!(of(&not(&a)), "fffttt---");
    assert_eq!(of(&not(&and)), "ft-ttt-t-");
    assert_eq!(of(&not(&or)), "fffft-f--");
    assert_eq!(of(&not(&not(&a))), "tttfff---");
    assert_eq!(of(&call("and", [a.clone()])), of(&a));
    assert_eq!(of(&call("and", [and.clone(), or.clone(), a.clone()])), of(&and));
    assert_eq!(of(&call("or", [call("and", [a.clone(), not(&a)]), b.clone()])), "tf-tf-t--");
    assert_eq!(of(&call("eq", [a.clone(), b.clone()])), "tf-ft----");
    assert_eq!(of(&call("isNull", [a.clone()])), "ffffffttt");
    assert_eq!(of(&call("isNotNull", [b])), "ttfttfttf");
    assert_eq!(of(&not(&call("isNull", [a]))), "ttttttfff");
}

#[test]
fn constants_are_folded() {
    let truth = |value: bool| literal("boolean", value);
    let positive = call("gt", [x(), number(0.0)]);
    let cases = [
        (call("and", [positive.clone(), truth(true)]), "x > 0"),
        (call("and", [positive.clone(), truth(false)]), "FALSE"),
        (call("or", [positive.clone(), truth(true)]), "TRUE"),
        (call("or", [positive.clone(), truth(false)]), "x > 0"),
        (call("and", [positive.clone(), null(), null()]), "x > 0 AND NULL"),
        (call("and", [truth(true), truth(true)]), "TRUE"),
        (call("not", [null()]), "NULL"),
        (
            call("and", [call("and", [positive.clone(), positive.clone()]), positive.clone()]),
            "x > 0 AND x > 0 AND x > 0",
        ),
        (call("not", [call("and", [positive.clone(), call("isNull", [x()])])]), "x <= 0 OR x IS NOT NULL"),
        (
            call("not", [call("or", [positive.clone(), call("in", [x(), number(1.0), number(2.0)])])]),
            "x <= 0 AND NOT x IN (1, 2)",
        ),
        (call("not", [call("not", [call("in", [x(), number(1.0), number(2.0)])])]), "x IN (1, 2)"),
        (call("not", [call("between", [x(), number(1.0), number(2.5)])]), "x < 1 OR x > 2"),
        (call("eq", [number(1.0), number(1.0)]), "TRUE"),
        (call("lt", [string("b"), string("a")]), "FALSE"),
        (call("eq", [string("1.50"), number(1.5)]), "TRUE"),
        (call("isNull", [null()]), "TRUE"),
        (call("isNaN", [number(f64::NAN)]), "TRUE"),
        (call("gt", [x(), call("add", [number(1.0), literal("bigint", "2")])]), "x > 3"),
        (call("startsWith", [string("abc"), string("ab")]), "TRUE"),
    ];
    for (expr, text) in cases {
        assert_eq!(bound_text(&expr, DataType::Int64), text);
    }
}

#[test]
fn masks_stop_early_and_count_null_as_false() {
    let array: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
    let never = call("gt", [x(), number(10.0)]);
    let some = call("gt", [x(), number(1.0)]);
    assert_eq!(rows(&call("and", [never.clone(), some.clone()]), &array), "f-f");
    assert_eq!(rows(&call("or", [call("isNull", [x()]), call("isNotNull", [x()]), some.clone()]), &array), "ttt");
    assert_eq!(rows(&call("not", [call("and", [never, some])]), &array), "t-t");
    assert_eq!(rows(&literal("boolean", true), &array), "ttt");
    assert_eq!(rows(&call("and", [null(), x()].map(|part| call("eq", [part.clone(), part]))), &array), "---");
    let empty: ArrayRef = Arc::new(Int32Array::from(Vec::<i32>::new()));
    assert_eq!(rows(&call("gt", [x(), number(1.0)]), &empty), "");
    assert_eq!(rows(&call("and", [call("gt", [x(), number(1.0)]), call("lt", [x(), number(5.0)])]), &empty), "");
}

#[test]
fn nan_is_found_in_floats_only() {
    let array: ArrayRef =
        Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(f64::INFINITY), None, Some(-f64::NAN)]));
    assert_eq!(rows(&call("isNaN", [x()]), &array), "tf-t");
    assert_eq!(rows(&call("not", [call("isNaN", [x()])]), &array), "ft-f");
    let narrow = arrow_cast::cast(&array, &DataType::Float32).expect("cast");
    assert_eq!(rows(&call("isNaN", [x()]), &narrow), "tf-t");
    let integers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    assert_eq!(rows(&call("isNaN", [x()]), &integers), "f-");
}

#[test]
fn the_deepest_expressions_fit_a_small_stack() {
    let deep = (0..254).fold(call("gt", [x(), number(0.0)]), |expr, level| {
        let next = call("lt", [x(), number(f64::from(level))]);
        if level % 2 == 0 { call("and", [expr, next]) } else { call("or", [expr, next]) }
    });
    let sum = (0..253).fold(x(), |expr, _| call("add", [expr, number(1.0)]));
    let sum = call("gt", [sum, number(0.0)]);
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let array: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(300)]));
        (rows(&deep, &array), rows(&sum, &array))
    });
    let results = thread.expect("thread").join().expect("no overflow");
    assert_eq!(results, ("t-f".to_owned(), "t-t".to_owned()));
}
