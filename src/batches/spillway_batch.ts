/**
 * A record batch whose memory can be given back.
 *
 * @module
 */
import { Data, RecordBatch, type Schema, type Vector } from "apache-arrow";
import { BatchMemory } from "./batch_memory.ts";
import { columnVector } from "./column_vector.ts";
import { concatColumns } from "./concat_columns.ts";
import { BatchReleasedError } from "../errors.ts";

/** What a batch is made of. */
export interface BatchParts {
  schema: Schema;
  data: Data;
  firstRow: number;
  byteLength: number;
  /** The buffers that the columns are views of, or what is held of another batch's. */
  buffers: readonly ArrayBuffer[] | BatchMemory;
  /** Whether the buffers own native memory. */
  zeroCopy: boolean;
}

/**
 * What the constructor calls in place of RecordBatch's, which makes the schema and the data anew in
 * case columns differ in length: that takes longer than all else that a batch costs.
 */
function unbuiltBatch(this: { _metadata: Map<string, string> }): void {
  this._metadata = new Map();
}
Object.setPrototypeOf(unbuiltBatch, RecordBatch);

/** The columns in memory that JavaScript owns. The rows themselves are never null. */
function copyOf({ type, length, children }: Data, buffers: ArrayBuffer[]): Data {
  const columns = children.map((column) => concatColumns([column], buffers));
  return new Data(type, 0, length, 0, undefined, columns);
}

/**
 * An apache-arrow `RecordBatch` over native memory, which can be given back at once.
 *
 * A batch is valid until it is released: by `using`, by {@linkcode SpillwayBatch.release}, or by
 * the garbage collector once nothing refers to it or to its columns. Until then its bytes count
 * against the memory limit. Released columns are empty, they never dangle.
 *
 * A buffer that is transferred (to a worker, by `postMessage`) is the receiver's from then on: a
 * release leaves it alone, and its memory lives for as long as the receiver needs it.
 *
 * @example Give memory back when the block ends
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * let sum = 0;
 * for await (using batch of scanParquet("tests/data/readings.parquet")) {
 *   for (const celsius of batch.getChild("celsius")!) sum += celsius ?? 0;
 * }
 * expect(sum).toBeGreaterThan(0);
 * ```
 */
export class SpillwayBatch extends RecordBatch implements Disposable {
  /** The schema: the same object for all batches of a stream. */
  declare readonly schema: RecordBatch["schema"];
  /** The row of the file that the batch begins with. */
  readonly firstRow: number;
  /** The bytes of memory that the batch counts for. */
  readonly byteLength: number;
  /** Whether the columns are views of native memory, not copies that JavaScript owns. */
  readonly zeroCopy: boolean;

  /** @ignore Whether several consumers have the batch, so that no transform may release it. */
  shared = false;
  #data: Data;
  /** `null` once it went to another batch, or was given back. */
  #memory: BatchMemory | null;
  #released = false;

  static {
    Object.setPrototypeOf(this, unbuiltBatch);
    // RecordBatch reads `data` as a property: an accessor in its place makes every method of it check
    // that the batch isn't released, which costs nothing until it is.
    Object.defineProperty(this.prototype, "data", {
      get(this: SpillwayBatch): Data {
        return this.#readableData();
      },
      configurable: true,
    });
    // A declared property and not a method: its type is RecordBatch's own.
    this.prototype.getChildAt = function (this: SpillwayBatch, index: number) {
      const column = this.#readableData().children[index];
      return column === undefined ? null : columnVector(column) as Vector;
    };
  }

  /** @ignore Batches are made by streams. */
  constructor({ schema, data, firstRow, byteLength, buffers, zeroCopy }: BatchParts) {
    super({});
    this.schema = schema;
    this.firstRow = firstRow;
    this.byteLength = byteLength;
    this.zeroCopy = zeroCopy;
    this.#data = data;
    this.#memory = buffers instanceof BatchMemory ? buffers : new BatchMemory(buffers);
  }

  /** The number of rows: known also after the release. */
  override get numRows(): number {
    return this.#data.length;
  }

  /**
   * A column by its place.
   *
   * @param index The place in the schema.
   * @returns The column, or `null` where there is none.
   * @throws {BatchReleasedError} Where the batch has been released.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * for await (using batch of scanParquet("tests/data/readings.parquet", { limit: 1 })) {
   *   expect(batch.getChildAt(2)?.get(0)).toBe(17.5);
   *   expect(batch.getChildAt(3)).toBe(null);
   * }
   * ```
   */
  declare getChildAt: RecordBatch["getChildAt"];

  /** Whether the memory has been given back. */
  get released(): boolean {
    return this.#released;
  }

  /**
   * Gives the batch's memory back now. Columns taken from it become empty, and reading more from it
   * raises {@linkcode BatchReleasedError}. Releasing again does nothing.
   *
   * Costs about a quarter of a microsecond for each buffer.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const [batch] = await Array.fromAsync(scanParquet("tests/data/readings.parquet"));
   * const celsius = batch!.getChild("celsius")!.toArray();
   * batch!.release();
   * expect(batch!.released).toBe(true);
   * expect(celsius.length).toBe(0);
   * ```
   */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#takeMemory().letGo();
  }

  /** Releases the batch at the end of the block that holds it by `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * A batch with the same rows in memory that JavaScript owns: it may be kept for as long as one
   * likes, and doesn't count against the memory limit.
   *
   * Copies the bytes once; a batch that is a copy already is not copied again, but its memory
   * becomes the new batch's, so that releasing this one then frees nothing.
   *
   * @returns The new batch. This one stays as it is, to be released.
   * @throws {BatchReleasedError} Where this batch has been released.
   *
   * @example Keep the first batch of a scan
   * ```ts
   * import { scanParquet, type SpillwayBatch } from "spillway";
   * import { expect } from "@std/expect";
   *
   * let kept: SpillwayBatch | undefined;
   * for await (using batch of scanParquet("tests/data/readings.parquet")) {
   *   kept ??= batch.toOwned();
   * }
   * expect(kept!.zeroCopy).toBe(false);
   * expect(kept!.getChild("celsius")!.get(0)).toBe(17.5);
   * ```
   */
  toOwned(): SpillwayBatch {
    const data = this.#readableData();
    const { schema, firstRow, byteLength } = this;
    const rest = { schema, firstRow, byteLength, zeroCopy: false };
    if (!this.zeroCopy) {
      return new SpillwayBatch({ ...rest, data, buffers: this.#takeMemory() });
    }
    const buffers: ArrayBuffer[] = [];
    return new SpillwayBatch({ ...rest, data: copyOf(data, buffers), buffers });
  }

  /** @ignore Some of the rows, in a batch that this one's memory goes to. */
  intoRows(from: number, to: number): SpillwayBatch {
    const data = this.#readableData().slice(from, to - from);
    return this.intoColumns(this.schema, data, this.firstRow + from);
  }

  /** @ignore Other columns of the same memory, in a batch that it goes to. */
  intoColumns(schema: Schema, data: Data, firstRow = this.firstRow): SpillwayBatch {
    const { byteLength, zeroCopy, shared } = this;
    const buffers = shared ? [] : this.#takeMemory();
    const batch = new SpillwayBatch({ schema, data, firstRow, byteLength, buffers, zeroCopy });
    batch.shared = shared;
    return batch;
  }

  /** @ignore What the library knows the buffers by, where they are this batch's alone. */
  ownSlots(): ReadonlyMap<ArrayBuffer, number> {
    return this.shared ? new Map() : this.#memory?.ownSlots() ?? new Map();
  }

  /**
   * @ignore Some of the rows, in a batch that holds this one's memory too: it is freed when both are
   * released. Each counts for its part of the bytes.
   */
  withRows(from: number, to: number): SpillwayBatch {
    const data = this.#readableData().slice(from, to - from);
    const { schema, zeroCopy, shared, numRows } = this;
    const bytesBefore = (row: number) => Math.floor(this.byteLength * (row / numRows));
    const batch = new SpillwayBatch({
      schema,
      data,
      firstRow: this.firstRow + from,
      byteLength: bytesBefore(to) - bytesBefore(from),
      buffers: shared ? [] : this.#memory?.hold() ?? [],
      zeroCopy,
    });
    batch.shared = shared;
    return batch;
  }

  /** @ignore Releases the batch, unless others have it too. */
  giveUp(): void {
    if (!this.shared) this.release();
  }

  /** The memory, which this batch has no longer. */
  #takeMemory(): BatchMemory {
    const memory = this.#memory ?? new BatchMemory([]);
    this.#memory = null;
    return memory;
  }

  #readableData(): Data {
    if (this.#released) {
      throw new BatchReleasedError(
        `Can't read the batch of ${this.#data.length} rows from row ${this.firstRow}: it was ` +
          "released. Read it before, or keep a copy with toOwned()",
      );
    }
    return this.#data;
  }
}
