/**
 * The order of values.
 *
 * @module
 */
import type { StatisticsValue } from "./statistics_value.ts";

/**
 * Compares two values of one kind, as predicates do: numbers and bigints exactly, NaN above all
 * numbers, text by UTF-8 bytes.
 *
 * @param left One.
 * @param right The other.
 * @returns Less than 0, 0 or more than 0, or `undefined` where the kinds differ.
 */
export function compareValues(left: StatisticsValue, right: StatisticsValue): number | undefined {
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right);
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime();
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  return undefined;
}

function isNumeric(value: StatisticsValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number(isNan(left)) - Number(isNan(right));
}

function isNan(value: number | bigint): boolean {
  return typeof value === "number" && Number.isNaN(value);
}

/** The order of code points, which is that of UTF-8 bytes. */
function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a !== b) return place(a) - place(b);
  }
  return left.length - right.length;
}

/** UTF-16 puts surrogates before the last 8,192 characters below them. */
function place(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
