/**
 * Rows chosen by a function of the batch.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { ownBatch } from "../batches/own_batch.ts";
import type { RowMask } from "./row_filter.ts";
import { selectRows } from "./select_rows.ts";
import { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Asks a function for each batch's mask. */
export class MaskStage implements BatchStage {
  readonly step = null;
  /** The schema of what it gives, once a batch has come. */
  schema: Schema | null = null;
  readonly done = false;
  readonly keepsColumns = true;
  readonly #mask: (batch: RecordBatch) => RowMask;

  /** @param mask The function. */
  constructor(mask: (batch: RecordBatch) => RowMask) {
    this.#mask = mask;
  }

  /** The rows that stay, copied unless all do. */
  apply(batch: RecordBatch): SpillwayBatch | null {
    this.schema = batch.schema;
    const kept = selectRows(batch, this.#mask(batch));
    if (kept === batch) return ownBatch(batch);
    if (batch instanceof SpillwayBatch) batch.giveUp();
    return kept.numRows === 0 ? null : ownBatch(kept);
  }
}
