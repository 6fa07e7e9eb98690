/**
 * The entry for Arrow IPC files: files in, a stream of batches out.
 *
 * @module
 */
import { arrowFiles, type ArrowScanOptions } from "./arrow_options.ts";
import { checkTextScan } from "./check_text.ts";
import { scanSource } from "./filtered_scan.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScanPaths } from "./scan_options.ts";

/**
 * Streams Arrow IPC files as apache-arrow record batches, in bounded memory.
 *
 * Both formats are read, which the first bytes tell: the file format (also called Feather 2), which
 * has an index at its end, and streams that were saved as they came. Returns at once: files are
 * looked for and opened at the first use of the stream, and errors of files come from there. The
 * stream is the same as that of {@linkcode scanParquet}, with the same transforms and statistics.
 *
 * Files are mapped into memory. Columns of uncompressed batches are views of the file then, which
 * are checked and not copied; what is written to them stays with the program and never reaches the
 * file. Large batches are given in parts. Buffers that are compressed by LZ4 or Zstandard are
 * decompressed by all cores. Dictionary columns are given as their values, and texts of every kind as
 * `Utf8`.
 *
 * Of a directory the files are read that end in `.arrow`, `.arrows`, `.feather` or `.ipc`.
 *
 * @param paths The file or files: paths, `file:` URLs, directories and patterns.
 * @param options What to read, and how.
 * @returns The stream.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { col, scanArrow, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const readings = scanArrow("tests/data/readings.arrow");
 * expect(await readings.pipeThrough(where(col("celsius").lt(0))).count()).toBe(0);
 * ```
 */
export function scanArrow(paths: ScanPaths, options: ArrowScanOptions = {}): RecordBatchStream {
  return new RecordBatchStream(scanSource(checkTextScan(paths, options, arrowFiles)));
}
