/**
 * A step that is done natively, batch by batch.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { NativeTransform } from "../../ffi/transform.ts";
import type { BatchStage } from "./batch_stage.ts";
import { ownBatch } from "../batches/own_batch.ts";
import { SpillwayBatch } from "../batches/spillway_batch.ts";
import type { RowStep } from "./step.ts";

/** Lends each batch to the native side, which gives a batch of its own back. */
export class NativeStage implements BatchStage {
  readonly step: RowStep;
  readonly done = false;
  #transform: NativeTransform | null = null;
  #schema: Schema | null = null;

  /** @param step What is done. */
  constructor(step: RowStep) {
    this.step = step;
  }

  /** Whether it only leaves out rows. */
  get keepsColumns(): boolean {
    return "where" in this.step;
  }

  /** The schema of what it gives, once a batch has come. */
  get schema(): Schema | null {
    return this.#schema;
  }

  /** Does the step, on this thread: the batch is lent for that time. */
  apply(batch: RecordBatch): SpillwayBatch | null {
    this.#transform ??= new NativeTransform([this.step], batch.schema);
    this.#schema = this.#transform.schema;
    const result = this.#transform.apply(batch);
    if (result === batch) return ownBatch(batch);
    if (batch instanceof SpillwayBatch) batch.giveUp();
    return result === null ? null : ownBatch(result);
  }

  /** Frees what the native side keeps for the step. */
  close(): void {
    this.#transform?.close();
    this.#transform = null;
  }
}
