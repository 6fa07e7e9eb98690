/**
 * Columns of chosen rows.
 *
 * @module
 */
import { Data, DataType } from "apache-arrow";
import { emptyColumn } from "../batches/empty_column.ts";

/** Row numbers, ascending, each once. */
export type Rows = Uint32Array<ArrayBuffer>;

interface Validity {
  bitmap: Uint8Array;
  nullCount: number;
}

const noBytes = new Uint8Array(0);

/**
 * Copies some rows of a column into memory that JavaScript owns.
 *
 * The type is looked at once, not once a value. Dictionaries are shared, not copied: they are
 * JavaScript's already and never change.
 *
 * @param data The column, perhaps a slice of one.
 * @param rows The rows, ascending.
 * @returns A column of these rows, without an offset.
 */
export function takeRows(data: Data, rows: Rows): Data {
  const { type } = data;
  if (DataType.isNull(type)) return new Data(type, 0, rows.length, rows.length);
  if (DataType.isUnion(type)) return takeUnion(data, rows);
  const validity = takeValidity(data, rows);
  const make = (
    offsets: Data["valueOffsets"] | undefined,
    values: Data["values"] | undefined,
    children: Data[] = [],
    views: readonly Uint8Array[] = [],
  ): Data => {
    const { nullCount, bitmap } = validity;
    const buffers = { 0: offsets, 1: values, 2: bitmap };
    return new Data(type, 0, rows.length, nullCount, buffers, children, data.dictionary, views);
  };
  if (DataType.isBool(type)) return make(undefined, takeBits(data.values, data.offset, rows));
  if (DataType.isStruct(type)) return make(undefined, undefined, takeChildren(data, rows));
  if (DataType.isFixedSizeList(type)) {
    return make(undefined, undefined, takeChildren(data, repeated(rows, type.listSize)));
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    const spans = takeSpans(data, rows);
    return make(spans.offsets, undefined, takeChildren(data, itemsOf(spans)));
  }
  if (data.valueOffsets) {
    const spans = takeSpans(data, rows);
    return make(spans.offsets, takeSpanned(data.values, spans));
  }
  const views = data.variadicBuffers.map((buffer) => buffer.slice());
  return make(undefined, takeValues(data.values, data.stride, rows), [], views);
}

function takeChildren({ type, children }: Data, rows: Rows): Data[] {
  return type.children.map((field, index) => {
    // apache-arrow gives an empty nested column no children.
    const child = children[index];
    return child === undefined ? emptyColumn(field.type) : takeRows(child, rows);
  });
}

function takeValidity(data: Data, rows: Rows): Validity {
  if (data.nullCount === 0) return { bitmap: noBytes, nullCount: 0 };
  const bitmap = takeBits(data.nullBitmap, data.offset, rows);
  let valid = 0;
  for (const row of rows) if (data.getValid(row)) valid++;
  return { bitmap, nullCount: rows.length - valid };
}

function takeBits(bits: Uint8Array, offset: number, rows: Rows): Uint8Array {
  const taken = new Uint8Array((rows.length + 7) >> 3);
  let at = 0;
  for (const row of rows) {
    const from = offset + row;
    if ((bits[from >> 3] ?? 0) & (1 << (from & 7))) {
      taken[at >> 3] = taken[at >> 3]! | 1 << (at & 7);
    }
    at++;
  }
  return taken;
}

function takeValues(values: Data["values"], stride: number, rows: Rows): Data["values"] {
  // A slice of the same class, for any class: what it holds is overwritten.
  const taken = (values as Int32Array).slice(0, rows.length * stride);
  let at = 0;
  for (const row of rows) {
    for (let from = row * stride; from < (row + 1) * stride; from++) taken[at++] = values[from];
  }
  return taken;
}

/** Where the bytes or items of the rows taken are, and where they will be. */
interface Spans {
  starts: Float64Array;
  offsets: Int32Array | BigInt64Array;
  total: number;
}

function takeSpans(data: Data, rows: Rows): Spans {
  const offsets: Int32Array | BigInt64Array = data.valueOffsets;
  const taken = offsets instanceof BigInt64Array
    ? new BigInt64Array(rows.length + 1)
    : new Int32Array(rows.length + 1);
  const starts = new Float64Array(rows.length);
  const put = taken instanceof BigInt64Array
    ? (at: number, value: number) => taken[at] = BigInt(value)
    : (at: number, value: number) => taken[at] = value;
  let total = 0;
  let at = 0;
  for (const row of rows) {
    const start = Number(offsets[row]);
    starts[at++] = start;
    // What null stands over is nobody's.
    if (data.getValid(row)) total += Number(offsets[row + 1]) - start;
    put(at, total);
  }
  return { starts, offsets: taken, total };
}

function takeSpanned(bytes: Uint8Array, { starts, offsets, total }: Spans): Uint8Array {
  const taken = new Uint8Array(total);
  for (let at = 0; at < starts.length; at++) {
    const from = starts[at]!;
    const to = Number(offsets[at]);
    taken.set(bytes.subarray(from, from + Number(offsets[at + 1]) - to), to);
  }
  return taken;
}

function itemsOf({ starts, offsets, total }: Spans): Rows {
  const items = new Uint32Array(total);
  for (let at = 0; at < starts.length; at++) {
    const to = Number(offsets[at]);
    const length = Number(offsets[at + 1]) - to;
    for (let item = 0; item < length; item++) items[to + item] = starts[at]! + item;
  }
  return items;
}

function repeated(rows: Rows, times: number): Rows {
  return Uint32Array.from(
    { length: rows.length * times },
    (_, at) => rows[Math.floor(at / times)]! * times + at % times,
  );
}

function takeUnion(data: Data, rows: Rows): Data {
  const { type, valueOffsets, children } = data;
  const typeIds = takeValues(data.typeIds, 1, rows) as Int8Array;
  if (!DataType.isDenseUnion(type)) {
    return new Data(type, 0, rows.length, -1, { 3: typeIds }, takeChildren(data, rows));
  }
  const items: number[][] = children.map(() => []);
  const offsets = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const child = items[type.typeIdToChildIndex[typeIds[at]!]!]!;
    offsets[at] = child.push(valueOffsets[rows[at]!]) - 1;
  }
  const taken = children.map((child, index) => takeRows(child, Uint32Array.from(items[index]!)));
  return new Data(type, 0, rows.length, -1, { 0: offsets, 3: typeIds }, taken);
}
