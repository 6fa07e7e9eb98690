/**
 * The check of a number of rows.
 *
 * @module
 */

/**
 * Checks a number of rows.
 *
 * @param rows The number.
 * @param name What it is called.
 * @returns The number.
 * @throws {RangeError} Where it is no whole number from 0.
 */
export function checkRows(rows: number, name: string): number {
  if (Number.isSafeInteger(rows) && rows >= 0) return rows;
  throw new RangeError(`${name} must be a whole number of rows from 0, not ${String(rows)}`);
}
