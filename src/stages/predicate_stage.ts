/**
 * Rows chosen by a predicate of the user's.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import type { PredicatePushdown } from "../expressions/predicate_pushdown.ts";
import { ownBatch } from "../batches/own_batch.ts";
import { scriptFilterText } from "./row_filter.ts";
import type { RowGroupFilter } from "../scan/row_group_filters.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Lets a predicate skip row groups, and gives it the batches of the others. */
export class PredicateStage implements BatchStage {
  readonly step = null;
  /** The schema of what it gives, once a batch has come. */
  schema: Schema | null = null;
  readonly done = false;
  readonly keepsColumns = true;
  readonly #predicate: PredicatePushdown;

  /** @param predicate The predicate. */
  constructor(predicate: PredicatePushdown) {
    this.#predicate = predicate;
  }

  /** Which row groups hold no row that is wanted. */
  get rowGroups(): RowGroupFilter {
    return {
      text: scriptFilterText(this.#predicate),
      skips: (statistics) => this.#predicate.shouldSkipRowGroup(statistics),
    };
  }

  /** What the predicate leaves of a batch. The batch may still be in use by what it gives. */
  async apply(batch: RecordBatch): Promise<SpillwayBatch | null> {
    this.schema = batch.schema;
    const kept = await this.#predicate.apply(batch);
    return kept.numRows === 0 ? null : ownBatch(kept);
  }
}
