/**
 * Columns computed.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import { Expression } from "../expressions/expression.ts";
import { NativeStage } from "./native_stage.ts";

/**
 * Adds computed columns behind the others, or in the place of those of the same name.
 *
 * All are computed from the columns that come in, on native threads where the stream is a scan.
 *
 * @param columns For each column, its name and its expression.
 * @returns The transform. Its stream fails with a `TypeError` where an expression can't be computed
 * on the columns' types, and an {@linkcode UnknownColumnError} where a column isn't there.
 * @throws {TypeError} Where something is no expression.
 *
 * @example
 * ```ts
 * import { col, scanParquet, withColumns } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet", { limit: 1 })
 *   .pipeThrough(withColumns({ fahrenheit: col("celsius").mul(1.8).add(32) }));
 * for await (const row of scan.rows()) expect(row["fahrenheit"]).toBe(63.5);
 * ```
 */
export function withColumns(columns: Readonly<Record<string, Expression>>): BatchTransform {
  const pairs = Object.entries(columns).map(([name, value]) => {
    if (value instanceof Expression) return [name, value.toJSON()] as const;
    throw new TypeError(`Column "${name}" must be an expression, such as col("a").add(1)`);
  });
  return new BatchTransform(new NativeStage({ withColumns: pairs }));
}
