/**
 * Row groups that predicates of the program's own leave out.
 *
 * @module
 */
import { readFile } from "../ffi/scan.ts";
import { RowGroupStatistics } from "./expressions/row_group_statistics.ts";
import type { FileMetadata, RowGroupMetadata } from "./file_metadata.ts";
import type { PlannedRowGroup, ScanPlanData } from "./scan_plan.ts";
import {
  nothingSpared,
  nothingTested,
  type PlannedPruning,
  type ScanPruning,
} from "./scan_pruning.ts";

/** Tells of row groups whether they can be left out. */
export interface RowGroupFilter {
  /** What tells it, for people. */
  readonly text: string;
  /** Whether no row of a row group is wanted. */
  skips(statistics: RowGroupStatistics): boolean;
}

/** What of a file is asked for. */
interface AskedRowGroups {
  readonly path: string;
  readonly rowGroups: readonly number[] | null;
  readonly columns: readonly string[] | null;
}

/** A row group that is left out. */
interface SkippedRowGroup {
  readonly rows: number;
  /** Of the columns that would be read. */
  readonly compressedBytes: number;
  readonly because: string;
}

/** Leaves out the row groups that one of some predicates skips, and says what that spares. */
export class RowGroupFilters {
  readonly #filters: RowGroupFilter[] = [];
  #skipped: ReadonlyMap<number, SkippedRowGroup> = new Map();

  /** Lets another predicate leave out row groups. */
  add(filter: RowGroupFilter): void {
    this.#filters.push(filter);
  }

  /**
   * The row groups to read. The footer is read for it, if there are predicates.
   *
   * @param asked What would be read without them.
   * @returns Their indices; `null` for all.
   */
  wanted({ path, rowGroups, columns }: AskedRowGroups): readonly number[] | null {
    if (this.#filters.length === 0) return rowGroups;
    const all = (readFile(path).facts as FileMetadata).rowGroups;
    const skipped = new Map<number, SkippedRowGroup>();
    for (const rowGroup of all) {
      if (rowGroups !== null && !rowGroups.includes(rowGroup.index)) continue;
      const statistics = new RowGroupStatistics(rowGroup);
      const filter = this.#filters.find((filter) => filter.skips(statistics));
      if (filter === undefined) continue;
      skipped.set(rowGroup.index, {
        rows: rowGroup.numRows,
        compressedBytes: compressedBytes(rowGroup, columns),
        because: `${filter.text} skips it`,
      });
    }
    this.#skipped = skipped;
    return (rowGroups ?? all.map(({ index }) => index)).filter((index) => !skipped.has(index));
  }

  /** A plan that says which row groups are left out, and why. */
  plan(plan: ScanPlanData): ScanPlanData {
    if (this.#filters.length === 0) return plan;
    return {
      ...plan,
      rowGroups: plan.rowGroups.map((rowGroup) => this.#planned(rowGroup)),
      pruning: this.#added(plan.pruning ?? nothingSpared()),
    };
  }

  /** Counts of what is spared, with what is left out here. */
  pruning(pruning: ScanPruning | null): ScanPruning | null {
    if (this.#filters.length === 0) return pruning;
    return this.#added(pruning ?? { ...nothingSpared(), filter: nothingTested() });
  }

  /** Statistics are what predicates decide by. */
  #added<Pruning extends PlannedPruning>(pruning: Pruning): Pruning {
    const statistics = { ...pruning.statistics };
    for (const { rows, compressedBytes } of this.#skipped.values()) {
      statistics.rowGroups++;
      statistics.rows += rows;
      statistics.compressedBytes += compressedBytes;
    }
    return { ...pruning, statistics };
  }

  #planned(rowGroup: PlannedRowGroup): PlannedRowGroup {
    const skipped = this.#skipped.get(rowGroup.index);
    if (skipped === undefined) return rowGroup;
    const { because, rows } = skipped;
    return {
      ...rowGroup,
      skipped: because,
      pruned: {
        keep: [],
        allMatch: false,
        skippedBy: "statistics",
        because,
        pagesSkipped: 0,
        pages: 0,
        rowsSkipped: rows,
      },
    };
  }
}

function compressedBytes(
  { columns }: RowGroupMetadata,
  names: readonly string[] | null,
): number {
  const isRead = (path: string) =>
    names === null || names.some((name) => path === name || path.startsWith(`${name}.`));
  return columns.reduce(
    (sum, { path, compressedSize }) => sum + (isRead(path) ? compressedSize : 0),
    0,
  );
}
