/**
 * From a descriptor to a record batch.
 *
 * @module
 */
import { Data, type DataType, type Schema, Struct, type Vector } from "apache-arrow";
import { BatchMemory } from "../src/batches/batch_memory.ts";
import { SpillwayBatch } from "../src/batches/spillway_batch.ts";
import { type BufferSource, type ColumnReader, columnReader } from "./column_reader.ts";
import {
  bufferLength,
  copyFlag,
  dictionaryUpdateLength,
  head,
  headLength,
  nodeLength,
  numberAt,
} from "./descriptor.ts";
import { Dictionaries, type DictionarySource } from "./dictionaries.ts";
import type { Native } from "./native.ts";

/** Makes the batches of one stream: it holds what doesn't change from batch to batch. */
export class BatchReader implements BufferSource {
  readonly schema: Schema;
  readonly #native: Native;
  readonly #type: DataType;
  readonly #columns: readonly ColumnReader[];
  readonly #dictionaries: DictionarySource;

  #descriptor: Float64Array = new Float64Array(headLength);
  #node = 0;
  #buffer = 0;
  #copies = false;
  #buffers: ArrayBuffer[] = [];
  #slots: number[] = [];

  /**
   * @param schema The stream's schema.
   * @param native The library.
   * @param options Where dictionaries are; those that batches bring, by default.
   */
  constructor(
    schema: Schema,
    native: Native,
    { dictionaries = new Dictionaries(schema) }: { dictionaries?: DictionarySource } = {},
  ) {
    this.schema = schema;
    this.#native = native;
    this.#type = new Struct(schema.fields);
    this.#columns = schema.fields.map(({ name, type }) => columnReader(type, name));
    this.#dictionaries = dictionaries;
  }

  /**
   * Makes the batch that a descriptor describes, and takes over its memory.
   *
   * Costs about a microsecond for each buffer; where it copies, the bytes are copied once, and
   * their native memory is given back at once.
   *
   * @param descriptor The descriptor.
   * @param zeroCopy Whether the batch may be views of native memory.
   * @returns The batch.
   */
  read(descriptor: Float64Array, zeroCopy: boolean): SpillwayBatch {
    this.#descriptor = descriptor;
    this.#node = headLength - nodeLength;
    this.#buffer = headLength + nodeLength * numberAt(descriptor, head.nodes);
    this.#copies = !zeroCopy || this.#native.adopt === null ||
      (numberAt(descriptor, head.flags) & copyFlag) !== 0;
    this.#buffers = [];
    this.#slots = [];
    const rows = numberAt(descriptor, head.rows);
    if (this.#dictionaries.any) this.#updateDictionaries();
    const children = this.#columns.map((column) => column(this));
    const batch = new SpillwayBatch({
      schema: this.schema,
      data: new Data(this.#type, 0, rows, 0, undefined, children),
      firstRow: numberAt(descriptor, head.firstRow),
      byteLength: numberAt(descriptor, head.bytes),
      buffers: new BatchMemory(this.#buffers, this.#slots),
      zeroCopy: !this.#copies,
    });
    // Whoever drops the batch drops its buffers: this reader must not hold on to them.
    this.#buffers = [];
    this.#slots = [];
    if (!this.#copies) this.#native.weigh();
    return batch;
  }

  nextNode(): void {
    this.#node += nodeLength;
  }

  get length(): number {
    return numberAt(this.#descriptor, this.#node);
  }

  get nullCount(): number {
    return numberAt(this.#descriptor, this.#node + 1);
  }

  nextBuffer(): ArrayBuffer | null {
    const at = this.#buffer;
    this.#buffer = at + bufferLength;
    const byteLength = numberAt(this.#descriptor, at + 1);
    // Both runtimes refuse to wrap zero bytes.
    if (byteLength === 0) return null;
    const address = numberAt(this.#descriptor, at);
    const slot = numberAt(this.#descriptor, at + 2);
    const adopted = this.#adopt(address, byteLength, slot);
    const buffer = adopted ?? this.#native.copy(address, byteLength, slot);
    this.#buffers.push(buffer);
    this.#slots.push(adopted === undefined ? 0 : slot);
    return buffer;
  }

  #adopt(address: number, byteLength: number, slot: number): ArrayBuffer | undefined {
    if (this.#copies) return undefined;
    const buffer = this.#native.adopt?.(address, byteLength, slot);
    if (buffer === undefined) this.#copies = true;
    return buffer;
  }

  dictionary(id: number): Vector {
    return this.#dictionaries.vector(id);
  }

  /**
   * Dictionaries are always copied: they live as long as the stream, so views of native memory
   * would take their part of the budget for as long, and shrink what is left for batches.
   */
  #updateDictionaries(): void {
    const descriptor = this.#descriptor;
    const count = numberAt(descriptor, head.dictionaryUpdates);
    if (count === 0) return;
    const copy = (at: number): ArrayBuffer => {
      const byteLength = numberAt(descriptor, at + 1);
      if (byteLength === 0) return new ArrayBuffer(0);
      return this.#native.copy(numberAt(descriptor, at), byteLength, numberAt(descriptor, at + 2));
    };
    let at = this.#buffer + bufferLength * numberAt(descriptor, head.buffers);
    for (let update = 0; update < count; update++, at += dictionaryUpdateLength) {
      const id = numberAt(descriptor, at);
      const length = numberAt(descriptor, at + 1);
      this.#dictionaries.append(id, length, copy(at + 2), copy(at + 5));
    }
  }
}
