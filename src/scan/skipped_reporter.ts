/**
 * Tells of files that are left out.
 *
 * @module
 */
import { type FileStats, type SkippedFile, skippedFiles } from "./file_stats.ts";

/** What a scan knows of its files. */
export interface FileCounts {
  /** Cheap numbers. */
  counters(): { readonly skippedFiles: number };
  /** All files so far, which costs more. */
  files(): readonly FileStats[];
}

/** Tells a callback of each file that a scan leaves out, once. */
export class SkippedReporter {
  readonly #report: (file: SkippedFile) => void;
  /** How often each path was told of: it may be named several times. */
  readonly #told = new Map<string, number>();
  #count = 0;

  /** @param report The callback. */
  constructor(report: (file: SkippedFile) => void) {
    this.#report = report;
  }

  /**
   * Tells of the files that were left out since the last time. They are in the scan's order, in which
   * one that breaks off may come before others that were left out earlier.
   *
   * @param scan The scan.
   */
  tell(scan: FileCounts): void {
    if (scan.counters().skippedFiles === this.#count) return;
    const seen = new Map<string, number>();
    for (const file of skippedFiles(scan.files())) {
      const times = (seen.get(file.path) ?? 0) + 1;
      seen.set(file.path, times);
      if (times <= (this.#told.get(file.path) ?? 0)) continue;
      this.#told.set(file.path, times);
      this.#count++;
      this.#report(file);
    }
  }
}
