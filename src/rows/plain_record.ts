/**
 * Plain objects and their fields.
 *
 * @module
 */

import { describeValue } from "../expressions/describe_value.ts";

/** An object with fields of any kind. */
export type PlainRecord = Readonly<Record<string, unknown>>;

/** What is an object, but no record. */
const others = [Array, ArrayBuffer, Date, Map, Promise, RegExp, Set];

/**
 * Whether a value is an object with fields: a plain one, or one of a class that has them.
 *
 * @param value The value.
 */
export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value) &&
    !others.some((other) => value instanceof other);
}

/**
 * Checks that a row is an object with fields.
 *
 * @param row The row.
 * @param number Its place, for the message.
 * @returns The row.
 * @throws {TypeError} Where it is something else.
 */
export function checkRow(row: unknown, number: number): PlainRecord {
  if (isRecord(row)) return row;
  throw new TypeError(
    `Can't convert row ${number}: it must be an object with fields, not ${describeValue(row)}`,
  );
}

/**
 * What reads a field of records: `undefined` where a record has none.
 *
 * @param name The field's name.
 */
export function fieldReader(name: string): (record: PlainRecord) => unknown {
  // Every object has a `constructor`, which is no field of it.
  if (!(name in Object.prototype)) return (record) => record[name];
  return (record) => Object.hasOwn(record, name) ? record[name] : undefined;
}
