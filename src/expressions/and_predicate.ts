/**
 * Several predicates at once.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { describeValue } from "./describe_value.ts";
import type { Predicate } from "./expression.ts";
import { and } from "./logic.ts";
import type { PredicatePushdown } from "./predicate_pushdown.ts";
import type { RowGroupStatistics } from "./row_group_statistics.ts";

/**
 * Keeps the rows that all of some predicates keep.
 *
 * Predicates are applied in their order, each to what the ones before it kept: put the one that
 * keeps least first. Where all of them are expressions, so is this.
 *
 * @example
 * ```ts
 * import { AndPredicate, ColumnFilterPredicate } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const predicate = new AndPredicate(
 *   new ColumnFilterPredicate("level", ["ERROR"]),
 *   new ColumnFilterPredicate("code", [500, 503]),
 * );
 * expect(String(predicate.toExpression())).toBe("level IN ('ERROR') AND code IN (500, 503)");
 * ```
 */
export class AndPredicate implements PredicatePushdown {
  #predicates: readonly PredicatePushdown[];

  /**
   * Makes a predicate of others.
   *
   * @param predicates The others, one at least.
   * @throws {TypeError} Where there are none, or one lacks the methods of a predicate.
   */
  constructor(...predicates: readonly PredicatePushdown[]) {
    if (predicates.length === 0) {
      throw new TypeError("AndPredicate takes one predicate or more, not none");
    }
    for (const predicate of predicates) {
      if (
        typeof predicate?.shouldSkipRowGroup === "function" && typeof predicate.apply === "function"
      ) continue;
      throw new TypeError(
        "AndPredicate takes objects with the methods shouldSkipRowGroup and apply, not " +
          `${describeValue(predicate)}. Expressions are joined by and()`,
      );
    }
    this.#predicates = predicates;
  }

  /**
   * Whether one of the predicates skips the row group.
   *
   * @param statistics What the file says of the row group.
   */
  shouldSkipRowGroup(statistics: RowGroupStatistics): boolean {
    return this.#predicates.some((predicate) => predicate.shouldSkipRowGroup(statistics));
  }

  /**
   * Keeps the rows that all predicates keep.
   *
   * @param batch The batch. Predicates after one that keeps nothing are not called.
   */
  async apply(batch: RecordBatch): Promise<RecordBatch> {
    let kept = batch;
    for (const predicate of this.#predicates) {
      if (kept.numRows === 0) break;
      kept = await predicate.apply(kept);
    }
    return kept;
  }

  /** The same predicate as an expression, or `undefined` where one of the others has none. */
  toExpression(): Predicate | undefined {
    const expressions: Predicate[] = [];
    for (const predicate of this.#predicates) {
      const expression = predicate.toExpression?.();
      if (expression === undefined) return undefined;
      expressions.push(expression);
    }
    return and(...expressions);
  }
}
