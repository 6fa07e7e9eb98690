/**
 * The entry: a file in, a stream of batches out.
 *
 * @module
 */
import { checkScan } from "./check_scan.ts";
import { scanSource } from "./filtered_scan.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScanOptions, ScanPaths } from "./scan_options.ts";

/**
 * Streams Parquet files as apache-arrow record batches, in bounded memory.
 *
 * Returns at once: files are looked for and opened at the first use of the stream, and errors of
 * files come from there. Many files are one stream: footers are read ahead, and all cores decode
 * whatever file comes next. Columns of the batches are views of native memory, which counts against the limit
 * until the batch is released (`using`, {@linkcode SpillwayBatch.release}) or collected.
 *
 * @param paths The file or files: paths, `file:` URLs, directories and patterns.
 * @param options What to read of it, and how.
 * @returns The stream.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * let rows = 0;
 * for await (
 *   using batch of scanParquet("tests/data/readings.parquet", {
 *     columns: ["at", "celsius"],
 *     memoryLimit: "256MB",
 *   })
 * ) {
 *   rows += batch.numRows;
 * }
 * expect(rows).toBe(2_000);
 * ```
 */
export function scanParquet(paths: ScanPaths, options?: ScanOptions): RecordBatchStream {
  return new RecordBatchStream(scanSource(checkScan(paths, options)));
}
