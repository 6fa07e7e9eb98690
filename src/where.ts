/**
 * Rows chosen by a predicate.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { BatchTransform } from "./batch_transform.ts";
import { Expression, type Predicate } from "./expressions/expression.ts";
import type { PredicatePushdown } from "./expressions/predicate_pushdown.ts";
import { MaskStage, type RowMask } from "./mask_stage.ts";
import { NativeStage } from "./native_stage.ts";
import { PredicateStage } from "./predicate_stage.ts";

/**
 * Keeps the rows for which a predicate is true; where it is false or null, they are dropped.
 *
 * On a scan an expression is pushed down: row groups and pages that can't hold such a row aren't
 * read, and columns that it doesn't use are decoded only for the rows that it keeps. A predicate of
 * your own can leave out row groups, and sees the batches of the others. A function sees each batch
 * and says for each row whether it stays.
 *
 * @param predicate The expression, the predicate, or the function.
 * @returns The transform. Its stream fails with a `TypeError` where the expression can't be
 * evaluated on the columns' types, and an {@linkcode UnknownColumnError} where a column isn't there.
 * @throws {TypeError} Where the argument is none of these.
 *
 * @example
 * ```ts
 * import { col, scanParquet, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const attic = scanParquet("tests/data/readings.parquet")
 *   .pipeThrough(where(col("sensor").eq("attic").and(col("celsius").gt(25))));
 * for await (const { sensor } of attic.rows()) expect(sensor).toBe("attic");
 * ```
 *
 * @example A function
 * ```ts
 * import { scanParquet, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const everyOther = scanParquet("tests/data/readings.parquet")
 *   .pipeThrough(where((batch) => Array.from({ length: batch.numRows }, (_, row) => row % 2 === 0)));
 * expect((await everyOther.collect()).numRows).toBe(1_000);
 * ```
 */
export function where(
  predicate: Predicate | PredicatePushdown | ((batch: RecordBatch) => RowMask),
): BatchTransform {
  if (predicate instanceof Expression) {
    return new BatchTransform(new NativeStage({ where: predicate.toJSON() }));
  }
  if (typeof predicate === "function") return new BatchTransform(new MaskStage(predicate));
  const expression = predicate?.toExpression?.();
  if (expression !== undefined) return where(expression);
  if (typeof predicate?.apply === "function") {
    return new BatchTransform(new PredicateStage(predicate));
  }
  throw new TypeError(
    'A predicate must be an expression, such as col("a").gt(1), an object with ' +
      "shouldSkipRowGroup and apply, or a function from a batch to a mask",
  );
}
