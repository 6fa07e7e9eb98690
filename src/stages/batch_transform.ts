/**
 * A transform of batches that a scan can take over.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { type Fusable, fusion } from "./fusion.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import { TransformSource } from "./transform_source.ts";

/**
 * A transform of record batches, as {@linkcode where} and its kin make them: a `TransformStream`'s
 * two sides, which work in any pipeline.
 *
 * Given to {@linkcode RecordBatchStream.pipeThrough} on a scan that hasn't been read, it becomes
 * part of the scan's plan, and never sees a batch. Everywhere else it works batch by batch.
 *
 * @example
 * ```ts
 * import { limit, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const first = scanParquet("tests/data/readings.parquet").pipeThrough(limit(3));
 * expect((await first.collect()).numRows).toBe(3);
 * ```
 */
export class BatchTransform implements ReadableWritablePair<SpillwayBatch, RecordBatch> {
  readonly #source: TransformSource;
  /** The transformed batches. */
  readonly readable: RecordBatchStream;
  /** @ignore For the stream that may take the step over. */
  readonly [fusion]: Fusable;

  /** @ignore Transforms are made by functions. */
  constructor(stage: BatchStage) {
    const source = new TransformSource(stage);
    const readable = new RecordBatchStream(source);
    this.#source = source;
    this.readable = readable;
    this[fusion] = {
      stage,
      get unused() {
        return !source.used && !readable.locked;
      },
      adopt: (scan, lock) => source.adopt(scan, lock),
      follow: (schema) => source.follow(schema),
    };
  }

  /** Takes the batches. */
  get writable(): WritableStream<RecordBatch> {
    return this.#source.writable;
  }
}
