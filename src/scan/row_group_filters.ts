/**
 * Row groups that predicates of the program's own leave out.
 *
 * @module
 */
import { readFile } from "../../ffi/scan.ts";
import {
  RowGroupStatistics,
  type RowGroupSurroundings,
} from "../expressions/row_group_statistics.ts";
import { constantValue, type FileRequest } from "../find/dataset_files.ts";
import type { FileMetadata, RowGroupMetadata } from "./file_metadata.ts";
import type { CheckedLimits } from "./read_limits.ts";
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

/** A file's row groups, and where to note those that are left out. */
interface Examined {
  readonly rowGroups: readonly RowGroupMetadata[];
  readonly columns: readonly string[] | null;
  readonly surroundings: RowGroupSurroundings;
  readonly skipped: Map<string, SkippedRowGroup>;
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
  /** By the file's index and the row group's. */
  #skipped: ReadonlyMap<string, SkippedRowGroup> = new Map();

  /** Lets another predicate leave out row groups. */
  add(filter: RowGroupFilter): void {
    this.#filters.push(filter);
  }

  /**
   * The files with the row groups to read. Their footers are read for it, if there are predicates.
   *
   * @param files What would be read without them.
   * @param read The columns that are read, `null` for all, whether a file may lack some, and the
   * most that one may ask for.
   * @returns The same files; one that can't be read is left as it is, for the scan to say so.
   */
  wanted(
    files: readonly FileRequest[],
    { columns, missingAreNull, limits }: {
      readonly columns: readonly string[] | null;
      readonly missingAreNull: boolean;
      readonly limits: CheckedLimits;
    },
  ): readonly FileRequest[] {
    if (this.#filters.length === 0) return files;
    const skipped = new Map<string, SkippedRowGroup>();
    this.#skipped = skipped;
    return files.map((file, index) => {
      let rowGroups;
      try {
        ({ rowGroups } = readFile(file.path, limits).facts as FileMetadata);
      } catch (error) {
        if (files.length === 1) throw error;
        return file;
      }
      const constants = new Map(file.constants.map((each) => [each.name, constantValue(each)]));
      const surroundings = { constants, missingAreNull };
      const examined = { rowGroups, columns, surroundings, skipped };
      return { ...file, rowGroups: this.#rowGroups(file, index, examined) };
    });
  }

  #rowGroups(
    { rowGroups }: FileRequest,
    file: number,
    { rowGroups: all, columns, surroundings, skipped }: Examined,
  ): readonly number[] {
    for (const rowGroup of all) {
      if (rowGroups !== null && !rowGroups.includes(rowGroup.index)) continue;
      const statistics = new RowGroupStatistics(rowGroup, surroundings);
      const filter = this.#filters.find((filter) => filter.skips(statistics));
      if (filter === undefined) continue;
      skipped.set(`${file}:${rowGroup.index}`, {
        rows: rowGroup.numRows,
        compressedBytes: compressedBytes(rowGroup, columns),
        because: `${filter.text} skips it`,
      });
    }
    const asked = rowGroups ?? all.map(({ index }) => index);
    return asked.filter((index) => !skipped.has(`${file}:${index}`));
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
    const skipped = this.#skipped.get(`${rowGroup.file}:${rowGroup.index}`);
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
