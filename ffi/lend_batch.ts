/**
 * Batches of apache-arrow's, given to the library: numbers say where their bytes are.
 *
 * After the head (the batch's number, its rows, its first row in the file) come the columns in
 * pre-order: a node (length, null count, bit offset, number of buffers, number of children), then
 * its buffers (address, byte length, slot), then its children. Where a buffer is native memory that
 * the library may keep, its slot says which; else it is 0.
 *
 * @module
 */
import { type Data, DataType, type RecordBatch, type Schema } from "apache-arrow";
import { UnsupportedFeatureError } from "../src/errors.ts";
import { SpillwayBatch } from "../src/batches/spillway_batch.ts";
import type { Native } from "./native.ts";
import { usedValues } from "./used_values.ts";

/** A column that is lent. */
export interface LentColumn {
  /** Its place in the batch. */
  column: number;
  /** Whether its dictionaries are lent too, not only the keys. */
  dictionaries: boolean;
}

type View = ArrayBufferView | undefined;
type ColumnLender = (data: Data, lender: BatchLender) => void;

/** Lends the batches of one schema. What it lends is good for one call, until it is returned. */
export class BatchLender {
  readonly #native: Native;
  readonly #keeps: boolean;
  #slots: ReadonlyMap<ArrayBuffer, number> = new Map();
  readonly #columns: readonly (readonly [place: number, lend: ColumnLender])[];
  #numbers: number[] = [];
  /** Where the buffers are, many views of which may be lent; keeps the collector from them. */
  readonly #lent: Map<ArrayBuffer, number> = new Map();

  /**
   * @param native The library.
   * @param schema The batches' schema.
   * @param columns The columns to lend, in the order in which they are described.
   * @param options Whether the library may keep native memory after the call: the batch must be
   * released then, so that nobody writes to it.
   * @throws {UnsupportedFeatureError} Where a column's type can't be lent.
   */
  constructor(
    native: Native,
    schema: Schema,
    columns: readonly LentColumn[],
    { keeps = false }: { keeps?: boolean } = {},
  ) {
    this.#native = native;
    this.#keeps = keeps;
    this.#columns = columns.map(({ column, dictionaries }) => {
      const { name, type } = fieldAt(schema, column);
      return [column, columnLender(type, name, dictionaries)];
    });
  }

  /**
   * Describes a batch. Its bytes must not be written to before it is returned.
   *
   * Costs a few microseconds for each `ArrayBuffer`; bytes are copied only where they are shared between
   * threads.
   *
   * @param batch The batch.
   * @param number The batch's number, for the messages of errors.
   * @returns The description.
   * @throws {BatchReleasedError} Where the batch has been released.
   */
  lend(batch: RecordBatch, number: number): Float64Array<ArrayBuffer> {
    const { children, length } = batch.data;
    this.#numbers = [number, length, batch instanceof SpillwayBatch ? batch.firstRow : 0];
    if (this.#keeps && batch instanceof SpillwayBatch) this.#slots = batch.ownSlots();
    for (const [place, lend] of this.#columns) {
      const column = children[place];
      if (column === undefined) {
        throw new TypeError(`Can't read batch ${number}: column ${place} has no data`);
      }
      lend(column, this);
    }
    return Float64Array.from(this.#numbers);
  }

  /** Lets go of what was lent. */
  returned(): void {
    this.#numbers = [];
    this.#slots = new Map();
    this.#lent.clear();
  }

  /** Describes one column, but for its children, which have to follow. */
  node(data: Data, views: readonly View[], childCount: number): void {
    const { length, nullCount, offset } = data;
    // It is -1 for what has no bitmap to count.
    this.#numbers.push(length, Math.max(nullCount, 0), offset, views.length, childCount);
    for (const view of views) this.#buffer(view);
  }

  /** Whether the library copies a view: it keeps what is lent, and the view is of no native memory. */
  mayCopy(view: View): boolean {
    return this.#keeps && view !== undefined && !this.#slots.get(view.buffer as ArrayBuffer);
  }

  #buffer(view: View): void {
    const byteLength = view?.byteLength ?? 0;
    if (view === undefined || byteLength === 0) {
      this.#numbers.push(0, 0, 0);
      return;
    }
    const { buffer, byteOffset } = unshared(view);
    let address = this.#lent.get(buffer);
    if (address === undefined) {
      // V8 moves the bytes of a small view out of its heap, where they could move again, once the
      // view is asked for its buffer.
      address = this.#native.addressOf(buffer);
      this.#lent.set(buffer, address);
    }
    this.#numbers.push(address + byteOffset, byteLength, this.#slots.get(buffer) ?? 0);
  }
}

/** Where the bytes are, or a copy of them where other threads could write to them once checked. */
function unshared(view: ArrayBufferView): { buffer: ArrayBuffer; byteOffset: number } {
  const { buffer, byteOffset, byteLength } = view;
  return buffer instanceof ArrayBuffer
    ? { buffer, byteOffset }
    : { buffer: new Uint8Array(buffer, byteOffset, byteLength).slice().buffer, byteOffset: 0 };
}

/** The type is looked at here, once for each column and transform. */
function columnLender(type: DataType, column: string, dictionaries: boolean): ColumnLender {
  if (DataType.isNull(type)) return (data, lender) => lender.node(data, [], 0);
  if (DataType.isDictionary(type)) {
    if (!dictionaries) return lendFixed;
    const lendValues = columnLender(type.dictionary, column, dictionaries);
    return (data, lender) => {
      const chunks = data.dictionary?.data ?? [];
      lender.node(data, [validity(data), data.values], chunks.length);
      for (const chunk of chunks) lendValues(chunk, lender);
    };
  }
  if (
    DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isLargeUtf8(type) ||
    DataType.isLargeBinary(type)
  ) {
    return (data, lender) => {
      const used = lender.mayCopy(data.values) ? usedValues(data, data.values.length) : null;
      const views = used === null
        ? [data.valueOffsets, data.values]
        : [used.offsets, data.values.subarray(used.first, used.last)];
      lender.node(data, [validity(data), ...views], 0);
    };
  }
  const isList = DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type);
  if (isList || DataType.isFixedSizeList(type) || DataType.isStruct(type)) {
    const lenders = type.children.map((field) =>
      columnLender(field.type, `${column}.${field.name}`, dictionaries)
    );
    return (data, lender) => {
      const [items] = data.children;
      const used = isList && items !== undefined && lender.mayCopy(data.valueOffsets)
        ? usedValues(data, items.length)
        : null;
      const offsets = used?.offsets ?? data.valueOffsets;
      lender.node(
        data,
        isList ? [validity(data), offsets] : [validity(data)],
        data.children.length,
      );
      const children = used === null
        ? data.children
        : [items!.slice(used.first, used.last - used.first)];
      children.forEach((child, index) => lenders[index]?.(child, lender));
    };
  }
  if (DataType.isUnion(type) || DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    throw new UnsupportedFeatureError(
      `Can't pass column ${column} to the library: its type ${type} is not supported here. ` +
        "Leave the column out, or convert it",
      { column },
    );
  }
  return lendFixed;
}

function lendFixed(data: Data, lender: BatchLender): void {
  lender.node(data, [validity(data), data.values], 0);
}

/** Where no value is null, apache-arrow doesn't look at the bitmap. */
function validity(data: Data): View {
  return data.nullCount > 0 ? data.nullBitmap : undefined;
}

function fieldAt(schema: Schema, place: number): { name: string; type: DataType } {
  const field = schema.fields[place];
  if (field === undefined) throw new TypeError(`Can't lend column ${place}: there is none`);
  return field;
}
