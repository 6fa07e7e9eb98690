/**
 * Rows as plain objects.
 *
 * @module
 */
import { Data, DataType, type RecordBatch, Vector } from "apache-arrow";

/** A row: its columns' names with their values. */
export type PlainRow = Record<string, unknown>;

/** Gives the value of a column in a row. */
type Getter = (index: number) => unknown;

/**
 * Goes through a batch's rows as plain objects, whose values stay valid when the batch is released.
 *
 * Values are those that the column's `get` gives, but for those that would be views of the batch:
 * bytes are copied, decimals are text with all their digits, lists are arrays, structs are objects,
 * maps are objects where their keys are text, else `Map`s.
 *
 * @param batch The batch.
 * @returns The rows. Each costs an object, and a call for each column.
 */
export function* plainRows(batch: RecordBatch): Generator<PlainRow, void, undefined> {
  const { numRows } = batch;
  const columns = batch.schema.fields.map(({ name }, index): [string, Getter] => {
    const data = batch.data.children[index];
    return [name, data === undefined ? () => null : getter(data)];
  });
  for (let index = 0; index < numRows; index++) {
    const row: PlainRow = {};
    for (const [name, get] of columns) row[name] = get(index);
    yield row;
  }
}

/** The type is looked at here, once for each column and batch. */
function getter(data: Data): Getter {
  const { type } = data;
  const valid = (get: Getter): Getter =>
    data.nullCount === 0 ? get : (index) => data.getValid(index) ? get(index) : null;
  if (DataType.isDecimal(type)) {
    const words = data.values as Uint32Array;
    const { stride } = data;
    return valid((index) =>
      decimalText(words.subarray(index * stride, (index + 1) * stride), type.scale)
    );
  }
  if (DataType.isStruct(type)) return valid(structGetter(data));
  if (DataType.isMap(type)) return valid(mapGetter(data));
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type;
    return valid(rangeGetter(data, (index) => [index * listSize, (index + 1) * listSize]));
  }
  if (DataType.isList(type) || DataType.isLargeList(type)) {
    return valid(rangeGetter(data, offsetRange(data)));
  }
  const vector = new Vector([data]);
  if (
    DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type) ||
    DataType.isInterval(type)
  ) {
    return valid((index) => (vector.get(index) as Uint8Array).slice());
  }
  return (index) => vector.get(index);
}

function structGetter(data: Data): Getter {
  const fields = data.type.children.map(({ name }, index): [string, Getter] => {
    const child = data.children[index];
    return [name, child === undefined ? () => null : getter(child)];
  });
  return (index) => {
    const value: PlainRow = {};
    for (const [name, get] of fields) value[name] = get(index);
    return value;
  };
}

function mapGetter(data: Data): Getter {
  const [entries] = data.children;
  const [keys, values] = entries?.children ?? [];
  if (keys === undefined || values === undefined) return () => null;
  const range = offsetRange(data);
  const key = getter(keys);
  const value = getter(values);
  const textual = DataType.isUtf8(keys.type) || DataType.isLargeUtf8(keys.type);
  return (index) => {
    const [start, end] = range(index);
    const pairs: [unknown, unknown][] = [];
    for (let at = start; at < end; at++) pairs.push([key(at), value(at)]);
    return textual ? Object.fromEntries(pairs as [string, unknown][]) : new Map(pairs);
  };
}

function rangeGetter(data: Data, range: (index: number) => [number, number]): Getter {
  const [child] = data.children;
  const get = child === undefined ? () => null : getter(child);
  return (index) => {
    const [start, end] = range(index);
    const values: unknown[] = [];
    for (let at = start; at < end; at++) values.push(get(at));
    return values;
  };
}

function offsetRange(data: Data): (index: number) => [number, number] {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  return (index) => [Number(offsets[index]), Number(offsets[index + 1])];
}

/** Writes a two's complement integer of 32-bit words, least first, with its decimal point. */
function decimalText(words: Uint32Array, scale: number): string {
  let unscaled = 0n;
  for (let index = words.length - 1; index >= 0; index--) {
    unscaled = unscaled << 32n | BigInt(words[index] ?? 0);
  }
  unscaled = BigInt.asIntN(32 * words.length, unscaled);
  const negative = unscaled < 0n;
  const digits = String(negative ? -unscaled : unscaled).padStart(Math.max(scale, 0) + 1, "0");
  const sign = negative ? "-" : "";
  if (scale <= 0) return unscaled === 0n ? "0" : sign + digits + "0".repeat(-scale);
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
