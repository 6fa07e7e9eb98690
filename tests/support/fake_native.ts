/**
 * A stand-in for the native library: batches are described from apache-arrow's own, and memory is
 * JavaScript's, so that what reads descriptors can be tested without a line of Rust.
 *
 * @module
 */
import { type Data, DataType, type RecordBatch } from "apache-arrow";
import { head, headLength } from "../../ffi/descriptor.ts";
import type { Native } from "../../ffi/native.ts";
import type { Calls } from "../../ffi/symbols.ts";

/** A dictionary's gain, to be described along with a batch. */
export interface DictionaryGain {
  id: number;
  values: Data;
}

/** The library's memory, and what was done with it. */
export class FakeNative implements Native {
  /** Buffers that were adopted. */
  adopted = 0;
  /** Buffers that were copied. */
  copied = 0;
  /** How often a weight was shown. */
  weighed = 0;
  /** How often young garbage was collected. */
  collectedYoung = 0;
  /** How often all garbage was collected. */
  collectedAll = 0;
  readonly adopt: Native["adopt"];
  readonly calls: Calls = {} as Calls;
  readonly #memory: Uint8Array[] = [];

  /** @param options Whether the runtime can adopt memory, and after how many buffers it fails to. */
  constructor({ adopts = true, failsAfter = Infinity } = {}) {
    this.adopt = adopts
      ? (address, byteLength) => {
        if (this.adopted >= failsAfter) return undefined;
        this.adopted++;
        return this.#read(address, byteLength);
      }
      : null;
  }

  copy(address: number, byteLength: number): ArrayBuffer {
    this.copied++;
    return this.#read(address, byteLength);
  }

  addressOf(): number {
    throw new Error("Nothing can be lent to a stand-in");
  }

  wait(): Promise<boolean> {
    return Promise.resolve(true);
  }

  waitForSink(): Promise<boolean> {
    return Promise.resolve(true);
  }

  weigh(): void {
    this.weighed++;
  }

  ballast(): ArrayBuffer | null {
    return null;
  }

  collectYoung: () => void = () => void this.collectedYoung++;

  collectAll: () => void = () => void this.collectedAll++;

  /** Describes a batch as the library would. */
  describe(
    batch: RecordBatch,
    { flags = 0, gains = [] }: { flags?: number; gains?: readonly DictionaryGain[] } = {},
  ): Float64Array {
    const nodes: number[] = [];
    const buffers: number[] = [];
    const updates: number[] = [];
    for (const column of batch.data.children) this.#walk(column, nodes, buffers);
    for (const { id, values } of gains) {
      updates.push(id, values.length, ...this.#store(values.valueOffsets));
      updates.push(...this.#store(values.values));
    }
    const numbers = new Float64Array(headLength);
    numbers[head.rows] = batch.numRows;
    numbers[head.nodes] = nodes.length / 2;
    numbers[head.buffers] = buffers.length / 3;
    numbers[head.bytes] = batch.data.byteLength;
    numbers[head.dictionaryUpdates] = gains.length;
    numbers[head.flags] = flags;
    return Float64Array.from([...numbers, ...nodes, ...buffers, ...updates]);
  }

  #walk(data: Data, nodes: number[], buffers: number[]): void {
    const { type } = data;
    nodes.push(data.length, data.nullCount);
    if (DataType.isNull(type)) return;
    buffers.push(...this.#store(data.nullCount > 0 ? data.nullBitmap : undefined));
    const list = DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type);
    if (data.valueOffsets) buffers.push(...this.#store(data.valueOffsets));
    if (!list && data.values) buffers.push(...this.#store(data.values));
    for (const child of data.children) this.#walk(child, nodes, buffers);
  }

  #store(view: ArrayBufferView | undefined): [number, number, number] {
    if (view === undefined || view.byteLength === 0) return [0, 0, 0];
    const { buffer, byteOffset, byteLength } = view;
    this.#memory.push(new Uint8Array(buffer, byteOffset, byteLength));
    return [this.#memory.length, byteLength, this.#memory.length];
  }

  #read(address: number, byteLength: number): ArrayBuffer {
    const bytes = this.#memory[address - 1];
    if (bytes?.byteLength !== byteLength) throw new Error(`Nothing of that size at ${address}`);
    return bytes.slice().buffer;
  }
}
