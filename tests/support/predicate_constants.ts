/**
 * Constants that columns and calculations are compared with, each with its exact place among the
 * values as DuckDB knows them.
 *
 * @module
 */
import fc from "fast-check";
import type { Literal } from "spillway";
import { double, hugeint } from "./sql.ts";

/** Where a constant lies among the values that it is compared with. */
export interface Place {
  /** A value, in SQL; null for no value. */
  readonly sql: string | null;
  /** Whether the constant is that value, lies between it and the next, or is beyond all values. */
  readonly is: "at" | "after" | "above" | "below";
}

/** A constant, as an expression takes it, and where it lies. */
export interface Constant {
  readonly literal: Literal;
  readonly place: Place;
}

/** A constant among decimals, which lies elsewhere for each scale. */
export interface DecimalConstant {
  readonly literal: Literal;
  readonly unscaled: bigint;
  readonly scale: number;
}

/** A constant that is a value. */
export function at(literal: Literal, sql: string | null): Constant {
  return { literal, place: { sql, is: "at" } };
}

/** Null, which compares with nothing. */
export const nothing: Constant = at(null, null);

const operators = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/** A comparison's method. */
export type Comparison = keyof typeof operators;

/** Any comparison. */
export const comparison: fc.Arbitrary<Comparison> = fc.constantFrom(
  ...Object.keys(operators) as Comparison[],
);

/** What a comparison is with its sides exchanged. */
export const flipped: Readonly<Record<Comparison, Comparison>> = {
  eq: "eq",
  ne: "ne",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
};

/** SQL's operator for a comparison. */
export function operatorOf(name: Comparison): string {
  return operators[name];
}

/** What is known of every value: null for null. */
export function decided(value: string, answer: boolean): string {
  return `(CASE WHEN ${value} IS NULL THEN NULL ELSE ${answer} END)`;
}

/** A comparison of a value with a constant, in SQL. */
export function compared(value: string, name: Comparison, { sql, is }: Place): string {
  const isLess = name === "lt" || name === "le";
  switch (is) {
    case "at":
      return `(${value} ${operators[name]} ${sql ?? "NULL"})`;
    case "after":
      if (name === "eq" || name === "ne") return decided(value, name === "ne");
      return `(${value} ${isLess ? "<=" : ">"} ${sql})`;
    default:
      return decided(value, name === "ne" || isLess === (is === "above") && name !== "eq");
  }
}

/** Where `numerator / denominator` lies among whole numbers. */
export function amongIntegers(numerator: bigint, denominator = 1n): Place {
  const down = numerator < 0n && numerator % denominator !== 0n ? 1n : 0n;
  const floor = numerator / denominator - down;
  const limit = 10n ** 38n;
  if (floor >= limit) return { sql: null, is: "above" };
  if (floor <= -limit) return { sql: null, is: "below" };
  return { sql: hugeint(floor), is: floor * denominator === numerator ? "at" : "after" };
}

/** Where a decimal lies among decimals of a scale, whose values are compared without their point. */
export function amongDecimals(
  { literal, unscaled, scale }: DecimalConstant,
  valueScale: number,
): Constant {
  const place = amongIntegers(unscaled * 10n ** BigInt(valueScale), 10n ** BigInt(scale));
  return { literal, place };
}

const bounds = [
  2n ** 63n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -(2n ** 63n) - 1n,
  2n ** 64n,
  2n ** 64n - 1n,
];

/** Whole numbers and halves, some beyond 64 bits, and what integers can't be. */
export function integerConstant(values: fc.Arbitrary<bigint>): fc.Arbitrary<Constant> {
  const whole = (value: bigint): Constant => ({ literal: value, place: amongIntegers(value) });
  const number = (value: number): Constant => ({
    literal: value,
    place: Number.isInteger(value)
      ? amongIntegers(BigInt(value))
      : amongIntegers(BigInt(Math.floor(value)) * 2n + 1n, 2n),
  });
  return fc.oneof(
    { weight: 6, arbitrary: values.map(whole) },
    { weight: 3, arbitrary: values.map((value) => number(Number(value))) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -300, max: 300 }).map((value) => number(value + 0.5)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...bounds.flatMap((value) => [
          whole(value),
          number(Number(value)),
          { ...whole(value), literal: String(value) },
        ]),
        number(1e300),
        { literal: NaN, place: { sql: null, is: "above" as const } },
        { literal: Infinity, place: { sql: null, is: "above" as const } },
        { literal: -Infinity, place: { sql: null, is: "below" as const } },
      ),
    },
  );
}

/** The largest double below a finite one. */
function nextDown(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? -0 : value);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, value > 0 ? bits - 1n : bits + 1n);
  return view.getFloat64(0);
}

function amongDoubles(value: bigint): Place {
  const nearest = Number(value);
  if (BigInt(nearest) === value) return { sql: double(nearest), is: "at" };
  return { sql: double(BigInt(nearest) > value ? nextDown(nearest) : nearest), is: "after" };
}

/** Numbers among doubles, and whole ones that lie between two. */
export function floatConstant(values: fc.Arbitrary<number>): fc.Arbitrary<Constant> {
  return fc.oneof(
    { weight: 8, arbitrary: values.map((value) => at(value, double(value))) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.bigInt({ min: -9n, max: 9n }),
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
      ).map((value) => ({ literal: value, place: amongDoubles(value) })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("NaN", "Infinity", "-Infinity", "0.5", "-2").map((text) =>
        at(text, double(Number(text)))
      ),
    },
  );
}

function decimalText(value: bigint, scale: number): string {
  const all = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const point = all.length - scale;
  return `${value < 0n ? "-" : ""}${all.slice(0, point)}${scale > 0 ? "." : ""}${all.slice(point)}`;
}

/** Reads the digits of a number, unless it has an exponent. */
export function parseDecimal(text: string): { unscaled: bigint; scale: number } | null {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const unscaled = BigInt(whole + fraction);
  return { unscaled: sign === "-" ? -unscaled : unscaled, scale: fraction.length };
}

/** Decimals as text, as numbers (which mean the decimals that JavaScript prints) and as bigints. */
export function decimalConstant(unscaled: fc.Arbitrary<bigint>): fc.Arbitrary<DecimalConstant> {
  return fc.tuple(unscaled, fc.nat(5), fc.constantFrom("text", "number", "bigint")).map(
    ([unscaled, scale, form]) => {
      const text = decimalText(unscaled, scale);
      const printed = parseDecimal(String(Number(text)));
      if (form === "bigint") return { literal: unscaled, unscaled, scale: 0 };
      if (form === "number" && printed) return { literal: Number(text), ...printed };
      return { literal: text, unscaled, scale };
    },
  );
}
