//! Expressions as JSON: what is read, what is refused, how it prints.

use serde_json::{Value, json};
use spillway::error::ErrorCode;
use spillway::expression::expr::{Expr, MAX_DEPTH};

fn column(name: &str) -> Value {
    json!({ "column": [name] })
}

fn number(value: f64) -> Value {
    json!({ "literal": { "type": "number", "value": value } })
}

fn text(value: &str) -> Value {
    json!({ "literal": { "type": "string", "value": value } })
}

fn call(name: &str, arguments: impl Into<Vec<Value>>) -> Value {
    json!({ "call": name, "arguments": arguments.into() })
}

fn read(value: &Value) -> Expr {
    Expr::from_json(&value.to_string()).expect("expression")
}

#[test]
fn expressions_print_as_sql_with_few_parentheses() {
    let a_is_1 = call("eq", [column("a"), number(1.0)]);
    let b_is_x = call("ne", [column("b"), text("it's")]);
    let c = json!({ "column": ["a.b", "c"] });
    let sum = call("add", [column("a"), number(2.0)]);
    let cases = [
        (call("and", [a_is_1.clone(), b_is_x.clone()]), "a = 1 AND b <> 'it''s'"),
        (
            call("and", [a_is_1.clone(), call("or", [b_is_x.clone(), a_is_1.clone()])]),
            "a = 1 AND (b <> 'it''s' OR a = 1)",
        ),
        (
            call("or", [call("and", [a_is_1.clone(), b_is_x.clone()]), a_is_1.clone()]),
            "a = 1 AND b <> 'it''s' OR a = 1",
        ),
        (call("not", [call("or", [a_is_1.clone(), b_is_x])]), "NOT (a = 1 OR b <> 'it''s')"),
        (call("not", [call("not", [a_is_1])]), "NOT (NOT a = 1)"),
        (call("between", [c.clone(), number(1.0), number(2.5)]), "a.b.c BETWEEN 1 AND 2.5"),
        (call("in", [c.clone(), number(1.0), text("x")]), "a.b.c IN (1, 'x')"),
        (call("notIn", [c.clone()]), "a.b.c NOT IN ()"),
        (call("isNull", [sum.clone()]), "a + 2 IS NULL"),
        (call("isNotNull", [c.clone()]), "a.b.c IS NOT NULL"),
        (call("mul", [sum.clone(), sum.clone()]), "(a + 2) * (a + 2)"),
        (call("sub", [sum.clone(), sum.clone()]), "a + 2 - (a + 2)"),
        (call("neg", [sum.clone()]), "-(a + 2)"),
        (call("gt", [call("mod", [column("a"), number(3.0)]), number(0.0)]), "a % 3 > 0"),
        (call("like", [c.clone(), text("a%")]), "a.b.c LIKE 'a%'"),
        (call("startsWith", [c.clone(), text("a")]), "starts_with(a.b.c, 'a')"),
        (call("matches", [c.clone(), text("(?i)a")]), "matches(a.b.c, '(?i)a')"),
        (call("isNaN", [c.clone()]), "is_nan(a.b.c)"),
        (call("coalesce", [c.clone(), number(0.0)]), "coalesce(a.b.c, 0)"),
        (call("year", [c.clone()]), "year(a.b.c)"),
        (json!({"call": "cast", "arguments": [sum], "to": "decimal(10,2)"}), "CAST(a + 2 AS decimal(10,2))"),
    ];
    for (value, printed) in cases {
        assert_eq!(read(&value).to_string(), printed);
        let through_serde: Expr = serde_json::from_value(value).expect("expression");
        assert_eq!(through_serde.to_string(), printed);
    }
}

#[test]
fn wrong_expressions_are_refused_with_the_reason() {
    let cases = [
        (json!(1), "1 is no expression, which is an object"),
        (json!({}), "an expression needs a `column`, a `literal` or a `call`"),
        (json!({"column": []}), "a column needs its path as a list of names"),
        (json!({"column": "a"}), "a column needs its path as a list of names"),
        (json!({"literal": 1}), "a literal needs a `type` and a `value`"),
        (json!({"literal": {"type": "bigint", "value": "1.5"}}), "\"1.5\" is no value of a literal of type 'bigint'"),
        (call("xor", []), "there is no operation 'xor'"),
        (call("eq", [column("a")]), "'=' takes 2 arguments, not 1"),
        (call("and", []), "'AND' takes at least 1 arguments, not 0"),
        (call("cast", [column("a")]), "'cast' needs the type to cast to as `to`"),
        (json!({"call": "cast", "arguments": [], "to": "int"}), "there is no type 'int' to cast to"),
        (json!({"call": "eq"}), "'eq' needs a list of `arguments`"),
    ];
    for (value, reason) in cases {
        let error = Expr::from_json(&value.to_string()).expect_err("wrong");
        assert_eq!(error.code(), ErrorCode::InvalidExpression);
        assert_eq!(error.to_string(), format!("Cannot read the expression: {reason}"));
    }
    assert_eq!(
        Expr::from_json("{\"column\": [").expect_err("wrong").to_string(),
        "Cannot read the expression: it ends early"
    );
}

#[test]
fn depth_is_limited_and_reached() {
    let nested = |depth: usize| {
        let (open, close) = (r#"{"call":"not","arguments":["#.repeat(depth - 1), "]}".repeat(depth - 1));
        format!(r#"{open}{{"column":["a"]}}{close}"#)
    };
    assert_eq!(Expr::from_json(&nested(MAX_DEPTH)).expect("expression").depth(), MAX_DEPTH);
    for depth in [MAX_DEPTH + 1, 100_000] {
        let error = Expr::from_json(&nested(depth)).expect_err("deep");
        assert!(error.to_string().contains("nested deeper than"), "{error}");
    }
}

#[test]
fn columns_are_listed_once_and_can_be_replaced() {
    let value = call("and", [call("lt", [column("a"), column("b")]), call("gt", [column("a"), number(1.0)])]);
    let expr = read(&value);
    assert_eq!(expr.column_paths(), [["a"], ["b"]]);
    let replaced = expr.substitute(&|path| (path == ["a"]).then(|| read(&call("add", [column("x"), number(1.0)]))));
    assert_eq!(replaced.to_string(), "x + 1 < b AND x + 1 > 1");
    assert_eq!(Expr::and(vec![]), None);
    assert_eq!(Expr::and(vec![expr.clone()]), Some(expr.clone()));
    assert_eq!(Expr::and(vec![expr.clone(), replaced]).expect("both").column_paths(), [["a"], ["b"], ["x"]]);
}
