/**
 * Rows chosen by a predicate.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import { Expression } from "../expressions/expression.ts";
import { NativeStage } from "./native_stage.ts";
import { checkRowFilter, type RowFilter } from "./row_filter.ts";
import { scriptStage } from "./script_stage.ts";

/**
 * Keeps the rows for which a predicate is true; where it is false or null, they are dropped.
 *
 * On a scan an expression is pushed down: row groups and pages that can't hold such a row aren't
 * read, and columns that it doesn't use are decoded only for the rows that it keeps. A predicate of
 * your own can leave out row groups, and sees the batches of the others. A function sees each batch
 * and says for each row whether it stays. The option `where` of {@linkcode scanParquet} takes the
 * same.
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
export function where(predicate: RowFilter): BatchTransform {
  const filter = checkRowFilter(predicate, "A predicate");
  const isExpression = filter instanceof Expression;
  return new BatchTransform(
    isExpression ? new NativeStage({ where: filter.toJSON() }) : scriptStage(filter),
  );
}
