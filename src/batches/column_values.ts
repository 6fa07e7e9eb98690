/**
 * The order of a column's values.
 *
 * @module
 */
import { DataType, type Vector } from "apache-arrow";
import { compareValues } from "../expressions/compare_values.ts";

/** A value of a column whose values have an order, as the column's `get` gives it. */
export type ColumnValue = number | bigint | string | boolean | Uint8Array | Uint32Array;

/** Which of a column's values is wanted. */
export type Extreme = "min" | "max";

/**
 * Whether values of a type have an order.
 *
 * @param type The type of a column.
 */
export function isOrdered(type: DataType): boolean {
  if (DataType.isDictionary(type)) return isOrdered(type.dictionary);
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type) ||
    DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBool(type) ||
    DataType.isBinary(type) || DataType.isLargeBinary(type) ||
    DataType.isFixedSizeBinary(type) || DataType.isDate(type) || DataType.isTime(type) ||
    DataType.isTimestamp(type) || DataType.isDuration(type) || DataType.isNull(type);
}

/**
 * The one of two values that is further out.
 *
 * @param extreme Which end is wanted.
 * @param left One; `undefined` for none.
 * @param right The other, of the same column; `undefined` for none.
 */
export function further(
  extreme: Extreme,
  left: ColumnValue | undefined,
  right: ColumnValue | undefined,
): ColumnValue | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  const order = compareColumnValues(right, left);
  return (extreme === "min" ? order < 0 : order > 0) ? right : left;
}

/**
 * The least or the greatest value of a column.
 *
 * @param column The column.
 * @param extreme Which one.
 * @returns The value, a copy; `undefined` where there is none but nulls.
 */
export function extremeOf(column: Vector, extreme: Extreme): ColumnValue | undefined {
  let found: ColumnValue | undefined;
  for (const value of column as Iterable<ColumnValue | null>) {
    if (value !== null) found = further(extreme, found, value);
  }
  return found === undefined ? undefined : settled(found);
}

/** Compares two values of one column: NaN is above all numbers, text and bytes go byte by byte. */
function compareColumnValues(left: ColumnValue, right: ColumnValue): number {
  if (left instanceof Uint32Array && right instanceof Uint32Array) {
    return compareWords(left, right);
  }
  if (left instanceof Uint32Array || right instanceof Uint32Array) return 0;
  return compareValues(left, right) ?? 0;
}

/** Compares the unscaled integers of two decimals of one type: two's complement, low word first. */
function compareWords(left: Uint32Array, right: Uint32Array): number {
  const top = left.length - 1;
  for (let at = top; at >= 0; at--) {
    const [a, b] = at === top ? [left[at]! | 0, right[at]! | 0] : [left[at]!, right[at]!];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

/** A value that stays when its batch is gone. Zero has no sign, whichever of the two came first. */
export function settled(value: ColumnValue): ColumnValue {
  if (value === 0) return 0;
  return typeof value === "object" ? value.slice() : value;
}
