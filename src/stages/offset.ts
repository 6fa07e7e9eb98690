/**
 * A stream without its first rows.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import { checkRows } from "../rows/check_rows.ts";
import { SliceStage } from "./slice_stage.ts";

/**
 * Skips the first rows. On a scan without a predicate before, they aren't read.
 *
 * @param rows The rows to skip.
 * @returns The transform.
 * @throws {RangeError} Where `rows` is no whole number from 0.
 *
 * @example
 * ```ts
 * import { offset, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const rest = scanParquet("tests/data/readings.parquet").pipeThrough(offset(1_990));
 * expect((await rest.collect()).numRows).toBe(10);
 * ```
 */
export function offset(rows: number): BatchTransform {
  return new BatchTransform(new SliceStage({ offset: checkRows(rows, "offset") }));
}

/**
 * Skips the first rows: {@linkcode offset} by its other name.
 *
 * @param rows The rows to skip.
 * @returns The transform.
 * @throws {RangeError} Where `rows` is no whole number from 0.
 *
 * @example
 * ```ts
 * import { scanParquet, skipRows } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const rest = scanParquet("tests/data/readings.parquet").pipeThrough(skipRows(1_999));
 * expect((await rest.collect()).numRows).toBe(1);
 * ```
 */
export const skipRows: (rows: number) => BatchTransform = offset;
