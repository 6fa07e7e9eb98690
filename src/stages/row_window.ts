/**
 * Cuts a stream's batches to a range of rows.
 *
 * @module
 */
import type { RowSlice } from "./row_slice.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** What a window let through. */
export interface RowsGiven {
  /** Rows. */
  readonly rows: number;
  /** Batches. */
  readonly batches: number;
  /** Bytes of memory that these batches hold, also of what was cut off them. */
  readonly bytes: number;
}

/** Skips rows, and takes rows, over batch after batch. */
export class RowWindow {
  #skip: number;
  #take: number;
  #given: RowsGiven = { rows: 0, batches: 0, bytes: 0 };

  /** @param slice What to skip, and then to take. */
  constructor({ offset, limit }: RowSlice) {
    this.#skip = offset;
    this.#take = limit ?? Infinity;
  }

  /** Whether all rows that are wanted were taken. */
  get done(): boolean {
    return this.#take <= 0;
  }

  /** What it let through so far. */
  get given(): RowsGiven {
    return this.#given;
  }

  /**
   * The wanted rows of the next batch, which has none of its memory afterwards, unless it is given
   * back itself.
   *
   * @returns The batch, or `null` where none of its rows is wanted.
   */
  take(batch: SpillwayBatch): SpillwayBatch | null {
    const { numRows } = batch;
    const from = Math.min(this.#skip, numRows);
    const to = Math.min(numRows, from + this.#take);
    this.#skip -= from;
    this.#take -= to - from;
    if (from < to) {
      const { rows, batches, bytes } = this.#given;
      this.#given = {
        rows: rows + to - from,
        batches: batches + 1,
        bytes: bytes + batch.byteLength,
      };
    }
    if (from === 0 && to === numRows) return batch;
    if (from < to) return batch.intoRows(from, to);
    batch.giveUp();
    return null;
  }
}
