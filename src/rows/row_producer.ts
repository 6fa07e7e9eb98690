/**
 * Batches made of rows.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { BatchProducer } from "../streams/batch_producer.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import { inferSchema } from "../scan/infer_schema.ts";
import { RowColumns } from "./row_columns.ts";
import type { RowReader } from "./row_reader.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Reads the rows of a batch when it is wanted. */
export class RowProducer implements BatchProducer {
  readonly #rows: RowReader;
  readonly #batchRows: number;
  #columns: Promise<RowColumns> | null;
  /** The rows that the schema was inferred from, until they are given. */
  #first: unknown[] | null = null;
  #row = 0;

  /**
   * @param rows The rows.
   * @param batchRows The rows of a batch.
   * @param columns Makes the batches; `null` where the schema is to be inferred.
   */
  constructor(rows: RowReader, batchRows: number, columns: RowColumns | null) {
    this.#rows = rows;
    this.#batchRows = batchRows;
    this.#columns = columns && Promise.resolve(columns);
  }

  /** A stream's failure is told at once. */
  start(fail: (error: unknown) => void): void {
    this.#rows.onFailure(fail);
  }

  /** The next rows as a batch. */
  async next(): Promise<SpillwayBatch | null> {
    // Rows of an array come without waiting.
    await turnIfDue(performance.now());
    const columns = await this.#opened();
    const rows = this.#first ?? await this.#take();
    this.#first = null;
    if (rows.length === 0) return null;
    const firstRow = this.#row;
    this.#row += rows.length;
    return this.#orCancel(() => columns.batch(rows, firstRow));
  }

  /** Nobody wants more. */
  cancel(reason: unknown): Promise<void> {
    return this.#rows.cancel(reason);
  }

  /** The schema; where it is inferred, the first rows are read for it. */
  async schema(): Promise<Schema> {
    return (await this.#opened()).schema;
  }

  #opened(): Promise<RowColumns> {
    return this.#columns ??= this.#infer();
  }

  async #infer(): Promise<RowColumns> {
    const rows = this.#first = await this.#take();
    return this.#orCancel(() => new RowColumns(inferSchema(rows), { inferredFrom: rows.length }));
  }

  #take(): Promise<unknown[]> {
    return this.#rows.take(this.#batchRows);
  }

  /** Whoever gives the rows learns of an error in them. */
  #orCancel<Result>(make: () => Result): Result {
    try {
      return make();
    } catch (error) {
      this.#rows.cancel(error).catch(() => {});
      throw error;
    }
  }
}
