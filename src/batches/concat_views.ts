/**
 * Columns of views of text or bytes joined end to end.
 *
 * @module
 */
import { BinaryView, type Data } from "apache-arrow";

type Bytes = Uint8Array<ArrayBuffer>;

/** The views and what they show. */
export interface JoinedViews {
  /** The views. */
  readonly values: Bytes;
  /** What the longer ones show. */
  readonly views: readonly Bytes[];
}

/**
 * Joins views, whose buffers are copied whole.
 *
 * @param parts The columns.
 */
export function concatViews(parts: readonly Data[]): JoinedViews {
  const width = BinaryView.ELEMENT_WIDTH;
  const length = parts.reduce((total, part) => total + part.length, 0);
  const values = new Uint8Array(length * width);
  const joined = new DataView(values.buffer);
  const views: Bytes[] = [];
  let at = 0;
  for (const part of parts) {
    values.set((part.values as Bytes).subarray(0, part.length * width), at);
    const end = at + part.length * width;
    for (; at < end; at += width) {
      if (joined.getInt32(at + BinaryView.LENGTH_OFFSET, true) <= BinaryView.INLINE_CAPACITY) {
        continue;
      }
      const place = at + BinaryView.BUFFER_INDEX_OFFSET;
      joined.setInt32(place, joined.getInt32(place, true) + views.length, true);
    }
    for (const buffer of part.variadicBuffers) views.push(Uint8Array.from(buffer));
  }
  return { values, views };
}
