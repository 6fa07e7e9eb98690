//! Expressions that binding refuses, and how it says so.

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::{Value, json};
use spillway::error::ErrorCode;
use spillway::expression::bind::bind_predicate;
use spillway::expression::expr::Expr;

use crate::{bound_to, call, cast, column, literal, number, string, x};

fn check<const N: usize>(cases: [(Value, DataType, &str); N]) {
    for (expr, data_type, message) in cases {
        let schema = Schema::new(vec![Field::new("x", data_type, true)]);
        let error = bound_to(&expr, &schema).expect_err("refused");
        assert_eq!(error.to_string(), message, "{expr}");
        assert_eq!((error.code(), error.column()), (ErrorCode::InvalidExpression, Some("x")));
    }
}

#[test]
fn impossible_comparisons_name_the_column_the_types_and_what_would_work() {
    let list = DataType::List(Field::new("item", DataType::Int32, true).into());
    let structs = DataType::Struct(Fields::from(vec![Field::new("a", DataType::Int32, true)]));
    let micros = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let cases = [
        (
            call("eq", [x(), number(5.0)]),
            DataType::Utf8View,
            "Cannot compare column 'x' (string) with the number 5: compare it with a string, or cast it to the other's \
             type first",
        ),
        (
            call("gt", [string("abc"), x()]),
            DataType::Int64,
            "Cannot compare column 'x' (int64) with the string 'abc': the text is no int64; compare it with a number, a \
             bigint or decimal text, or cast it first",
        ),
        (
            call("eq", [x(), string("yes")]),
            DataType::Boolean,
            "Cannot compare column 'x' (boolean) with the string 'yes': the text is no boolean; compare it with a \
             boolean, or the text 'true' or 'false'",
        ),
        (
            call("lt", [x(), number(5.0)]),
            micros.clone(),
            "Cannot compare column 'x' (timestamp(us,UTC)) with the number 5: compare it with a Date, a Temporal date or \
             instant, or text such as '2026-01-31T10:00:00Z'",
        ),
        (
            call("lt", [x(), string("tomorrow")]),
            micros,
            "Cannot compare column 'x' (timestamp(us,UTC)) with the string 'tomorrow': the text is no \
             timestamp(us,UTC); compare it with a Date, a Temporal date or instant, or text such as \
             '2026-01-31T10:00:00Z'",
        ),
        (
            call("in", [x(), literal("boolean", true)]),
            DataType::Decimal128(10, 2),
            "Cannot compare column 'x' (decimal(10,2)) with the boolean TRUE: compare it with a number, a bigint or \
             decimal text, or cast it first",
        ),
        (
            call("eq", [x(), number(1.0)]),
            list,
            "Cannot compare column 'x' (list) with the number 1: such values have no order; only `isNull` and \
             `isNotNull` work on them",
        ),
        (
            call("eq", [x(), number(1.0)]),
            structs,
            "Cannot compare column 'x' (struct) with the number 1: a struct has no order; compare one of its fields, by \
             `field`",
        ),
    ];
    check(cases);
}

#[test]
fn operations_on_wrong_types_name_the_column_the_type_and_what_would_work() {
    let cases = [
        (
            call("and", [x()]),
            DataType::Int32,
            "Cannot use column 'x' (int32) as a condition: only booleans are; compare it with something",
        ),
        (
            call("add", [x(), number(1.0)]),
            DataType::Utf8,
            "Cannot compute column 'x' (string) + '1' (float64): arithmetic takes numbers; cast them to numbers first",
        ),
        (
            call("startsWith", [x(), string("a")]),
            DataType::Int32,
            "Cannot use starts_with with column 'x' (int32): only strings have text to look at; cast it to a string first",
        ),
        (
            call("contains", [x(), number(1.0)]),
            DataType::Utf8,
            "Cannot use contains on column 'x' (string) with the number 1: give a constant string",
        ),
        (
            call("isNaN", [x()]),
            DataType::Utf8,
            "Cannot test column 'x' (string) for NaN: only numbers can be; cast it first",
        ),
        (
            call("year", [x()]),
            DataType::Int32,
            "Cannot use year on column 'x' (int32): it takes dates and timestamps; cast it to one first",
        ),
        (
            call("year", [x()]),
            DataType::Timestamp(TimeUnit::Second, Some("Europe/Berlin".into())),
            "Cannot tell local times of column 'x' (timestamp(s,Europe/Berlin)): the zone 'Europe/Berlin' is not known \
             here; cast it to timestamp(us,UTC) first, or to an offset such as timestamp(us,+02:00)",
        ),
        (cast(x(), "date"), DataType::Boolean, "Cannot cast column 'x' (boolean) to date: there is no such cast"),
        (
            call("coalesce", [x(), number(1.0)]),
            DataType::Utf8,
            "Cannot use coalesce on column 'x' (string) and '1' (float64): they have no common type; cast one of them",
        ),
        (
            call("in", [number(1.0), x()]),
            DataType::Int32,
            "Cannot look for '1' (float64) among column 'x' (int32): a list holds constants only; use `eq` and `or`",
        ),
    ];
    check(cases);
}

#[test]
fn errors_carry_the_column_and_bad_patterns_say_where() {
    let schema = Schema::new(vec![Field::new("x", DataType::Utf8, true)]);
    let error = bound_to(&call("matches", [x(), string("a(b")]), &schema).expect_err("refused");
    assert_eq!((error.code(), error.column()), (ErrorCode::InvalidExpression, Some("x")));
    assert!(error.to_string().starts_with("Cannot use the pattern 'a(b' on column 'x' (string): "), "{error}");
    assert!(error.to_string().contains("unclosed group"), "{error}");
    let error = bound_to(&call("matches", [x(), string("(a{1000}){1000}")]), &schema).expect_err("refused");
    assert!(error.to_string().contains("size limit"), "{error}");
    let both = Schema::new(vec![Field::new("x", DataType::Utf8, true), Field::new("y", DataType::Date32, true)]);
    let error = bound_to(&call("eq", [x(), column("y")]), &both).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "Cannot compare column 'x' (string) with column 'y' (date): compare it with a string, or cast it to the other's \
         type first"
    );
    let predicate = Expr::from_json(&x().to_string()).expect("expression");
    assert_eq!(
        bind_predicate(&predicate, &schema).expect_err("refused").to_string(),
        "Cannot use column 'x' (string) as a condition: only booleans are; compare it with something"
    );
}

#[test]
fn unknown_names_get_the_nearest_ones() {
    let point =
        Fields::from(vec![Field::new("lat", DataType::Float64, true), Field::new("lon", DataType::Float64, true)]);
    let schema = Schema::new(vec![
        Field::new("l_comment", DataType::Utf8, true),
        Field::new("place", DataType::Struct(point), true),
    ]);
    let error = bound_to(&call("isNull", [column("l_coment")]), &schema).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "Cannot find column 'l_coment' of an expression: the schema has no such column; did you mean 'l_comment'"
    );
    assert_eq!((error.code(), error.column()), (ErrorCode::UnknownColumn, Some("l_coment")));
    assert_eq!(error.suggestions(), ["l_comment"]);
    let error = bound_to(&call("isNull", [json!({"column": ["place", "lap"]})]), &schema).expect_err("refused");
    assert_eq!(error.suggestions(), ["place.lat", "place.lon"]);
    let error = bound_to(&column("zzz"), &schema).expect_err("refused");
    assert!(error.to_string().ends_with("it has 'l_comment', 'place'; names are case-sensitive"), "{error}");
    for path in
        [json!(["place", "lat", "x"]), json!(["l_comment", "x"]), json!(["place."]), json!([".place"]), json!([""])]
    {
        let error = bound_to(&json!({ "column": path }), &schema).expect_err("refused");
        assert_eq!(error.code(), ErrorCode::UnknownColumn);
    }
}
