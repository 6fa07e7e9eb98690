/**
 * Predicates that a program brings itself.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { Predicate } from "./expression.ts";
import type { RowGroupStatistics } from "./row_group_statistics.ts";

export type { RowGroupStatistics };

/**
 * A predicate that a program brings itself: which row groups can't hold a row that it keeps, and
 * which rows of a batch it keeps.
 *
 * Where an {@linkcode Expression} can say the same, use that: it is evaluated by native code, before
 * other columns are decoded, and skips by page, dictionary and bloom filter too.
 *
 * @example
 * ```ts
 * import { type PredicatePushdown, type RowGroupStatistics, selectRows } from "spillway";
 * import { type RecordBatch, tableFromArrays } from "apache-arrow";
 * import { expect } from "@std/expect";
 *
 * class PrimesOnly implements PredicatePushdown {
 *   shouldSkipRowGroup(statistics: RowGroupStatistics): boolean {
 *     const { max } = statistics.column("n");
 *     return typeof max === "number" && max < 2;
 *   }
 *   apply(batch: RecordBatch): RecordBatch {
 *     return selectRows(batch, Array.from(batch.getChild("n")!, (n) => [2, 3, 5, 7].includes(n)));
 *   }
 * }
 *
 * const [batch] = tableFromArrays({ n: [1, 2, 3, 4] }).batches;
 * expect(Array.from(new PrimesOnly().apply(batch!).getChild("n")!)).toEqual([2, 3]);
 * ```
 */
export interface PredicatePushdown {
  /**
   * Whether no row of a row group can be kept, as far as its statistics tell: it is then not read.
   *
   * @param statistics What the file says of the row group.
   */
  shouldSkipRowGroup(statistics: RowGroupStatistics): boolean;
  /**
   * Keeps the rows of a batch that match.
   *
   * @param batch The batch, of the columns that are read.
   * @returns A batch of the same schema, perhaps the same one.
   */
  apply(batch: RecordBatch): RecordBatch | Promise<RecordBatch>;
  /**
   * The same predicate as an expression, where it can be said as one: it is then evaluated by native
   * code, and the other methods are not called.
   */
  toExpression?(): Predicate | undefined;
}
