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
 * @param least The least that it may be.
 * @returns The number.
 * @throws {RangeError} Where it is no whole number from the least.
 */
export function checkRows(rows: number, name: string, least = 0): number {
  if (Number.isSafeInteger(rows) && rows >= least) return rows;
  throw new RangeError(`${name} must be a whole number of rows from ${least}, not ${String(rows)}`);
}
