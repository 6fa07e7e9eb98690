import { expect } from "@std/expect";
import { and, coalesce, col, Expression, lit, not, or } from "spillway";
import { test } from "../support/harness.ts";

const x = col("x");
const column = { column: ["x"] };
const number = (value: number) => ({ literal: { type: "number", value } });
const string = (value: string) => ({ literal: { type: "string", value } });
const call = (name: string, ...rest: unknown[]) => ({ call: name, arguments: [column, ...rest] });

test("methods become calls in JSON", () => {
  const expressions: [Expression, unknown][] = [
    [x, column],
    [x.field("a.b"), { column: ["x", "a.b"] }],
    [x.eq(1), call("eq", number(1))],
    [x.ne(1), call("ne", number(1))],
    [x.lt(1), call("lt", number(1))],
    [x.le(1), call("le", number(1))],
    [x.gt(1), call("gt", number(1))],
    [x.ge(x), call("ge", column)],
    [x.between(1, 2), call("between", number(1), number(2))],
    [x.in([1, 2]), call("in", number(1), number(2))],
    [x.in([]), call("in")],
    [x.notIn(["a"]), call("notIn", string("a"))],
    [x.isNull(), call("isNull")],
    [x.isNotNull(), call("isNotNull")],
    [x.isNaN(), call("isNaN")],
    [x.startsWith("a"), call("startsWith", string("a"))],
    [x.endsWith("a"), call("endsWith", string("a"))],
    [x.contains("a"), call("contains", string("a"))],
    [x.like("a%"), call("like", string("a%"))],
    [x.matches("^a"), call("matches", string("^a"))],
    [x.matches(/^a/sim), call("matches", string("(?ims)^a"))],
    [x.matches(/a/gu), call("matches", string("a"))],
    [x.and(x, x), call("and", column, column)],
    [x.or(x), call("or", column)],
    [x.not(), call("not")],
    [x.add(1), call("add", number(1))],
    [x.sub(1), call("sub", number(1))],
    [x.mul(1), call("mul", number(1))],
    [x.div(1), call("div", number(1))],
    [x.mod(1), call("mod", number(1))],
    [x.neg(), call("neg")],
    [x.abs(), call("abs")],
    [x.lower(), call("lower")],
    [x.upper(), call("upper")],
    [x.length(), call("length")],
    [x.year(), call("year")],
    [x.month(), call("month")],
    [x.day(), call("day")],
    [x.cast("decimal(9,2)"), { ...call("cast"), to: "decimal(9,2)" }],
    [x.coalesce(1, col("x")), call("coalesce", number(1), column)],
    [and(x, x), call("and", column)],
    [or(x, x), call("or", column)],
    [not(x), call("not")],
    [coalesce(x, 1), call("coalesce", number(1))],
  ];
  for (const [expression, json] of expressions) {
    expect(JSON.parse(JSON.stringify(expression))).toEqual(json);
    expect(Expression.fromJSON(json).equals(expression)).toBe(true);
  }
});

test("an expression never changes", () => {
  const values = [1, 2];
  const expression = x.in(values);
  const json = expression.toJSON();
  values.push(3);
  expect(String(expression)).toBe("x IN (1, 2)");
  expect(() => Object.assign(json, { call: "notIn" })).toThrow(TypeError);
  expect(() => (json as unknown as { arguments: unknown[] }).arguments.push(1)).toThrow(TypeError);
  expect(() => Object.assign(expression, { other: 1 })).toThrow(TypeError);
  const given = { column: ["x"] };
  const parsed = Expression.fromJSON(given);
  given.column.push("y");
  expect(parsed.equals(x)).toBe(true);
});

test("expressions are equal where their data is", () => {
  expect(lit(NaN).equals(lit(NaN))).toBe(true);
  expect(lit(0).equals(lit(-0))).toBe(false);
  expect(lit(1).equals(lit(1n))).toBe(false);
  expect(lit("1").equals(lit(1))).toBe(false);
  expect(lit(null).equals(lit(null))).toBe(true);
  expect(x.eq(1).equals(x.eq(1))).toBe(true);
  expect(x.eq(1).equals(lit(1).eq(x))).toBe(false);
  expect(x.eq(1).equals(x.ne(1))).toBe(false);
  expect(x.in([1]).equals(x.in([1, 2]))).toBe(false);
  expect(x.cast("int8").equals(x.cast("int16"))).toBe(false);
  expect(col("a.b").equals(col("a").field("b"))).toBe(false);
  expect(x.equals(lit("x"))).toBe(false);
  expect(x.equals({ column: ["x"] })).toBe(false);
});

test("columns are given once, in order", () => {
  const expression = col("b").eq(col("a.c")).and(col("b").field("d").gt(col("b")), lit(true));
  expect(expression.columns()).toEqual([["b"], ["a.c"], ["b", "d"]]);
  expect(lit(1).columns()).toEqual([]);
  expect(col("a").field("b").eq(col("a.b")).columns()).toEqual([["a", "b"], ["a.b"]]);
});

test("joining many predicates one by one nests nothing", () => {
  let any = x.eq(0);
  for (let value = 1; value < 2_000; value++) any = any.or(x.eq(value));
  const json = any.toJSON();
  expect("arguments" in json && json.arguments.length).toBe(2_000);
  expect(Expression.fromJSON(json).equals(any)).toBe(true);
});

test("256 levels are allowed, no more", () => {
  let sum = col("x").add(1);
  for (let depth = 2; depth < 256; depth++) sum = sum.add(1);
  expect(Expression.fromJSON(sum.toJSON()).equals(sum)).toBe(true);
  expect(String(sum).length).toBe("x".length + 255 * " + 1".length);
  const message = "Expressions can be nested 256 deep at most";
  expect(() => sum.add(1)).toThrow(RangeError);
  expect(() => sum.add(1)).toThrow(message);
  let hostile: unknown = { column: ["x"] };
  for (let depth = 0; depth < 100_000; depth++) hostile = { call: "neg", arguments: [hostile] };
  expect(() => Expression.fromJSON(hostile)).toThrow(message);
});

test("a console shows an expression as its text", () => {
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  const shown = (x.eq(1) as unknown as Record<symbol, () => string>)[inspect]?.();
  expect(shown).toBe("x = 1");
});
