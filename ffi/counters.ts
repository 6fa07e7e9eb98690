/**
 * The layout of `spw_scan_stats`.
 *
 * @module
 */
import type { ScanCounters } from "../src/scan/scan_stats.ts";

const names: readonly (keyof ScanCounters)[] = [
  "rows",
  "batches",
  "bytes",
  "queuedBytes",
  "heldBytes",
  "peakBytes",
  "limitBytes",
  "chunksInFlight",
  "decodeMs",
  "rowsPlanned",
  "totalCompressedBytes",
  "compressedBytes",
  "rowGroups",
  "reservedBytes",
  "firstBatchMs",
  "threads",
  "batchesDecoded",
  "idlePoolBytes",
  "totalRows",
  "totalFiles",
  "openedFiles",
  "doneFiles",
  "prunedFiles",
  "skippedFiles",
  "skippedRecords",
  "nulledValues",
];

/** How many numbers there are. */
export const counterCount = names.length;

/** Where the bytes that the consumer holds are: they are looked at alone, and often. */
export const heldBytesIndex = names.indexOf("heldBytes");

/** Names the numbers. */
export function namedCounters(numbers: Float64Array): ScanCounters {
  const counters = Object.fromEntries(names.map((name, index) => [name, numbers[index] ?? 0]));
  return counters as Record<keyof ScanCounters, number>;
}

/** The counters of a scan that hasn't begun. */
export function noCounters(): ScanCounters {
  return namedCounters(new Float64Array(counterCount));
}
