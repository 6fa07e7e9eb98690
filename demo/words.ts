/**
 * 64-bit columns as plain numbers. Reading a `BigInt64Array` makes a `bigint` for each value;
 * reading its two halves does not.
 *
 * @module
 */

const TWO_TO_32 = 2 ** 32;

/**
 * The 32-bit words of a column of 64-bit integers, low word first (every machine that the library
 * is built for is little-endian). No copy.
 */
export function wordsOf(values: ArrayBufferView<ArrayBufferLike>): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

/** The signed 64-bit integer at an index. Exact up to 2^53. */
export function numberAt(words: Int32Array, index: number): number {
  return words[2 * index + 1]! * TWO_TO_32 + (words[2 * index]! >>> 0);
}
