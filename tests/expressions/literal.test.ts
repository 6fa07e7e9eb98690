import { expect } from "@std/expect";
import { col, Expression, lit, type Literal } from "spillway";
import { test } from "../support/harness.ts";

function dataOf(value: Literal): unknown {
  return JSON.parse(JSON.stringify(lit(value))).literal;
}

test("numbers keep what JSON has no words for", () => {
  expect(dataOf(1.5)).toEqual({ type: "number", value: 1.5 });
  expect(dataOf(0)).toEqual({ type: "number", value: 0 });
  expect(dataOf(-0)).toEqual({ type: "number", value: "-0" });
  expect(dataOf(NaN)).toEqual({ type: "number", value: "NaN" });
  expect(dataOf(Infinity)).toEqual({ type: "number", value: "Infinity" });
  expect(dataOf(-Infinity)).toEqual({ type: "number", value: "-Infinity" });
  expect(dataOf(Number.MIN_VALUE)).toEqual({ type: "number", value: 5e-324 });
  expect(dataOf(2n ** 64n)).toEqual({ type: "bigint", value: "18446744073709551616" });
  expect(dataOf(-5n)).toEqual({ type: "bigint", value: "-5" });
});

test("other constants have their types", () => {
  expect(dataOf("\u{1f30a}")).toEqual({ type: "string", value: "\u{1f30a}" });
  expect(dataOf(false)).toEqual({ type: "boolean", value: false });
  expect(dataOf(null)).toEqual({ type: "null" });
  expect(dataOf(new Date(-1))).toEqual({ type: "date", value: -1 });
  expect(dataOf(new Date(-0))).toEqual({ type: "date", value: 0 });
  expect(dataOf(Uint8Array.of(1, 255))).toEqual({ type: "bytes", value: "01ff" });
});

test("constants that can change are copied", () => {
  const bytes = Uint8Array.of(1);
  const date = new Date(0);
  const expressions = [lit(bytes), lit(date)];
  bytes[0] = 2;
  date.setTime(1);
  expect(expressions.map(String)).toEqual(["X'01'", "TIMESTAMP '1970-01-01T00:00:00.000Z'"]);
});

// Temporal's types are the compiler's own: these lines test that they are constants to it too.
test.skipIf(!("Temporal" in globalThis))("Temporal's values are constants", () => {
  expect(dataOf(Temporal.Instant.from("1970-01-01T00:00:00.000000001Z")))
    .toEqual({ type: "instant", value: "1" });
  expect(dataOf(Temporal.ZonedDateTime.from("1970-01-01T01:00:00+01:00[Europe/Berlin]")))
    .toEqual({ type: "instant", value: "0" });
  expect(dataOf(Temporal.PlainDate.from("2026-01-31")))
    .toEqual({ type: "plainDate", value: "2026-01-31" });
  expect(dataOf(Temporal.PlainDate.from("2026-01-31[u-ca=hebrew]")))
    .toEqual({ type: "plainDate", value: "2026-01-31" });
  expect(dataOf(Temporal.PlainDate.from("-000001-02-28")))
    .toEqual({ type: "plainDate", value: "-000001-02-28" });
  expect(dataOf(Temporal.PlainDateTime.from("2026-01-31T10:00:00.123456789")))
    .toEqual({ type: "plainDateTime", value: "2026-01-31T10:00:00.123456789" });
  expect(dataOf(Temporal.PlainTime.from("10:00:00.5")))
    .toEqual({ type: "plainTime", value: "10:00:00.5" });
  expect(String(col("ts").cast("date").ge(Temporal.PlainDate.from("2026-01-31"))))
    .toBe("CAST(ts AS date) >= DATE '2026-01-31'");
  // @ts-expect-error No column holds months
  expect(() => lit(Temporal.PlainYearMonth.from("2026-01"))).toThrow("an object of PlainYearMonth");
  // @ts-expect-error No column that can be compared holds durations
  expect(() => lit(Temporal.Duration.from("PT1S"))).toThrow(TypeError);
});

test("a polyfill's values are constants too", () => {
  const instant = { [Symbol.toStringTag]: "Temporal.Instant", epochNanoseconds: -1n } as const;
  expect(dataOf(instant)).toEqual({ type: "instant", value: "-1" });
  const date = {
    [Symbol.toStringTag]: "Temporal.PlainDate",
    toString: () => "2024-02-29",
  } as const;
  expect(dataOf(date)).toEqual({ type: "plainDate", value: "2024-02-29" });
});

test("what is no constant is refused with what is allowed", () => {
  const wrong: [unknown, string][] = [
    [new Date(NaN), "A constant must not be an invalid Date: check what it was made from"],
    [undefined, "not undefined: null stands for a value that is missing"],
    [[1], "not an array: in() takes several values"],
    [{}, "not an object of Object"],
    [Object.create(null), "not an object of no class"],
    [Symbol("s"), "not Symbol(s)"],
    [() => 1, "not a function"],
    [new Float64Array(1), "Constants must be numbers, bigints, strings, booleans, null, Dates"],
  ];
  for (const [value, message] of wrong) {
    expect(() => lit(value as Literal)).toThrow(TypeError);
    expect(() => col("x").eq(value as Literal)).toThrow(message);
    expect(() => col("x").in([value as Literal])).toThrow(message);
  }
});

test("lone surrogates are refused wherever text is taken", () => {
  const half = "a\ud83c";
  for (
    const make of [
      () => lit(half),
      () => col("x").startsWith(half),
      () => col("x").matches(half),
      () => col(half),
      () => col("x").field(half),
      () => col("x").in([half]),
      () => Expression.fromJSON({ literal: { type: "string", value: half } }),
      () => Expression.fromJSON({ column: [half] }),
    ]
  ) expect(make).toThrow(TypeError);
  expect(() => lit(half)).toThrow("Text must not have lone surrogates");
});
