/** What must not compile: a `@ts-expect-error` without an error fails the type check. */
import { expect } from "@std/expect";
import {
  and,
  coalesce,
  col,
  type Expression,
  lit,
  type Literal,
  not,
  or,
  type Predicate,
  type Value,
} from "spillway";
import { test } from "../support/harness.ts";

test("a column can be used as anything", () => {
  const column: Expression<Value> = col("a");
  const predicates: Predicate[] = [
    column,
    column.startsWith("a"),
    column.isNaN(),
    and(column, column.eq(column)),
    column.add(1).gt(column),
    column.year().eq(2026),
    column.length().eq(2),
    column.eq(col("b").add(1)),
    column.eq(col("b").lower()),
    column.in([1, "a", null]),
    column.in(new Set(["a"])),
  ];
  expect(predicates.length).toBe(11);
});

test("all expressions are expressions", () => {
  const computed: Record<string, Expression> = {
    a: col("a"),
    b: col("a").add(1),
    c: col("a").lower(),
    d: col("a").isNull(),
    e: lit(null),
  };
  const compare = (expression: Expression, value: Literal) => expression.eq(value);
  expect(String(compare(computed["b"]!, 2))).toBe("a + 1 = 2");
});

test("a comparison is a predicate and nothing else", () => {
  const predicate = col("x").eq(1);
  // @ts-expect-error A predicate is no number
  expect(() => predicate.add(2)).toThrow(TypeError);
  // @ts-expect-error A predicate is no text
  expect(() => predicate.startsWith("t")).toThrow(TypeError);
  // @ts-expect-error A predicate is no date
  expect(() => predicate.year()).toThrow(TypeError);
  // @ts-expect-error A predicate has no length
  expect(() => predicate.length()).toThrow(TypeError);
  // @ts-expect-error A predicate is not compared with text
  expect(() => predicate.eq("a")).toThrow(TypeError);
  // @ts-expect-error A predicate is not compared with a number
  expect(() => predicate.eq(col("a").add(1))).toThrow(TypeError);
});

test("logic takes predicates only", () => {
  const number = col("a").add(1);
  // @ts-expect-error A number is no predicate
  expect(() => and(number)).toThrow(TypeError);
  // @ts-expect-error A number is no predicate
  expect(() => or(col("b"), number)).toThrow(TypeError);
  // @ts-expect-error A number is no predicate
  expect(() => not(number)).toThrow(TypeError);
  // @ts-expect-error A number is no predicate
  expect(() => number.and(col("b"))).toThrow(TypeError);
  // @ts-expect-error Text is no predicate
  expect(() => col("b").or(col("a").lower())).toThrow(TypeError);
  // @ts-expect-error A boolean is no expression
  expect(() => and(col("a"), true)).toThrow(TypeError);
  // @ts-expect-error A number has no opposite
  expect(() => number.not()).toThrow(TypeError);
});

test("constants are of types that columns have", () => {
  // @ts-expect-error No column holds maps
  expect(() => col("a").eq(new Map())).toThrow(TypeError);
  // @ts-expect-error An array is no constant
  expect(() => col("a").eq([1])).toThrow(TypeError);
  // @ts-expect-error Nothing is missing but null
  expect(() => col("a").eq(undefined)).toThrow(TypeError);
  // @ts-expect-error A function is no constant
  expect(() => lit(() => 1)).toThrow(TypeError);
  // @ts-expect-error A buffer is no constant
  expect(() => lit(new ArrayBuffer(1))).toThrow(TypeError);
  // @ts-expect-error Text is no list of constants
  expect(() => col("a").in("abc")).toThrow(TypeError);
  // @ts-expect-error Bytes are no list of constants
  expect(() => col("a").in(Uint8Array.of(1))).toThrow(TypeError);
});

test("texts and numbers are not mixed up", () => {
  // @ts-expect-error The text to look for is text
  expect(() => col("a").startsWith(1)).toThrow(TypeError);
  // @ts-expect-error The text to look for is constant
  expect(() => col("a").contains(col("b"))).toThrow(TypeError);
  // @ts-expect-error A sum is no text
  expect(() => col("a").add(1).startsWith("1")).toThrow(TypeError);
  // @ts-expect-error Text is not added
  expect(() => col("a").add("1")).toThrow(TypeError);
  // @ts-expect-error Text is no number
  expect(() => col("a").lower().add(1)).toThrow(TypeError);
  // @ts-expect-error Text is not compared with a number
  expect(() => col("a").lower().eq(1)).toThrow(TypeError);
  // @ts-expect-error A number is not compared with a date
  expect(() => col("a").add(1).lt(new Date(0))).toThrow(TypeError);
  // @ts-expect-error A number has no year
  expect(() => lit(1).year()).toThrow(TypeError);
});

test("casts give what they name", () => {
  const casts: [Expression<number>, Expression<string>, Predicate, Expression<Date>] = [
    col("a").cast("decimal(18,2)").add(1),
    col("a").cast("string").lower(),
    col("a").cast("boolean").not(),
    col("a").cast("timestamp(ns,Europe/Berlin)"),
  ];
  expect(casts.length).toBe(4);
  // @ts-expect-error There is no such type
  expect(() => col("a").cast("varchar")).toThrow(TypeError);
  // @ts-expect-error A decimal has a scale
  expect(() => col("a").cast("decimal(5)")).toThrow(TypeError);
  // @ts-expect-error A number is no predicate
  expect(() => col("a").cast("int32").and(col("b"))).toThrow(TypeError);
});

test("coalesce keeps the kind", () => {
  const sum: Expression<number> = coalesce(col("a").add(1), 0, col("b")).mul(2);
  expect(String(sum)).toBe("coalesce(a + 1, 0, b) * 2");
  // @ts-expect-error A number is no text
  expect(() => coalesce(col("a").lower(), 0)).toThrow(TypeError);
  // @ts-expect-error A number is no predicate
  expect(() => and(coalesce(col("a").add(1), 0))).toThrow(TypeError);
});
