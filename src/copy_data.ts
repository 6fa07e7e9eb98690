/**
 * Copies of columns.
 *
 * @module
 */
import { Data } from "apache-arrow";

type View = Uint8Array<ArrayBuffer>;

/**
 * Copies a column and its children into memory that JavaScript owns.
 *
 * Dictionaries are shared, not copied: they are JavaScript's already and never change.
 *
 * @param data The column.
 * @param buffers Gets the new buffers.
 * @returns The copy.
 */
export function copyData(data: Data, buffers: ArrayBuffer[]): Data {
  const copy = (view: View | undefined): View | undefined => {
    if (view === undefined || view.byteLength === 0) return view;
    const copied = view.slice();
    buffers.push(copied.buffer);
    return copied;
  };
  const { type, offset, length, nullCount, valueOffsets, values } = data;
  const nullBitmap = data.nullBitmap as View | undefined;
  return new Data(
    type,
    offset,
    length,
    nullCount,
    [copy(valueOffsets), copy(values), copy(nullBitmap) ?? new Uint8Array(0)],
    data.children.map((child) => copyData(child, buffers)),
    data.dictionary,
  );
}
