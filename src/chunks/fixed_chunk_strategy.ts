/**
 * Batches of one size.
 *
 * @module
 */
import type { ChunkStrategy } from "./chunk_strategy.ts";

/**
 * Gives every batch the same number of rows, but for the last: what `batchSize` stands for.
 *
 * The size holds even where the adaptive strategy would shrink, so a size that the memory limit
 * can't hold raises `MemoryLimitError`.
 *
 * @example
 * ```ts
 * import { FixedChunkStrategy, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const sizes = [];
 * const chunkStrategy = new FixedChunkStrategy(900);
 * for await (using batch of scanParquet("tests/data/readings.parquet", { chunkStrategy })) {
 *   sizes.push(batch.numRows);
 * }
 * expect(sizes).toEqual([900, 900, 200]);
 * ```
 */
export class FixedChunkStrategy implements ChunkStrategy {
  /** The rows of every batch but the last. */
  readonly rows: number;
  /** Always `"fixed"`. */
  readonly reason = "fixed";

  /**
   * Makes a strategy, which may serve any number of streams.
   *
   * @param rows The rows of every batch but the last: a whole number, 1 or more.
   * @throws {RangeError} Where it is not.
   */
  constructor(rows: number) {
    if (!Number.isSafeInteger(rows) || rows < 1) {
      throw new RangeError(`The rows of a batch must be a whole number, 1 or more, not ${rows}`);
    }
    this.rows = rows;
  }

  /**
   * Decides nothing.
   *
   * @returns The rows given to the constructor.
   */
  calculateChunkSize(): number {
    return this.rows;
  }

  /** Learns nothing. */
  adjust(): void {}
}
