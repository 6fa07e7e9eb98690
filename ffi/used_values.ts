/**
 * What a slice of texts or lists shows of their values.
 *
 * @module
 */
import type { Data } from "apache-arrow";

/** The part of the values that is shown, and offsets that count from its beginning. */
export interface UsedValues {
  /** Where it begins. */
  first: number;
  /** Where it ends. */
  last: number;
  /** The offsets, counted from there. */
  offsets: BigInt64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}

/** So many values more than are shown may be copied along: that costs less than new offsets. */
const worthLeavingOut = 4_096;

/**
 * Finds what of a column's values its rows show, where that is less than half of them: a slice that is copied would copy
 * all values otherwise, and a thousand slices a thousand times.
 *
 * @param data Texts, binary values, lists or maps.
 * @param count How many values there are: bytes, or the items of lists.
 * @returns The part, or `null` where all values are to be given. Offsets that make no sense are left for the library to find.
 */
export function usedValues({ length, valueOffsets }: Data, count: number): UsedValues | null {
  const given: unknown = valueOffsets;
  if (!(given instanceof Int32Array || given instanceof BigInt64Array)) return null;
  const [first, last] = [Number(given[0] ?? 0), Number(given[length] ?? 0)];
  const used = last - first;
  if (!(first >= 0 && used >= 0 && last <= count)) return null;
  if (count - used <= used + worthLeavingOut) return null;
  const offsets = given.slice(0, length + 1);
  if (offsets instanceof Int32Array) { for (let at = 0; at <= length; at++) offsets[at]! -= first; }
  else for (let at = 0; at <= length; at++) offsets[at]! -= BigInt(first);
  return { first, last, offsets };
}
