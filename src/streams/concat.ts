/**
 * Several streams one after another.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { ConcatProducer } from "./concat_producer.ts";
import { ProducedSource } from "./produced_source.ts";
import { RecordBatchStream } from "./record_batch_stream.ts";

/**
 * Makes one stream of several, which are read one after another.
 *
 * A stream isn't read before its turn, so that a scan opens its files then. Cancelling cancels the
 * stream whose turn it is and those that follow, and so does an error.
 *
 * @param streams The streams, of any origin, whose columns are the same. They are locked.
 * @returns The stream. It fails with a `TypeError` where a stream has other columns than the first
 * batch: the message names both, counted from 1, and the columns.
 * @throws {TypeError} Where a stream is locked, or there twice, or no stream.
 *
 * @example
 * ```ts
 * import { concat, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const last = scanParquet("tests/data/readings.parquet", { offset: 1_990 });
 * const first = scanParquet("tests/data/readings.parquet", { limit: 10 });
 * expect((await concat(last, first).collect()).numRows).toBe(20);
 * ```
 */
export function concat(...streams: ReadableStream<RecordBatch>[]): RecordBatchStream {
  return new RecordBatchStream(new ProducedSource(new ConcatProducer(streams)));
}
