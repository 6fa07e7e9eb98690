import { expect } from "@std/expect";
import fc from "fast-check";
import process from "node:process";
import {
  col,
  ColumnFilterPredicate,
  type ColumnStatistics,
  Expression,
  type Literal,
} from "spillway";
import { compareValues } from "../../src/expressions/compare_values.ts";
import { test } from "../support/harness.ts";
import { type DescribedColumn, describedRowGroup } from "../support/row_group.ts";

/** Set to what a failed run printed, it makes the same statistics again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

function skips(column: DescribedColumn, ...values: Literal[]): boolean {
  const predicate = new ColumnFilterPredicate("a", values);
  return predicate.shouldSkipRowGroup(describedRowGroup(10, { a: column }));
}

function column(
  type: string,
  logicalType: string | null,
  min: ColumnStatistics["min"],
  max: ColumnStatistics["max"],
): DescribedColumn {
  return { type, statistics: { min, max }, ...(logicalType !== null && { logicalType }) };
}

test("a row group is skipped where all values are out of its bounds", () => {
  const numbers = column("INT32", null, 10, 20);
  expect(skips(numbers, 9, 21)).toBe(true);
  expect(skips(numbers, 9, 10)).toBe(false);
  expect(skips(numbers, 20n)).toBe(false);
  expect(skips(numbers, 20.5)).toBe(true);
  expect(skips(numbers, 21n, -Infinity)).toBe(true);
  expect(skips({ type: "INT32", statistics: { min: 10 } }, 9)).toBe(true);
  expect(skips({ type: "INT32", statistics: { min: 10 } }, 11)).toBe(false);
  expect(skips({ type: "INT32", statistics: null }, 9)).toBe(false);
});

test("64-bit integers are compared exactly", () => {
  const big = column("INT64", null, "9007199254740993", "9007199254740993");
  expect(skips(big, 2 ** 53)).toBe(true);
  expect(skips(big, 2n ** 53n + 1n)).toBe(false);
  expect(skips(big, 2n ** 53n + 2n)).toBe(true);
});

test("text is compared by its bytes, not as JavaScript does", () => {
  // In UTF-16, U+1F30A begins with D83C, and so comes before U+FF5E.
  const texts = column("BYTE_ARRAY", "String", "a", "\uff5e");
  expect(skips(texts, "\u{1f30a}")).toBe(true);
  expect(skips(texts, "\uff5e", "\u{1f30a}")).toBe(false);
  expect(skips(texts, "")).toBe(true);
  expect(skips(texts, "aa")).toBe(false);
});

test("times, decimals, bytes and booleans are compared too", () => {
  const micros = "Timestamp(TimestampType { is_adjusted_to_u_t_c: true, unit: MICROS })";
  const times = column("INT64", micros, "1500", "2500");
  expect(skips(times, new Date(0), new Date(4))).toBe(true);
  expect(skips(times, new Date(2))).toBe(false);
  expect(skips(times, new Date(3))).toBe(false);
  const instant = (epochNanoseconds: bigint) => (
    { [Symbol.toStringTag]: "Temporal.Instant", epochNanoseconds } as const
  );
  expect(skips(times, instant(999_999n))).toBe(true);
  expect(skips(times, instant(3_000_001n))).toBe(false);
  expect(skips(times, instant(4_000_000n), instant(-1n))).toBe(true);
  const decimals = column("INT32", "Decimal(DecimalType { scale: 2, precision: 9 })", 5, 1_000);
  expect(skips(decimals, 0.05)).toBe(false);
  expect(skips(decimals, 0.04, 10.01)).toBe(true);
  const bytes = column("BYTE_ARRAY", null, "b", "d");
  expect(skips(bytes, Uint8Array.of(97, 255))).toBe(true);
  expect(skips(bytes, Uint8Array.of(98))).toBe(false);
  expect(skips(column("BOOLEAN", null, true, true), false)).toBe(true);
});

test("a decimal rounded to a number doesn't seem to be on the other side", () => {
  const scale0 = "Decimal(DecimalType { scale: 0, precision: 18 })";
  // The nearest number is 2^53, less than the bound.
  const decimals = column("INT64", scale0, "9007199254740993", "9007199254740993");
  expect(skips(decimals, 2n ** 53n + 1n)).toBe(false);
});

test("null and an empty list match nothing, so that all row groups are skipped", () => {
  const numbers = column("INT32", null, 10, 20);
  expect(skips(numbers)).toBe(true);
  expect(skips(numbers, null)).toBe(true);
  expect(skips(numbers, null, 15)).toBe(false);
  expect(skips({ type: "INT32", statistics: { nullCount: 10 } }, 15)).toBe(true);
  expect(skips({ type: "INT32", statistics: { nullCount: 9 } }, 15)).toBe(false);
});

test("what can't be compared skips nothing", () => {
  const numbers = column("INT32", null, 10, 20);
  expect(skips(numbers, "9")).toBe(false);
  expect(skips(numbers, new Date(0))).toBe(false);
  expect(skips(numbers, true)).toBe(false);
  // NaN may be among floats whose bounds don't show it.
  expect(skips(column("DOUBLE", null, 1, 2), NaN)).toBe(false);
  const date = {
    [Symbol.toStringTag]: "Temporal.PlainDate",
    toString: () => "2026-01-31",
  } as const;
  expect(skips(column("INT32", "Date", 0, 1), date)).toBe(false);
});

test("no row group that has one of the values is skipped", () => {
  const kinds: [DescribedColumn, fc.Arbitrary<number | bigint | string | Date>, unknown][] = [
    [{ type: "INT32" }, fc.integer({ min: -9, max: 9 }), Number],
    [{ type: "INT64" }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), String],
    [{ type: "DOUBLE" }, fc.double({ noNaN: true }), Number],
    [
      { type: "BYTE_ARRAY", logicalType: "String" },
      fc.string({ unit: "grapheme", maxLength: 3 }),
      String,
    ],
    [{ type: "INT64", logicalType: "TIMESTAMP_MILLIS" }, fc.date({ noInvalidDate: true }), Number],
  ];
  for (const [described, value, store] of kinds) {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.array(value),
        fc.nat(),
        (rows, list, at) => {
          const sorted = rows.toSorted((left, right) => compareValues(left, right) ?? 0);
          const stored = (bound: unknown) => {
            const kept = (store as (value: unknown) => number | string)(bound);
            return described.type === "INT64" ? String(kept) : kept;
          };
          const statistics = { min: stored(sorted[0]), max: stored(sorted.at(-1)) };
          const values = [...list, rows[at % rows.length]!];
          expect(skips({ ...described, statistics }, ...values)).toBe(false);
          const others = list.filter((value) =>
            compareValues(value, sorted[0]!)! < 0 || compareValues(value, sorted.at(-1)!)! > 0
          );
          // Text that looks like bytes in hexadecimal skips nothing.
          if (described.type === "BYTE_ARRAY") return;
          expect(skips({ ...described, statistics }, ...others)).toBe(true);
        },
      ),
      { seed, numRuns: 100 },
    );
  }
});

test("the values are those that were given, whatever becomes of them", () => {
  const values: Literal[] = [new Date(1)];
  const predicate = new ColumnFilterPredicate("a", values);
  (values[0] as Date).setTime(1_000);
  values.push(new Date(2));
  expect(predicate.toExpression().equals(col("a").in([new Date(1)]))).toBe(true);
  const rowGroup = (time: number) =>
    describedRowGroup(10, { a: column("INT64", "TIMESTAMP_MILLIS", `${time}`, `${time}`) });
  expect(predicate.shouldSkipRowGroup(rowGroup(1))).toBe(false);
  expect(predicate.shouldSkipRowGroup(rowGroup(1_000))).toBe(true);
});

test("wrong values are refused at once", () => {
  expect(() => new ColumnFilterPredicate("a", [undefined as unknown as null])).toThrow(TypeError);
  expect(() => new ColumnFilterPredicate("a", "ab" as unknown as string[])).toThrow(TypeError);
  expect(() => new ColumnFilterPredicate(1 as unknown as string, [])).toThrow(TypeError);
  expect(new ColumnFilterPredicate("a", new Set(["x"])).toExpression()).toBeInstanceOf(Expression);
});
