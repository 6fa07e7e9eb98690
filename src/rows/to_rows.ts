/**
 * Streams of batches as streams of rows.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { BatchIntake } from "../stages/batch_intake.ts";
import type { PlainRow } from "./plain_rows.ts";
import { RowSource } from "./row_source.ts";

/**
 * Turns batches into rows: plain objects, whose values stay valid.
 *
 * Rows are made one by one, when they are asked for, and a batch is released once its last row is
 * given. Convenient, and many times slower than going through columns. Values are those that
 * {@linkcode RecordBatchStream.rows} gives.
 *
 * @returns The transform: batches go in, rows come out.
 *
 * @example
 * ```ts
 * import { scanParquet, toRows } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const columns = ["sensor", "celsius"];
 * const rows = scanParquet("tests/data/readings.parquet", { columns }).pipeThrough(toRows());
 * for await (const row of rows) {
 *   expect(row).toEqual({ sensor: "attic", celsius: 17.5 });
 *   break;
 * }
 * ```
 */
export function toRows(): ReadableWritablePair<PlainRow, RecordBatch>;
/**
 * Turns the batches of a stream into rows, as {@linkcode toRows} without an argument does, but
 * without a pipe: no batch is read ahead.
 *
 * @param stream The stream, which is locked.
 * @returns The rows.
 * @throws {TypeError} Where the stream is locked.
 *
 * @example
 * ```ts
 * import { scanParquet, toRows } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const rows = toRows(scanParquet("tests/data/readings.parquet", { limit: 3 }));
 * expect((await Array.fromAsync(rows, ({ celsius }) => celsius)).length).toBe(3);
 * ```
 */
export function toRows(stream: ReadableStream<RecordBatch>): ReadableStream<PlainRow>;
export function toRows(
  stream?: ReadableStream<RecordBatch>,
): ReadableWritablePair<PlainRow, RecordBatch> | ReadableStream<PlainRow> {
  if (stream !== undefined) return rowStream(new RowSource(stream.getReader()));
  const intake = new BatchIntake();
  return { readable: rowStream(new RowSource(intake.reader)), writable: intake.writable };
}

function rowStream(source: RowSource): ReadableStream<PlainRow> {
  return new ReadableStream(source, { highWaterMark: 0 });
}
