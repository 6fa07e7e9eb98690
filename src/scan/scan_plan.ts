/**
 * What a scan is going to read.
 *
 * @module
 */
import { planText } from "./plan_text.ts";
import type { PlannedPruning } from "./scan_pruning.ts";

/** A half-open range of rows. */
export interface RowRange {
  /** The first. */
  start: number;
  /** The one after the last. */
  end: number;
}

/** What of a row group is read. */
export interface PlannedRowGroup {
  /** The index of its file in the scan. */
  file: number;
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
  /** Whether batches need it; else it is read for the predicate alone. */
  given: boolean;
  /** Its compressed bytes. */
  compressedBytes: number;
  /** Its decoded bytes, as estimated from the metadata. */
  estimatedBytes: number;
}

/** What of a file is read. */
export interface PlannedFile {
  /** Its path. */
  path: string;
  /** The rows that are read of it; `null` where only reading tells. */
  rows: number | null;
  /** How many of its row groups something is read of. */
  rowGroups: number;
  /** The compressed bytes that are read. */
  compressedBytes: number;
  /** The decoded bytes, as estimated from the metadata. */
  estimatedBytes: number;
  /** Why nothing of it is read, or `null` where something is. */
  skipped: string | null;
}

/** The data of a {@linkcode ScanPlan}. */
export interface ScanPlanData {
  /** The first file that was opened. */
  path: string;
  /** All files, in order. */
  files: readonly PlannedFile[];
  /** How its bytes are read. */
  io: "mmap" | "read";
  /** The columns that are read, in order. */
  columns: readonly string[];
  /** The columns of the batches, in order. */
  outputs: readonly string[];
  /** The columns that the predicate needs. */
  tested: readonly string[];
  /** What the transforms do that the scan has taken over, in their order. */
  steps: readonly string[];
  /** The rows that are read, counted over the row groups that are. */
  rowRange: RowRange;
  /**
   * The number of rows; with a predicate, of those that are looked at. `null` where only reading
   * tells: of texts.
   */
  rows: number | null;
  /** Every row group of the files that were opened, read or skipped. */
  rowGroups: readonly PlannedRowGroup[];
  /** The ranges of rows that are decoded independently. */
  segments: readonly PlannedSegment[];
  /** How many segments are decoded at once. */
  activeSegments: number;
  /** The columns, each decoded by itself. */
  lanes: readonly PlannedLane[];
  /** The predicate that rows are tested by, or `null` where there is none. */
  filter: string | null;
  /** What of the rows the predicate leaves out by metadata, or `null` where there is none. */
  pruning: PlannedPruning | null;
  /** The compressed bytes that are read. */
  compressedBytes: number;
  /** The decoded bytes of the whole result, as estimated from the metadata. */
  estimatedBytes: number;
  /** The most decoded bytes that may exist at once. */
  memoryLimitBytes: number;
  /** Threads that decode, shared by all scans. */
  threads: number;
}

/** The plan of a scan of no file. */
export function nothingPlanned(): Omit<ScanPlanData, "steps"> {
  return {
    path: "",
    files: [],
    io: "mmap",
    columns: [],
    outputs: [],
    tested: [],
    rowRange: { start: 0, end: 0 },
    rows: 0,
    rowGroups: [],
    segments: [],
    activeSegments: 0,
    lanes: [],
    filter: null,
    pruning: null,
    compressedBytes: 0,
    estimatedBytes: 0,
    memoryLimitBytes: 0,
    threads: 0,
  };
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
  declare readonly files: readonly PlannedFile[];
  declare readonly io: "mmap" | "read";
  declare readonly columns: readonly string[];
  declare readonly outputs: readonly string[];
  declare readonly tested: readonly string[];
  declare readonly steps: readonly string[];
  declare readonly rowRange: RowRange;
  declare readonly rows: number | null;
  declare readonly rowGroups: readonly PlannedRowGroup[];
  declare readonly segments: readonly PlannedSegment[];
  declare readonly activeSegments: number;
  declare readonly lanes: readonly PlannedLane[];
  declare readonly filter: string | null;
  declare readonly pruning: PlannedPruning | null;
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
    return planText(this);
  }
}
