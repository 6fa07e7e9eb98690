/**
 * Looking at the batches of a stream.
 *
 * @module
 */
import { BatchTransform } from "./batch_transform.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import { TapStage } from "./tap_stage.ts";

/**
 * Calls a function for each batch, and passes the batch on unchanged.
 *
 * A promise that the function gives is awaited before the batch goes on: who logs to a slow place
 * slows the stream down, and nothing piles up. On a scan it stays a transform of its own, and so do
 * the steps behind it: the function sees what comes to this place.
 *
 * @param fn Gets the batch, which it must not release, and its place in the stream, from 0. What it
 * throws ends the stream.
 * @returns The transform.
 * @throws {TypeError} Where the argument is no function.
 *
 * @example
 * ```ts
 * import { scanParquet, tap } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const sizes: number[] = [];
 * const scan = scanParquet("tests/data/readings.parquet", { batchSize: 1_500 })
 *   .pipeThrough(tap((batch) => sizes.push(batch.numRows)));
 * expect((await scan.collect()).numRows).toBe(2_000);
 * expect(sizes).toEqual([1_500, 500]);
 * ```
 */
export function tap(fn: (batch: SpillwayBatch, index: number) => unknown): BatchTransform {
  if (typeof fn !== "function") {
    throw new TypeError("tap needs a function, to be called with each batch");
  }
  return new BatchTransform(new TapStage(fn));
}
