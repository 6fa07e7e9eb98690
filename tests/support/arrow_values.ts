import { type Data, DataType, type Field, type RecordBatch } from "apache-arrow";
import { booleansOf, bytesOf, floatsOf, integersOf } from "./arrow_readers.ts";

/** A value as plain data, in which two readers agree: see {@linkcode valuesOf}. */
export type PlainValue =
  | bigint
  | boolean
  | null
  | number
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/**
 * Reads an array as plain values, straight from its buffers.
 *
 * Integers, unscaled decimals and temporal values (in their own unit) become bigints, floats numbers, binary values
 * text in hexadecimal, structs objects, lists arrays, and maps arrays of `{key, value}`.
 *
 * @param data The array
 * @returns Its values
 */
export function valuesOf(data: Data): PlainValue[] {
  // apache-arrow gives an empty nested array no children.
  if (data.length === 0) return [];
  const read = readerOf(data);
  return Array.from({ length: data.length }, (_, index) => read(index));
}

/**
 * Reads record batches as rows of plain values.
 *
 * @param batches The batches
 * @returns A column's values by its name, of all batches together
 */
export function columnsOf(batches: Iterable<RecordBatch>): Record<string, PlainValue[]> {
  const columns: Record<string, PlainValue[]> = {};
  for (const { schema, data } of batches) {
    schema.fields.forEach(({ name }, at) => {
      const column = columns[name] ??= [];
      for (const value of valuesOf(data.children[at]!)) column.push(value);
    });
  }
  return columns;
}

function readerOf(data: Data): (index: number) => PlainValue {
  if (DataType.isNull(data.type)) return () => null;
  const read = validReaderOf(data);
  return (index) => data.getValid(index) ? read(index) : null;
}

function validReaderOf(data: Data): (index: number) => PlainValue {
  const type: DataType = DataType.isDictionary(data.type) ? data.type.dictionary : data.type;
  if (DataType.isBool(type)) return booleansOf(data);
  if (DataType.isFloat(type)) return floatsOf(data);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    const read = bytesOf(data);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return (index) => decoder.decode(read(index));
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) {
    const read = bytesOf(data);
    return (index) => hex(read(index));
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.map(({ name }: Field, at) =>
      [name, readerOf(data.children[at]!)] as const
    );
    return (index) => Object.fromEntries(fields.map(([name, read]) => [name, read(index)]));
  }
  if (DataType.isMap(type)) {
    const [keys, values] = data.children[0]!.children.map(readerOf);
    return (index) => span(data, index).map((at) => ({ key: keys!(at), value: values!(at) }));
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    const read = readerOf(data.children[0]!);
    return (index) => span(data, index).map(read);
  }
  if (DataType.isInterval(type)) {
    const parts = data.values as Int32Array;
    return (index) => Array.from(parts.subarray(index * data.stride, (index + 1) * data.stride));
  }
  return integersOf(data);
}

/** The entries of the child that belong to the list at `index`. */
export function span(data: Data, index: number): number[] {
  const fixed = DataType.isFixedSizeList(data.type) ? data.type.listSize : undefined;
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  const start = fixed === undefined ? Number(offsets[index]) : index * fixed;
  const end = fixed === undefined ? Number(offsets[index + 1]) : start + fixed;
  return Array.from({ length: end - start }, (_, at) => start + at);
}

/** Bytes in hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
