/**
 * How far a scan has come.
 *
 * @module
 */
import { type Pace, ProgressClock } from "./progress_clock.ts";
import type { ScanCounters } from "./scan_stats.ts";

/**
 * How far a scan has come: what the `progress` option is told.
 *
 * @example
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * let done = 0;
 * const scan = scanParquet("tests/data/readings.parquet", {
 *   progress: ({ fraction }) => done = fraction,
 * });
 * for await (using _ of scan);
 * expect(done).toBe(1);
 * ```
 */
export interface ScanProgress extends Pace {
  /** Rows given so far. */
  rows: number;
  /**
   * Rows that the scan looks at in all: those that it gives, unless a predicate drops some. `null`
   * until all files are open, or the scan ends; of texts, until it ends.
   */
  totalRows: number | null;
  /** Compressed bytes of the files that are done with. */
  bytes: number;
  /** Compressed bytes that the scan reads in all. `null` as long as `totalRows`. */
  totalBytes: number | null;
  /** Files that are done with, or not read at all. */
  files: number;
  /** Files that the scan was asked for. */
  totalFiles: number;
  /** The part that is done, from 0 to 1. */
  fraction: number;
}

/** Tells a callback about the progress: ten times a second at most, and at the end. */
export class ProgressReporter {
  readonly #report: (progress: ScanProgress) => void;
  readonly #clock: ProgressClock;
  readonly #filters: boolean;
  readonly #byBytes: boolean;

  /**
   * @param report The callback.
   * @param now The time in milliseconds.
   * @param options Whether a predicate may drop rows: then it counts how many were looked at.
   * Whether how many rows there are isn't known before they are read, so that bytes count.
   */
  constructor(
    report: (progress: ScanProgress) => void,
    now: number,
    { filters = false, byBytes = false }: { filters?: boolean; byBytes?: boolean } = {},
  ) {
    this.#filters = filters;
    this.#byBytes = byBytes;
    this.#report = report;
    this.#clock = new ProgressClock(now);
  }

  /** Reports after a batch, unless it did a moment ago: then nothing is even counted. */
  batch(counters: () => ScanCounters, now: number): void {
    if (this.#clock.isDue(now)) this.#report(this.#progress(counters(), now));
  }

  /**
   * Reports the end, always. All is done then, also where a limit left rows that nobody looked at and
   * files that nobody opened.
   */
  end(counters: ScanCounters, now: number): void {
    const { totalRows, totalCompressedBytes: totalBytes, totalFiles } = counters;
    const all = { totalRows, totalBytes, files: totalFiles, fraction: 1 };
    this.#report({ ...this.#progress(counters, now), ...all });
  }

  #progress(counters: ScanCounters, now: number): ScanProgress {
    const { rows, compressedBytes, totalFiles, openedFiles, prunedFiles, skippedFiles } = counters;
    // The footer and the page indexes are read too, and aren't part of the total.
    const bytes = Math.min(compressedBytes, counters.totalCompressedBytes);
    const rowsDone = Math.min(this.#filters ? counters.rowsPlanned : rows, counters.totalRows);
    const files = Math.min(counters.doneFiles + prunedFiles + skippedFiles, totalFiles);
    const allOpen = openedFiles + prunedFiles + skippedFiles >= totalFiles;
    const part = this.#byBytes
      ? partOf(bytes, counters.totalCompressedBytes, 0)
      : partOf(rowsDone, counters.totalRows, 1);
    return {
      rows,
      totalRows: allOpen && !this.#byBytes ? counters.totalRows : null,
      bytes,
      totalBytes: allOpen ? counters.totalCompressedBytes : null,
      files,
      totalFiles,
      fraction: allOpen ? part : files / totalFiles,
      ...this.#clock.pace(rows, bytes, now),
    };
  }
}

function partOf(done: number, all: number, ofNothing: number): number {
  return all > 0 ? done / all : ofNothing;
}
