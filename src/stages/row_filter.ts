/**
 * What rows can be chosen by.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { describeValue } from "../expressions/describe_value.ts";
import { Expression, type Predicate } from "../expressions/expression.ts";
import type { PredicatePushdown } from "../expressions/predicate_pushdown.ts";

/** For each row of a batch whether it stays: bytes of 0 and 1, or booleans. */
export type RowMask = Uint8Array | readonly boolean[];

/**
 * What rows can be chosen by: an expression, a predicate of the program's own, or a function from a
 * batch to a mask of its rows.
 *
 * @example
 * ```ts
 * import { col, ColumnFilterPredicate, type RowFilter, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const filters: RowFilter[] = [
 *   col("sensor").eq("attic"),
 *   new ColumnFilterPredicate("sensor", ["attic"]),
 *   (batch) => Array.from(batch.getChild("sensor")!, (sensor) => sensor === "attic"),
 * ];
 * const counts = filters.map((where) =>
 *   scanParquet("tests/data/readings.parquet", { where }).count()
 * );
 * expect(new Set(await Promise.all(counts)).size).toBe(1);
 * ```
 */
export type RowFilter = Predicate | PredicatePushdown | ((batch: RecordBatch) => RowMask);

/** A filter that only JavaScript can apply. */
export type ScriptFilter = Exclude<RowFilter, Predicate>;

/**
 * Checks a filter, and takes the expression of a predicate that has one.
 *
 * @param filter What was given.
 * @param name What it was given as, for the error.
 * @returns The filter; an expression wherever it can be said as one.
 * @throws {TypeError} Where it is none.
 */
export function checkRowFilter(filter: RowFilter, name: string): RowFilter {
  if (filter instanceof Expression || typeof filter === "function") return filter;
  const expression = filter?.toExpression?.();
  if (expression !== undefined) return checkRowFilter(expression, name);
  if (typeof filter?.apply === "function" && typeof filter.shouldSkipRowGroup === "function") {
    return filter;
  }
  throw new TypeError(
    `${name} must be an expression, such as col("a").gt(1), an object with shouldSkipRowGroup and ` +
      `apply, or a function from a batch to a mask, not ${describeValue(filter)}`,
  );
}

/** The name of a filter that is no expression, for people. */
export function scriptFilterText(filter: ScriptFilter): string {
  const name = typeof filter === "function" ? filter.name : filter.constructor?.name ?? "";
  const isNamed = name !== "" && name !== "Object" && name !== "where";
  if (typeof filter === "function") return isNamed ? `${name}()` : "a function";
  return isNamed ? name : "a predicate";
}
