/**
 * The steps that a scan has taken over from the transforms behind it.
 *
 * @module
 */
import { allRows, type RowSlice, sliced } from "../stages/row_slice.ts";
import type { PlannedRowGroup } from "./scan_plan.ts";
import { isSlice, type RowStep, type Step } from "../stages/step.ts";

/**
 * The steps that a scan does itself, in the order that the native side does them: rows of the file
 * are chosen by number, tested and computed, and chosen by number again.
 *
 * Selecting, renaming and computing columns neither adds nor drops rows, so that it may move in
 * front of a limit. A predicate may not: behind a limit it stays a transform of its own.
 */
export class ScanSteps {
  /** The rows that are looked at. */
  readonly before: RowSlice;
  /** What is done to each. */
  readonly rows: readonly RowStep[];
  /** The rows that are given, of those that pass; `null` where no predicate comes before. */
  readonly after: RowSlice | null;
  /** The steps as they were taken over, in their order. */
  readonly taken: readonly Step[];

  /**
   * @param before The rows that are looked at.
   * @param rows What is done to each.
   * @param after The rows that are given, of those that pass.
   * @param taken The steps that this comes of.
   */
  constructor(
    before: RowSlice = allRows,
    rows: readonly RowStep[] = [],
    after: RowSlice | null = null,
    taken: readonly Step[] = [],
  ) {
    this.before = before;
    this.rows = rows;
    this.after = after;
    this.taken = taken;
  }

  /** Whether rows are tested. */
  get filters(): boolean {
    return this.rows.some((step) => "where" in step);
  }

  /**
   * These steps and one more.
   *
   * @returns The steps; `null` where the scan can't do it, since it would change which rows come.
   */
  and(step: Step): ScanSteps | null {
    const taken = [...this.taken, step];
    if (!isSlice(step)) {
      if ("where" in step && this.after !== null) return null;
      return new ScanSteps(this.before, [...this.rows, step], this.after, taken);
    }
    if (!this.filters) return new ScanSteps(sliced(this.before, step), this.rows, null, taken);
    return new ScanSteps(this.before, this.rows, sliced(this.after ?? allRows, step), taken);
  }

  /**
   * The column of the file that a column is, unchanged.
   *
   * @returns Its name; `null` where it is computed, or where which rows of a row group come depends
   * on others before it.
   */
  fileColumn(column: string): string | null {
    const counts = this.before.offset > 0 || this.before.limit !== null;
    if (this.after !== null || this.filters && counts) return null;
    let name = column;
    for (const step of this.rows.toReversed()) {
      if ("rename" in step) {
        name = step.rename.find(([, to]) => to === name)?.[0] ?? name;
      } else if ("withColumns" in step) {
        const value = step.withColumns.find(([added]) => added === name)?.[1];
        if (value === undefined) continue;
        if (!("column" in value) || value.column.length !== 1) return null;
        name = value.column[0]!;
      }
    }
    return name;
  }

  /** Whether no rows are counted, and columns are the file's. */
  get onlyFilter(): boolean {
    const { before, rows, after } = this;
    const counts = before.offset > 0 || before.limit !== null || after !== null;
    return !counts && rows.every((step) => "where" in step);
  }

  /** The steps of a scan of some of the row groups, whose rows are the same as in these. */
  within(rowGroups: readonly PlannedRowGroup[]): ScanSteps {
    if (this.before.offset === 0 && this.before.limit === null) return this;
    const limit = rowGroups.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    return new ScanSteps({ offset: rowGroups[0]?.rows.start ?? 0, limit }, this.rows, this.after);
  }
}
