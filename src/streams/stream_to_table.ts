/**
 * Streams as tables.
 *
 * @module
 */
import { type RecordBatch, Table } from "apache-arrow";
import { collectBatches } from "./collect_batches.ts";
import { type CollectOptions, RecordBatchStream } from "./record_batch_stream.ts";

/**
 * Reads all that is left of a stream into an apache-arrow `Table`, in memory that JavaScript owns.
 *
 * What {@linkcode RecordBatchStream.collect} does, for batches from anywhere. The table takes the
 * batches over: nobody should release them afterwards. A stream that isn't this library's and gives
 * no batch has no schema: the table has no columns then.
 *
 * @param stream The stream.
 * @param options The most memory it may take.
 * @returns The table.
 * @throws {MemoryLimitError} Where the batches take more than `maxBytes`. The stream is cancelled
 * then.
 * @throws {TypeError} Where the stream is locked, or its batches have different columns.
 *
 * @example
 * ```ts
 * import { scanParquet, type SpillwayBatch, streamToTable } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { readable, writable } = new TransformStream<SpillwayBatch, SpillwayBatch>();
 * scanParquet("tests/data/readings.parquet").pipeTo(writable);
 * const table = await streamToTable(readable, { maxBytes: "1MB" });
 * expect(table.numRows).toBe(2_000);
 * ```
 */
export async function streamToTable(
  stream: ReadableStream<RecordBatch>,
  options: CollectOptions = {},
): Promise<Table> {
  if (stream instanceof RecordBatchStream) return await stream.collect(options);
  return new Table(await collectBatches(stream, options.maxBytes));
}
