/**
 * How many rows a batch should have: the interface that every policy implements.
 *
 * @module
 */

/** What is known when the size of the chunks to come is decided. */
export interface ChunkContext {
  /** Memory that the system could still give, in bytes: at most half a second old. */
  availableMemoryBytes: number;
  /** Bytes of this stream's batches that JavaScript holds and hasn't released. */
  heldBytes: number;
  /** Bytes of this stream's batches that are decoded and wait to be pulled. */
  queuedBytes: number;
  /** This stream's share of the memory limit, in bytes. */
  limitBytes: number;
  /**
   * Bytes per row, predicted from the metadata of the pages that come next; 0 while unknown.
   *
   * The last batch is no predictor: short rows may be followed by long ones.
   */
  bytesPerRow: number;
  /** Rows that aren't planned into chunks yet; `Infinity` while unknown. */
  remainingRows: number;
  /** The stream's `desiredSize`. */
  desiredSize: number | null;
  /** Whether the consumer waited for the last batch for over 10 % of the time between batches. */
  consumerStarved: boolean;
  /** Batches given to the consumer so far. */
  batches: number;
}

/** What the last batch cost. */
export interface ChunkSample {
  /** Its rows. */
  rows: number;
  /** Its bytes, decoded. */
  bytes: number;
  /** The processor time that decoding took, over all threads. */
  decodeMs: number;
  /** The time from handing it over to the next pull: what the consumer did with it. */
  consumerMs: number;
  /** The time that the consumer waited for it. */
  waitMs: number;
  /** The time that handing it over took on the JavaScript side. */
  handoverMs: number;
}

/**
 * A policy for the size of batches.
 *
 * An instance keeps what it learns about one stream: give each stream its own. Both methods run in
 * every pull, so they should take microseconds.
 *
 * @example A policy that halves its batches towards the end
 * ```ts
 * import { type ChunkContext, type ChunkStrategy, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * class Tapering implements ChunkStrategy {
 *   calculateChunkSize({ remainingRows }: ChunkContext): number {
 *     return Math.max(100, Math.min(800, Math.floor(remainingRows / 2)));
 *   }
 *   adjust(): void {}
 * }
 *
 * let rows = 0;
 * for await (
 *   using batch of scanParquet("tests/data/readings.parquet", { chunkStrategy: new Tapering() })
 * ) {
 *   expect(batch.numRows).toBeLessThanOrEqual(800);
 *   rows += batch.numRows;
 * }
 * expect(rows).toBe(2_000);
 * ```
 */
export interface ChunkStrategy {
  /**
   * Decides the rows of the chunks that are planned from now on.
   *
   * Chunks that are being decoded or queued keep their size, so a decision shows some batches
   * later. It is asked once before the file is open, with what is unknown as the context says.
   *
   * @param context What is known now.
   * @returns A whole number of rows, from 1 to 2,147,483,647. Of any other answer the nearest such
   * number is taken, or the last one where it is no number, and `stats().warnings` tells. A batch
   * has fewer rows where the memory limit asks for it.
   */
  calculateChunkSize(context: ChunkContext): number;
  /**
   * Learns from a batch that the consumer is done with.
   *
   * @param sample What it cost.
   */
  adjust(sample: ChunkSample): void;
  /** Why the last answer was what it was, in a few words: kept in the stream's decisions. */
  readonly reason?: string;
  /**
   * The most bytes that a batch may have, whatever its rows.
   *
   * @param limitBytes The stream's memory limit.
   * @returns The bytes, 1 or more, clamped as the rows are; a single row that has more is still
   * handed over, alone.
   */
  maxBatchBytes?(limitBytes: number): number;
}

/** One batch's size and where it came from: an entry of `stats().decisions`. */
export interface ChunkDecision {
  /** The batch's number in its stream, from 0. */
  sequence: number;
  /** Its rows. */
  rows: number;
  /** Its bytes, decoded. */
  bytes: number;
  /** Bytes per row, as predicted for what comes after it. */
  bytesPerRow: number;
  /** What ended the batch where it ended. */
  endedBy: ChunkEnd;
  /** The rows that the strategy asked for when the batch was pulled. */
  requestedRows: number;
  /** Why the strategy asked for that many. */
  reason: string;
}

/** What made a batch end: the strategy's size, or a bound that came first. */
export type ChunkEnd = "strategy" | "byte cap" | "memory budget" | "end of range" | "fixed";

/** The time between two batches: with the consumer, waiting and handing over. */
export function cycleMs({ consumerMs, waitMs, handoverMs }: ChunkSample): number {
  return consumerMs + waitMs + handoverMs;
}
