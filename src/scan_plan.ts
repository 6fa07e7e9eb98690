/**
 * What a scan is going to read.
 *
 * @module
 */
import { formatBytes } from "./parse_bytes.ts";

/** A half-open range of rows. */
export interface RowRange {
  /** The first. */
  start: number;
  /** The one after the last. */
  end: number;
}

/** What of a row group is read. */
export interface PlannedRowGroup {
  /** Its index in the file. */
  index: number;
  /** The rows that are read, counted within the row group. */
  rows: RowRange;
  /** How many of them are read: fewer where pages in between can't hold what a predicate wants. */
  rowsRead: number;
  /** What a predicate's metadata decided, or `null` where there is no predicate. */
  pruned: PrunedRowGroup | null;
  /** The compressed bytes of the columns that are read. */
  compressedBytes: number;
  /** The decoded bytes of the rows that are read, as estimated from the metadata. */
  estimatedBytes: number;
  /** Why nothing of it is read, or `null` where something is. */
  skipped: string | null;
}

/** What metadata tells of a predicate and a row group. */
export interface PrunedRowGroup {
  /** The rows that may pass, counted within the row group. */
  keep: readonly RowRange[];
  /** Whether all of them are known to pass, so that none is tested. */
  allMatch: boolean;
  /** What told that none can pass, or `null` where some may. */
  skippedBy: "statistics" | "bloomFilter" | "dictionary" | "pageIndex" | null;
  /** Why none can pass, or `null`. */
  because: string | null;
  /** Pages of the predicate's columns that hold none of the kept rows. */
  pagesSkipped: number;
  /** Pages of the predicate's columns that were looked at in the page index. */
  pages: number;
  /** Rows that can't pass. */
  rowsSkipped: number;
}

/** Rows that are decoded independently of the others. */
export interface PlannedSegment {
  /** The rows, counted within the scan. */
  rows: RowRange;
  /** The row groups that they lie in. */
  rowGroups: readonly number[];
}

/** What a column costs. */
export interface PlannedLane {
  /** The column's name. */
  column: string;
  /** Its compressed bytes. */
  compressedBytes: number;
  /** Its decoded bytes, as estimated from the metadata. */
  estimatedBytes: number;
}

/** The data of a {@linkcode ScanPlan}. */
export interface ScanPlanData {
  /** The file. */
  path: string;
  /** How its bytes are read. */
  io: "mmap" | "read";
  /** The columns that are read, in order. */
  columns: readonly string[];
  /** The rows that are read, counted over the row groups that are. */
  rowRange: RowRange;
  /** The number of rows. */
  rows: number;
  /** Every row group of the file, read or skipped. */
  rowGroups: readonly PlannedRowGroup[];
  /** The ranges of rows that are decoded independently. */
  segments: readonly PlannedSegment[];
  /** How many segments are decoded at once. */
  activeSegments: number;
  /** The columns, each decoded by itself. */
  lanes: readonly PlannedLane[];
  /** The predicate that rows are tested by, or `null` where there is none. */
  filter: string | null;
  /** The compressed bytes that are read. */
  compressedBytes: number;
  /** The decoded bytes of the whole result, as estimated from the metadata. */
  estimatedBytes: number;
  /** The most decoded bytes that may exist at once. */
  memoryLimitBytes: number;
  /** Threads that decode, shared by all scans. */
  threads: number;
}

/**
 * What a scan is going to read, and what that needs: {@linkcode RecordBatchStream.explain}.
 *
 * @example
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet", { columns: ["celsius"], limit: 700 });
 * const plan = await scan.explain();
 * expect(plan.rows).toBe(700);
 * expect(plan.rowGroups.map(({ skipped }) => skipped === null)).toEqual([true, true, false, false]);
 * expect(String(plan)).toContain("celsius");
 * await scan.cancel();
 * ```
 */
export class ScanPlan implements ScanPlanData {
  declare readonly path: string;
  declare readonly io: "mmap" | "read";
  declare readonly columns: readonly string[];
  declare readonly rowRange: RowRange;
  declare readonly rows: number;
  declare readonly rowGroups: readonly PlannedRowGroup[];
  declare readonly segments: readonly PlannedSegment[];
  declare readonly activeSegments: number;
  declare readonly lanes: readonly PlannedLane[];
  declare readonly filter: string | null;
  declare readonly compressedBytes: number;
  declare readonly estimatedBytes: number;
  declare readonly memoryLimitBytes: number;
  declare readonly threads: number;

  /**
   * Wraps the data of a plan.
   *
   * @param data The plan.
   */
  constructor(data: ScanPlanData) {
    Object.assign(this, data);
  }

  /** The plan as text for people, of a few lines. */
  toString(): string {
    const read = this.rowGroups.filter(({ skipped }) => skipped === null);
    const width = Math.max(...this.lanes.map(({ column }) => column.length), 0);
    return [
      `Scan of ${this.path} (${this.io})`,
      `  rows        ${count(this.rows)}, in ${read.length} of ${this.rowGroups.length} row groups`,
      `  bytes       ${formatBytes(this.compressedBytes)} compressed, about ` +
      `${formatBytes(this.estimatedBytes)} decoded`,
      `  memory      ${formatBytes(this.memoryLimitBytes)} at most`,
      `  parallel    ${this.activeSegments} of ${this.segments.length} segments at once, ` +
      `${this.lanes.length} columns, ${this.threads} threads`,
      ...this.lanes.map(({ column, compressedBytes, estimatedBytes }) =>
        `  column      ${column.padEnd(width)}  ${
          formatBytes(compressedBytes)
        } compressed, about ` +
        `${formatBytes(estimatedBytes)} decoded`
      ),
      ...this.#skipped(),
    ].join("\n");
  }

  #skipped(): string[] {
    const reasons = new Map<string, number>();
    for (const { skipped } of this.rowGroups) {
      if (skipped !== null) reasons.set(skipped, (reasons.get(skipped) ?? 0) + 1);
    }
    return [...reasons].map(([reason, groups]) => `  skipped     ${groups} row groups: ${reason}`);
  }
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
