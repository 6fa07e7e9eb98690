/**
 * Rows counted off, batch by batch.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { ownBatch } from "../batches/own_batch.ts";
import { allRows, sliced } from "./row_slice.ts";
import { RowWindow } from "./row_window.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import type { SliceStep } from "./step.ts";

/** Skips or takes rows. */
export class SliceStage implements BatchStage {
  readonly step: SliceStep;
  readonly keepsColumns = true;
  /** The schema of what it gives, once a batch has come. */
  schema: Schema | null = null;
  readonly #window: RowWindow;

  /** @param step What is skipped or taken. */
  constructor(step: SliceStep) {
    this.step = step;
    this.#window = new RowWindow(sliced(allRows, step));
  }

  /** Whether all rows that are wanted were given. */
  get done(): boolean {
    return this.#window.done;
  }

  /** The rows of the batch that are wanted. */
  apply(batch: RecordBatch): SpillwayBatch | null {
    this.schema = batch.schema;
    return this.#window.take(ownBatch(batch));
  }
}
