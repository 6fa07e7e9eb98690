/**
 * Counts the batches that go through.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { ownBatch } from "../batches/own_batch.ts";
import type { StreamProgress } from "../scan/progress.ts";
import { ProgressClock } from "../scan/progress_clock.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Counts batches, and tells a function now and then. */
export class ProgressStage implements BatchStage {
  readonly step = null;
  readonly done = false;
  readonly keepsColumns = true;
  /** The schema of what it gives, once a batch has come. */
  schema: Schema | null = null;
  readonly #report: (progress: StreamProgress) => unknown;
  readonly #intervalMs: number | undefined;
  #clock: ProgressClock | null = null;
  #rows = 0;
  #batches = 0;
  #bytes = 0;

  /**
   * @param report The function.
   * @param intervalMs The least time between two reports.
   */
  constructor(report: (progress: StreamProgress) => unknown, intervalMs: number | undefined) {
    this.#report = report;
    this.#intervalMs = intervalMs;
  }

  /** The clock runs from the first pull. */
  begin(): void {
    this.#clock = new ProgressClock(performance.now(), this.#intervalMs);
  }

  /** The batch, as it came. */
  apply(batch: RecordBatch): SpillwayBatch {
    this.schema = batch.schema;
    const own = ownBatch(batch);
    this.#rows += own.numRows;
    this.#bytes += own.byteLength;
    this.#batches++;
    const now = performance.now();
    if (this.#clock?.isDue(now)) this.#tell(now, false);
    return own;
  }

  /** The last report. */
  close(): void {
    this.#tell(performance.now(), true);
  }

  #tell(now: number, done: boolean): void {
    const [rows, batches, bytes] = [this.#rows, this.#batches, this.#bytes];
    const clock = this.#clock ?? new ProgressClock(now);
    this.#report({ rows, batches, bytes, ...clock.pace(rows, bytes, now), done });
  }
}
