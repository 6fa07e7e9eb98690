/**
 * Shows each batch to a function.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { ownBatch } from "../batches/own_batch.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Calls a function, and gives the batch once it is done with it. */
export class TapStage implements BatchStage {
  readonly step = null;
  readonly done = false;
  readonly keepsColumns = true;
  /** The schema of what it gives, once a batch has come. */
  schema: Schema | null = null;
  readonly #fn: (batch: SpillwayBatch, index: number) => unknown;
  #index = 0;

  /** @param fn The function. */
  constructor(fn: (batch: SpillwayBatch, index: number) => unknown) {
    this.#fn = fn;
  }

  /** The batch, as it came. */
  async apply(batch: RecordBatch): Promise<SpillwayBatch> {
    this.schema = batch.schema;
    const own = ownBatch(batch);
    await this.#fn(own, this.#index++);
    return own;
  }
}
