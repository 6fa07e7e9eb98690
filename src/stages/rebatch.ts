/**
 * Batches of an even size.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import { checkRows } from "../rows/check_rows.ts";
import { RebatchStage } from "./rebatch_stage.ts";

/**
 * Evens out the sizes of batches: each has the same number of rows, only the last may have fewer.
 *
 * A batch that is larger is cut without copying: its parts share its memory, which is given back
 * when the last of them is released, so that transferring the buffers of one part to a worker takes
 * them from the others too. Smaller batches are joined in a copy that JavaScript owns, and released.
 * At most the rows of one batch to give are held back, beside the batch that is being cut.
 *
 * @param rows The rows of each batch.
 * @returns The transform. Its stream fails with a `TypeError` where batches have different columns.
 * @throws {RangeError} Where `rows` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { rebatch, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const sizes: number[] = [];
 * const scan = scanParquet("tests/data/readings.parquet", { batchSize: 450 });
 * for await (using batch of scan.pipeThrough(rebatch(600))) sizes.push(batch.numRows);
 * expect(sizes).toEqual([600, 600, 600, 200]);
 * ```
 */
export function rebatch(rows: number): BatchTransform {
  return new BatchTransform(new RebatchStage(checkRows(rows, "rebatch", 1)));
}
