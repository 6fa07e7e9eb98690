/**
 * What several scans have done together.
 *
 * @module
 */
import type { ConditionCounts } from "./scan_pruning.ts";
import type { ScanCounters, ScanStats } from "./scan_stats.ts";

const summed = [
  "rows",
  "batches",
  "bytes",
  "queuedBytes",
  "heldBytes",
  "chunksInFlight",
  "decodeMs",
  "rowsPlanned",
  "totalCompressedBytes",
  "compressedBytes",
  "rowGroups",
  "reservedBytes",
  "batchesDecoded",
  "totalRows",
  "copiedBatches",
  "copiedBytes",
  "consumerMs",
  "waitMs",
  "totalFiles",
  "openedFiles",
  "doneFiles",
  "prunedFiles",
  "skippedFiles",
  "skippedRecords",
  "nulledValues",
] as const satisfies readonly (keyof ScanStats)[];

/** The first batch of all is the first scan's; the rest is as of the scan that ran last. */
const ofFirst = "firstBatchMs" satisfies keyof ScanCounters;

/**
 * Adds up what scans have done that ran one after the other.
 *
 * @param parts What each has done, one at least, in order.
 */
export function sumOfStats(parts: readonly ScanStats[]): ScanStats {
  const [first, ...rest] = parts;
  return rest.reduce((sum, part) => {
    const result = { ...part, peakBytes: Math.max(sum.peakBytes, part.peakBytes) };
    for (const key of summed) result[key] = sum[key] + part[key];
    result[ofFirst] = sum[ofFirst];
    result.files = [...sum.files, ...part.files];
    result.pruning = sum.pruning && part.pruning
      ? added(sum.pruning, part.pruning)
      : sum.pruning ?? part.pruning;
    result.decisions = [...sum.decisions, ...part.decisions].slice(-256);
    result.warnings = [...new Set([...sum.warnings, ...part.warnings])];
    return result;
  }, first!);
}

/** Adds the numbers in two values of one shape; the conditions of a list are matched by their text. */
function added<Value>(a: Value, b: Value): Value;
function added(a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return addedConditions(a, b);
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return b;
  const other: Readonly<Record<string, unknown>> = { ...b };
  return Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, added(value, other[key])]),
  );
}

function addedConditions(
  a: readonly ConditionCounts[],
  b: readonly ConditionCounts[],
): ConditionCounts[] {
  return b.map((condition) => {
    const before = a.find(({ text }) => text === condition.text);
    return before === undefined ? condition : added(before, condition);
  });
}
