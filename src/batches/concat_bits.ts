/**
 * Bitmaps joined end to end.
 *
 * @module
 */
import type { Data } from "apache-arrow";

/**
 * Joins a bitmap of each column.
 *
 * @param parts The columns: a bitmap begins at a column's offset and has a bit for each row.
 * @param bitmapOf Gives the bitmap; `null` where all bits are set.
 * @returns The bits, without an offset.
 */
export function concatBits(
  parts: readonly Data[],
  bitmapOf: (part: Data) => Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const joined = new Uint8Array((length + 7) >> 3);
  let at = 0;
  for (const part of parts) {
    copyBits(bitmapOf(part), part.offset, joined, at, part.length);
    at += part.length;
  }
  return joined;
}

function copyBits(
  from: Uint8Array | null,
  offset: number,
  to: Uint8Array,
  at: number,
  length: number,
): void {
  // Whole bytes at once where the bits needn't move within them.
  const bytes = (at & 7) === 0 && (offset & 7) === 0 ? length >> 3 : 0;
  if (from === null) to.fill(0xff, at >> 3, (at >> 3) + bytes);
  else to.set(from.subarray(offset >> 3, (offset >> 3) + bytes), at >> 3);
  for (let index = bytes << 3; index < length; index++) {
    const bit = offset + index;
    if (from !== null && ((from[bit >> 3] ?? 0) & 1 << (bit & 7)) === 0) continue;
    to[(at + index) >> 3]! |= 1 << ((at + index) & 7);
  }
}
