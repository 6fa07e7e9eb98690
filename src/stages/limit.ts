/**
 * The first rows of a stream.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import { checkRows } from "../rows/check_rows.ts";
import { SliceStage } from "./slice_stage.ts";

/**
 * Gives the first rows and then ends the stream, which stops everything before it at once.
 *
 * @param rows The most rows to give.
 * @returns The transform.
 * @throws {RangeError} Where `rows` is no whole number from 0.
 *
 * @example
 * ```ts
 * import { limit, offset, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const page = scanParquet("tests/data/readings.parquet")
 *   .pipeThrough(offset(20))
 *   .pipeThrough(limit(10));
 * expect((await page.collect()).numRows).toBe(10);
 * ```
 */
export function limit(rows: number): BatchTransform {
  return new BatchTransform(new SliceStage({ limit: checkRows(rows, "limit") }));
}
