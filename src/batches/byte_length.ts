/**
 * How much memory columns show.
 *
 * @module
 */
import type { Data } from "apache-arrow";

/**
 * The bytes of all buffers of a column and its children.
 *
 * @param data The column.
 * @returns The bytes.
 */
export function byteLengthOf(data: Data): number {
  let bytes = 0;
  const { values, valueOffsets, nullBitmap, typeIds } = data;
  for (const buffer of [values, valueOffsets, nullBitmap, typeIds]) {
    bytes += buffer?.byteLength ?? 0;
  }
  for (const child of data.children) bytes += byteLengthOf(child);
  return bytes;
}
