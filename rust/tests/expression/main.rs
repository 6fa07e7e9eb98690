//! Expressions, bound and evaluated: values against what SQL's three-valued logic and exact arithmetic say.

mod arithmetic;
mod columns;
mod compare;
mod errors;
mod exact;
mod functions;
mod logic;
mod text;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Value, json};
use spillway::error::SpillwayError;
use spillway::expression::bind::bind;
use spillway::expression::bound::Bound;
use spillway::expression::evaluate::Evaluator;
use spillway::expression::expr::Expr;

fn column(name: &str) -> Value {
    json!({ "column": [name] })
}

fn x() -> Value {
    column("x")
}

fn literal(kind: &str, value: impl Into<Value>) -> Value {
    json!({ "literal": { "type": kind, "value": value.into() } })
}

fn number(value: f64) -> Value {
    let special = if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if value == 0.0 && value.is_sign_negative() {
        Some("-0")
    } else {
        None
    };
    special.map_or_else(|| literal("number", value), |text| literal("number", text))
}

#[expect(clippy::needless_pass_by_value, reason = "shorter where it is called")]
fn big(value: impl ToString) -> Value {
    literal("bigint", value.to_string())
}

fn string(value: &str) -> Value {
    literal("string", value)
}

fn null() -> Value {
    json!({ "literal": { "type": "null" } })
}

fn call(name: &str, arguments: impl Into<Vec<Value>>) -> Value {
    json!({ "call": name, "arguments": arguments.into() })
}

#[expect(clippy::needless_pass_by_value, reason = "reads as `call` does")]
fn cast(value: Value, to: &str) -> Value {
    json!({ "call": "cast", "arguments": [value], "to": to })
}

fn schema(columns: &[(&str, ArrayRef)]) -> Schema {
    Schema::new(
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect::<Vec<_>>(),
    )
}

fn bound_to(expr: &Value, schema: &Schema) -> Result<Bound, SpillwayError> {
    bind(&Expr::from_json(&expr.to_string()).expect("expression"), schema)
}

/// The bound form's text, with the column `x` of a type.
fn bound_text(expr: &Value, data_type: DataType) -> String {
    bound_to(expr, &Schema::new(vec![Field::new("x", data_type, true)])).expect("bound").to_string()
}

fn evaluate(expr: &Value, columns: &[(&str, ArrayRef)]) -> ArrayRef {
    let schema = schema(columns);
    let bound = bound_to(expr, &schema).expect("bound");
    let data_type = bound.data_type();
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    let batch = RecordBatch::try_new(Arc::new(schema), arrays).expect("batch");
    let values = Evaluator::new(bound).expect("evaluator").evaluate(&batch).expect("values");
    assert_eq!((values.data_type(), values.len()), (&data_type, batch.num_rows()), "{expr}");
    if data_type == DataType::Boolean {
        check_mask(expr, columns, &values);
    }
    values
}

/// The mask of a predicate is true where its value is true, and never null.
fn check_mask(expr: &Value, columns: &[(&str, ArrayRef)], values: &ArrayRef) {
    let schema = schema(columns);
    let evaluator = Evaluator::new(bound_to(expr, &schema).expect("bound")).expect("evaluator");
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    let mask = evaluator.mask(&RecordBatch::try_new(Arc::new(schema), arrays).expect("batch")).expect("mask");
    let expected: Vec<Option<bool>> = values.as_boolean().iter().map(|value| Some(value == Some(true))).collect();
    assert_eq!(mask.iter().collect::<Vec<_>>(), expected, "{expr}");
}

/// A predicate on the column `x`: `t`, `f` or `-` for null, a letter a row.
fn rows(expr: &Value, array: &ArrayRef) -> String {
    letters(&evaluate(expr, &[("x", Arc::clone(array))]))
}

fn letters(values: &ArrayRef) -> String {
    values.as_boolean().iter().map(|value| value.map_or('-', |value| if value { 't' } else { 'f' })).collect()
}

/// Values as text, null as `-`.
fn texts(values: &ArrayRef) -> Vec<String> {
    let utc = |unit, zone: &str| DataType::Timestamp(unit, Some(zone.into()));
    let values = &match values.data_type() {
        DataType::Timestamp(unit, Some(zone)) if zone.as_ref() == "UTC" => {
            arrow_cast::cast(&arrow_cast::cast(values, &DataType::Int64).expect("cast"), &utc(*unit, "+00:00"))
                .expect("cast")
        }
        _ => Arc::clone(values),
    };
    let options = arrow_cast::display::FormatOptions::default();
    let formatter = arrow_cast::display::ArrayFormatter::try_new(values, &options).expect("formatter");
    (0..values.len())
        .map(|row| if values.is_valid(row) { formatter.value(row).to_string() } else { "-".into() })
        .collect()
}

const COMPARISONS: [&str; 6] = ["eq", "ne", "lt", "le", "gt", "ge"];

/// Whether a comparison holds for an order.
fn holds(name: &str, order: std::cmp::Ordering) -> bool {
    match name {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    }
}
