/**
 * Rows tested in JavaScript, and counted.
 *
 * @module
 */
import type { BatchStage } from "./batch_stage.ts";
import { type ScriptFilter, scriptFilterText } from "./row_filter.ts";
import type { RowGroupFilter } from "../scan/row_group_filters.ts";
import { nothingSpared, nothingTested, type ScanPruning } from "../scan/scan_pruning.ts";
import { scriptStage } from "./script_stage.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Applies a filter to batches, and counts their rows. */
export class ScriptTest {
  /** What tests the rows, for people. */
  readonly text: string;
  readonly #stage: BatchStage;
  #rowsTested = 0;
  #rowsPassed = 0;
  #milliseconds = 0;

  /** @param filter What tests the rows. */
  constructor(filter: ScriptFilter) {
    this.text = `${scriptFilterText(filter)} in JavaScript`;
    this.#stage = scriptStage(filter);
  }

  /** Which row groups hold no row that is wanted, where that can be told. */
  get rowGroups(): RowGroupFilter | undefined {
    return this.#stage.rowGroups;
  }

  /**
   * Tests the rows of a batch.
   *
   * @param batch The batch, which becomes the filter's.
   * @returns Those that pass; `null` where none does.
   */
  async apply(batch: SpillwayBatch): Promise<SpillwayBatch | null> {
    const startedAt = performance.now();
    // A batch that is released has its rows no longer.
    const { numRows } = batch;
    const kept = await this.#stage.apply(batch);
    this.#milliseconds += performance.now() - startedAt;
    this.#rowsTested += numRows;
    this.#rowsPassed += kept?.numRows ?? 0;
    return kept;
  }

  /**
   * What was tested so far, and what the scan spares.
   *
   * @param pruning What the scan says of it.
   */
  pruning(pruning: ScanPruning | null): ScanPruning | null {
    if (pruning === null && this.#rowsTested === 0) return null;
    const rowsTested = this.#rowsTested;
    const rowsPassed = this.#rowsPassed;
    const condition = {
      text: this.text,
      rowsTested,
      rowsPassed,
      milliseconds: this.#milliseconds,
    };
    const filter = { ...nothingTested(), rowsTested, rowsPassed, conditions: [condition] };
    return { ...pruning ?? nothingSpared(), filter };
  }
}
