/**
 * Columns joined end to end.
 *
 * @module
 */
import { Data, DataType, type Union } from "apache-arrow";
import { concatBits } from "./concat_bits.ts";
import { concatDictionaries } from "./concat_dictionaries.ts";
import { concatViews } from "./concat_views.ts";
import { emptyColumn } from "./empty_column.ts";
import { takeRows } from "../stages/take_rows.ts";

type View = Uint8Array<ArrayBuffer>;

/**
 * Joins columns end to end, in memory that JavaScript owns.
 *
 * Costs one copy of the rows: of a slice, not more than those. The type is looked at once, not once
 * a value. A dictionary that is common to the parts is shared, not copied: dictionaries are
 * JavaScript's already and never change.
 *
 * @param parts The columns, one at least, of one type.
 * @param buffers Gets the new buffers.
 * @returns A column of all rows, without an offset.
 * @throws {RangeError} Where the type's offsets or keys can't count so many.
 */
export function concatColumns(parts: readonly Data[], buffers: ArrayBuffer[]): Data {
  const type: DataType = parts[0]!.type;
  const some = parts.filter(({ length }) => length > 0);
  if (some.length === 0) return emptyColumn(type);
  const length = sum(some, ({ length }) => length);
  if (DataType.isNull(type)) return new Data(type, 0, length, length);
  if (DataType.isUnion(type)) return concatUnions(some, buffers);

  const keep = <Kept extends ArrayBufferView>(view: Kept): Kept => {
    buffers.push(view.buffer as ArrayBuffer);
    return view;
  };
  // It is -1 for what has no bitmap to count.
  const nullCount = sum(some, (part) => Math.max(part.nullCount, 0));
  const bitmap = nullCount === 0 ? new Uint8Array(0) : keep(concatBits(some, validityOf));
  const make = (
    offsets: Data["valueOffsets"] | undefined,
    values: Data["values"] | undefined,
    children: Data[] = [],
    dictionary = some[0]!.dictionary,
    views: readonly Uint8Array[] = [],
  ): Data => {
    const all = { 0: offsets, 1: values, 2: bitmap };
    return new Data(type, 0, length, nullCount, all, children, dictionary, views);
  };
  if (DataType.isBool(type)) return make(undefined, keep(concatBits(some, ({ values }) => values)));
  if (DataType.isStruct(type)) return make(undefined, undefined, concatChildren(some, 1, buffers));
  if (DataType.isFixedSizeList(type)) {
    return make(undefined, undefined, concatChildren(some, type.listSize, buffers));
  }
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    const { values, views } = concatViews(some);
    return make(undefined, keep(values), [], undefined, views.map(keep));
  }
  if (DataType.isDictionary(type)) {
    const { keys, dictionary } = concatDictionaries(some);
    return make(undefined, keep(keys), [], dictionary);
  }
  if (some[0]!.valueOffsets) {
    const offsets = keep(concatOffsets(some));
    const isList = type.children !== undefined && type.children !== null;
    if (isList) return make(offsets, undefined, [concatColumns(some.map(items), buffers)]);
    return make(offsets, keep(concatValues(some.map(bytes))));
  }
  return make(undefined, keep(concatFixed(some)));
}

/** Where the values or the items of a column's rows are. */
function span({ valueOffsets, length }: Data): [start: number, end: number] {
  return [Number(valueOffsets[0]), Number(valueOffsets[length])];
}

function bytes(part: Data): View {
  return (part.values as View).subarray(...span(part));
}

function items(part: Data): Data {
  const [start, end] = span(part);
  const [child] = part.children;
  // apache-arrow gives an empty nested column no children.
  return child === undefined ? emptyColumn(part.type.children[0]!.type) : rowsOf(child, start, end);
}

function rowsOf(data: Data, start: number, end: number): Data {
  return start === 0 && end === data.length ? data : data.slice(start, end - start);
}

/** A struct's children have a row for each of its own, those of a list of a fixed size several. */
function concatChildren(parts: readonly Data[], times: number, buffers: ArrayBuffer[]): Data[] {
  const { type } = parts[0]!;
  return (type as DataType & { children: { type: DataType }[] }).children.map((_, index) =>
    concatColumns(
      parts.map(({ children, length }) => rowsOf(children[index]!, 0, length * times)),
      buffers,
    )
  );
}

function concatOffsets(parts: readonly Data[]): Int32Array | BigInt64Array {
  const length = sum(parts, (part) => part.length) + 1;
  const joined = parts[0]!.valueOffsets instanceof BigInt64Array
    ? new BigInt64Array(length)
    : new Int32Array(length);
  const put = joined instanceof BigInt64Array
    ? (at: number, offset: number) => joined[at] = BigInt(offset)
    : (at: number, offset: number) => joined[at] = offset;
  let at = 0;
  let base = 0;
  for (const part of parts) {
    const [start, end] = span(part);
    const offsets: Int32Array | BigInt64Array = part.valueOffsets;
    if (base === start) {
      (joined as Int32Array).set(offsets.subarray(0, part.length + 1) as Int32Array, at);
    } else {
      for (let row = 0; row <= part.length; row++) {
        put(at + row, Number(offsets[row]) - start + base);
      }
    }
    at += part.length;
    base += end - start;
  }
  if (joined instanceof Int32Array && base > 2 ** 31 - 1) {
    throw new RangeError(
      `Can't join batches: a column of type ${parts[0]!.type} would have ${base} bytes or items ` +
        "in one batch, more than its offsets count. Ask for smaller batches",
    );
  }
  return joined;
}

function concatValues(parts: readonly View[]): View {
  const joined = new Uint8Array(sum(parts, ({ length }) => length));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function concatFixed(parts: readonly Data[]): Data["values"] {
  const [{ stride, values }] = parts as readonly [Data, ...Data[]];
  const length = sum(parts, (part) => part.length) * stride;
  const joined = new (values.constructor as Int32ArrayConstructor)(length);
  let at = 0;
  for (const part of parts) {
    joined.set((part.values as Int32Array).subarray(0, part.length * stride), at);
    at += part.length * stride;
  }
  return joined;
}

function validityOf(part: Data): Uint8Array | null {
  return part.nullCount <= 0 ? null : part.nullBitmap;
}

function concatUnions(parts: readonly Data[], buffers: ArrayBuffer[]): Data {
  // A slice of a dense union has all items of the whole: only those of its rows are taken.
  const compact = parts.map((part) =>
    takeRows(part, Uint32Array.from({ length: part.length }, (_, row) => row))
  );
  const type = compact[0]!.type as Union;
  const length = sum(compact, (part) => part.length);
  const typeIds = new Int8Array(length);
  const isDense = DataType.isDenseUnion(type);
  const offsets = isDense ? new Int32Array(length) : undefined;
  const bases = compact[0]!.children.map(() => 0);
  let at = 0;
  for (const part of compact) {
    typeIds.set(part.typeIds.subarray(0, part.length), at);
    for (let row = 0; row < part.length && offsets; row++) {
      const child = type.typeIdToChildIndex[part.typeIds[row]!]!;
      offsets[at + row] = part.valueOffsets[row]! + bases[child]!;
    }
    part.children.forEach((child, index) => bases[index]! += child.length);
    at += part.length;
  }
  const children = bases.map((_, index) =>
    concatColumns(compact.map(({ children }) => children[index]!), buffers)
  );
  return new Data(type, 0, length, -1, { 0: offsets, 3: typeIds }, children);
}

function sum<Part>(parts: readonly Part[], of: (part: Part) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}
