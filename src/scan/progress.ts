/**
 * The progress of a stream.
 *
 * @module
 */
import { BatchTransform } from "../stages/batch_transform.ts";
import type { Pace } from "./progress_clock.ts";
import { ProgressStage } from "../stages/progress_stage.ts";

/** How far a stream has come: what {@linkcode progress} tells. */
export interface StreamProgress extends Pace {
  /** Rows that went through so far. */
  rows: number;
  /** Batches that went through so far. */
  batches: number;
  /** Bytes of memory that these batches had. */
  bytes: number;
  /** Whether this is the last report: no batch follows. */
  done: boolean;
}

/** What {@linkcode progress} may be told. */
export interface ProgressOptions {
  /**
   * The least time between two reports in milliseconds; 0 for a report after every batch.
   *
   * @default {100}
   */
  intervalMs?: number | undefined;
}

/**
 * Tells how many rows, batches and bytes go through, and how fast: after a batch if none was told
 * for a while, and once more at the end, however the stream ends.
 *
 * It works on batches from anywhere, and counts what comes to its place. The option `progress` of
 * {@linkcode scanParquet} knows also how much there is in all.
 *
 * @param fn Called with the numbers. What it throws ends the stream.
 * @param options How often it is called.
 * @returns The transform.
 * @throws {TypeError} Where the first argument is no function.
 * @throws {RangeError} Where the interval is negative or no number.
 *
 * @example
 * ```ts
 * import { progress, scanParquet, type StreamProgress } from "spillway";
 * import { expect } from "@std/expect";
 *
 * let last: StreamProgress | undefined;
 * const scan = scanParquet("tests/data/readings.parquet", { batchSize: 500 })
 *   .pipeThrough(progress((now) => last = now));
 * for await (using _ of scan);
 * expect(last).toMatchObject({ rows: 2_000, batches: 4, done: true });
 * ```
 */
export function progress(
  fn: (progress: StreamProgress) => unknown,
  { intervalMs }: ProgressOptions = {},
): BatchTransform {
  if (typeof fn !== "function") {
    throw new TypeError("progress needs a function, to be told the numbers");
  }
  if (intervalMs !== undefined && !(intervalMs >= 0)) {
    throw new RangeError(`intervalMs must be a number of milliseconds from 0, not ${intervalMs}`);
  }
  return new BatchTransform(new ProgressStage(fn, intervalMs));
}
