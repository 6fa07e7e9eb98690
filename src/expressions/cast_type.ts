/**
 * The types that values can be cast to.
 *
 * @module
 */
import { describeValue } from "./describe_value.ts";
import type { Kind } from "./kind.ts";

/**
 * A type that values can be cast to.
 *
 * Decimals say their precision (1 to 76) and scale, timestamps their unit and, where they have one,
 * their zone.
 *
 * @example
 * ```ts
 * import { type CastType, col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const types: CastType[] = ["int64", "decimal(18,2)", "timestamp(us,UTC)"];
 * expect(types.map((type) => String(col("x").cast(type)))).toEqual([
 *   "CAST(x AS int64)",
 *   "CAST(x AS decimal(18,2))",
 *   "CAST(x AS timestamp(us,UTC))",
 * ]);
 * ```
 */
export type CastType =
  | "boolean"
  | "string"
  | "binary"
  | `${"int" | "uint"}${8 | 16 | 32 | 64}`
  | `float${32 | 64}`
  | "date"
  | `time(${"ms" | "us" | "ns"})`
  | `timestamp(${"s" | "ms" | "us" | "ns"})`
  | `timestamp(${"s" | "ms" | "us" | "ns"},${string})`
  | `decimal(${number},${number})`;

const forms: readonly (readonly [RegExp, Kind])[] = [
  [/^boolean$/, "boolean"],
  [/^string$/, "text"],
  [/^binary$/, "bytes"],
  [/^(u?int(8|16|32|64)|float(32|64))$/, "number"],
  [/^(date|time\((ms|us|ns)\)|timestamp\((s|ms|us|ns)(,[\w+\-:/]+)?\))$/, "time"],
];

/**
 * Checks the name of a type.
 *
 * @param type The name.
 * @returns The same name.
 * @throws {TypeError} Where there is no such type.
 */
export function checkCastType(type: unknown): CastType {
  if (typeof type === "string" && (isDecimal(type) || forms.some(([form]) => form.test(type)))) {
    return type as CastType;
  }
  throw new TypeError(
    `Can't cast to ${describeValue(type)}: the types are ` +
      "boolean, int8 to int64, uint8 to uint64, float32, float64, string, binary, date, " +
      "time(ms), timestamp(us), timestamp(us,UTC) and decimal(18,2), with units s, ms, us, ns",
  );
}

/**
 * The kind of a type's values.
 *
 * @param type A type that has been checked.
 * @returns The kind.
 */
export function kindOfType(type: CastType): Kind {
  return forms.find(([form]) => form.test(type))?.[1] ?? "number";
}

function isDecimal(type: string): boolean {
  const [, precision, scale] = /^decimal\((\d{1,2}),(-?\d{1,2})\)$/.exec(type) ?? [];
  const digits = Number(precision);
  return digits >= 1 && digits <= 76 && Number(scale) <= digits;
}
