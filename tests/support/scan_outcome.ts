import { type ScanOptions, scanParquet } from "spillway";

/** How reading a whole file ended. */
export interface ScanOutcome {
  /** The rows that came before the end, or before the error. */
  readonly rows: number;
  /** The error that ended it, or `null`. */
  readonly error: unknown;
}

/** Reads all batches of a file, releasing each, and tells how that ended. Never throws. */
export async function scanOutcome(path: string, options: ScanOptions = {}): Promise<ScanOutcome> {
  let rows = 0;
  try {
    for await (using batch of scanParquet(path, options)) rows += batch.numRows;
    return { rows, error: null };
  } catch (error) {
    return { rows, error };
  }
}
