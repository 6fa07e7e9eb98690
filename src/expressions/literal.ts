/**
 * Constants of expressions.
 *
 * @module
 */

/**
 * A constant: what columns are compared with.
 *
 * Numbers and bigints are compared exactly, however large. Text stands for a date, a time or a
 * decimal beside a column of such a type.
 *
 * @example
 * ```ts
 * import { col, type Literal } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const values: Literal[] = [1, 2n ** 63n, "a", true, null, new Date(0), Uint8Array.of(1, 255)];
 * expect(values.map((value) => String(col("x").eq(value)))).toEqual([
 *   "x = 1",
 *   "x = 9223372036854775808",
 *   "x = 'a'",
 *   "x = TRUE",
 *   "x = NULL",
 *   "x = TIMESTAMP '1970-01-01T00:00:00.000Z'",
 *   "x = X'01ff'",
 * ]);
 * ```
 */
export type Literal =
  | number
  | bigint
  | string
  | boolean
  | null
  | Date
  | TemporalLike
  | Uint8Array;

/** A value of `Temporal`, the runtime's or a polyfill's. */
export type TemporalLike = TemporalInstantLike | TemporalPlainLike;

/** A `Temporal.Instant` or `Temporal.ZonedDateTime`: a point in time. */
export interface TemporalInstantLike {
  /** What it is. */
  readonly [Symbol.toStringTag]: "Temporal.Instant" | "Temporal.ZonedDateTime";
  /** Nanoseconds since 1970. */
  readonly epochNanoseconds: bigint;
}

/** A `Temporal.PlainDate`, `Temporal.PlainDateTime` or `Temporal.PlainTime`: one without a zone. */
export interface TemporalPlainLike {
  /** What it is. */
  readonly [Symbol.toStringTag]:
    | "Temporal.PlainDate"
    | "Temporal.PlainDateTime"
    | "Temporal.PlainTime";
  /** Gives it in the form of ISO 8601. */
  toString(options?: object): string;
}

/**
 * What an expression may be used as: {@linkcode Expression}'s parameter.
 *
 * `Date` stands for dates, times and timestamps, `number` for decimals and bigints too.
 */
export type Value = boolean | number | string | Date | Uint8Array;

/** The {@linkcode Value} that a constant is; `null` may be any. */
export type ValueOf<Constant> = Constant extends null ? Value
  : Constant extends boolean ? boolean
  : Constant extends number | bigint ? number
  : Constant extends string ? string
  : Constant extends Uint8Array ? Uint8Array
  : Date;
