/**
 * What became of each file of a scan.
 *
 * @module
 */
import { errorFromReport, type NativeErrorReport } from "../error_codes.ts";

/** What became of one file of a scan so far. */
export interface FileStats {
  /** Its path. */
  path: string;
  /**
   * `"open"` while it is read or will be, `"done"` when all that is wanted of it was given,
   * `"pruned"` where a predicate rules it out by its folders, so that it isn't read, and
   * `"skipped"` where it can't be read and `onFileError` says to leave it out.
   */
  state: "done" | "open" | "pruned" | "skipped";
  /** Rows given of it. */
  rows: number;
  /** Batches given of it. */
  batches: number;
  /** Decoded bytes given of it. */
  bytes: number;
  /** Compressed bytes that were read of it. */
  compressedBytesRead: number;
  /** Why it was skipped, or `null`. */
  error: Error | null;
}

/** A file that was left out. */
export interface SkippedFile {
  /** Its path. */
  path: string;
  /** Why it can't be read. */
  error: Error;
}

/** A file's numbers as the native library tells them. */
export interface FileReport extends Omit<FileStats, "error"> {
  error: NativeErrorReport | null;
}

/** The numbers of files, from the native library's reports. */
export function fileStats(reports: readonly FileReport[]): FileStats[] {
  return reports.map((report) => ({
    ...report,
    error: report.error && errorFromReport(report.error),
  }));
}

/** The files that were left out. */
export function skippedFiles(files: readonly FileStats[]): SkippedFile[] {
  return files.flatMap(({ path, state, error }) =>
    state === "skipped" && error !== null ? [{ path, error }] : []
  );
}
