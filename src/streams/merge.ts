/**
 * Several streams at once.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { MergeProducer } from "./merge_producer.ts";
import { ProducedSource } from "./produced_source.ts";
import { RecordBatchStream } from "./record_batch_stream.ts";

/**
 * Makes one stream of several, whose batches come in the order in which they are ready.
 *
 * Streams are read only while a batch is waited for, each by one batch at most, and what is ready
 * first is given first: a stream that is always ready doesn't hold up the others. The batches of a
 * stream stay in order. Cancelling cancels all streams, and an error of one cancels the others.
 *
 * @param streams The streams, of any origin, whose columns are the same. They are locked.
 * @returns The stream. It fails with a `TypeError` where a stream has other columns than the one that
 * gave the first batch: the message names both, counted from 1, and the columns.
 * @throws {TypeError} Where a stream is locked, or there twice, or no stream.
 *
 * @example
 * ```ts
 * import { col, merge, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const cold = scanParquet("tests/data/readings.parquet", { where: col("celsius").lt(10) });
 * const warm = scanParquet("tests/data/readings.parquet", { where: col("celsius").ge(10) });
 * let rows = 0;
 * for await (using batch of merge(cold, warm)) rows += batch.numRows;
 * expect(rows).toBe(2_000);
 * ```
 */
export function merge(...streams: ReadableStream<RecordBatch>[]): RecordBatchStream {
  return new RecordBatchStream(new ProducedSource(new MergeProducer(streams)));
}
