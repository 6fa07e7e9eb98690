/**
 * Moments in the units of a type.
 *
 * @module
 */
import { DataType, DateUnit, TimeUnit } from "apache-arrow";

const msPerDay = 86_400_000;

/**
 * How many units of a type of moments a millisecond has: less than one where units are longer.
 *
 * @param type A type of dates or timestamps.
 */
export function unitsPerMs(type: DataType): number {
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 1 / msPerDay : 1;
  if (!DataType.isTimestamp(type)) throw new TypeError(`Type ${type} has no moments`);
  switch (type.unit) {
    case TimeUnit.SECOND:
      return 1 / 1_000;
    case TimeUnit.MILLISECOND:
      return 1;
    case TimeUnit.MICROSECOND:
      return 1_000;
    case TimeUnit.NANOSECOND:
      return 1_000_000;
  }
}

/**
 * Milliseconds in another unit, exactly.
 *
 * @param ms The milliseconds, whose fraction holds what is finer, as far as a number can.
 * @param perMs How many units a millisecond has.
 * @returns The units; `null` where they aren't whole.
 */
export function unitsOf(ms: number, perMs: number): bigint | null {
  if (!Number.isFinite(ms)) return null;
  if (perMs < 1) {
    const msPerUnit = Math.round(1 / perMs);
    return ms % msPerUnit === 0 ? BigInt(ms / msPerUnit) : null;
  }
  const whole = Math.trunc(ms);
  const part = (ms - whole) * perMs;
  const units = Math.round(part);
  // A number that is as near to whole units as numbers of this size can be means whole ones.
  const blur = Math.abs(ms) * Number.EPSILON * perMs;
  return Math.abs(part - units) <= blur ? BigInt(whole) * BigInt(perMs) + BigInt(units) : null;
}
