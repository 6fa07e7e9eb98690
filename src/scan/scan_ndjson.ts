/**
 * The entry for NDJSON files: files in, a stream of batches out.
 *
 * @module
 */
import { checkTextScan, type TextFormat } from "./check_text.ts";
import { scanSource } from "./filtered_scan.ts";
import { checkNdjson, ndjsonOptionNames, type NdjsonScanOptions } from "./ndjson_options.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScanPaths } from "./scan_options.ts";

/**
 * Streams NDJSON files (one JSON object a line, also called JSON Lines) as apache-arrow record
 * batches, in bounded memory.
 *
 * Returns at once: files are looked for and opened at the first use of the stream, and errors of
 * files come from there. A file is cut into pieces at its line breaks, all cores parse pieces, and
 * predicates run natively on each, so that only what is wanted is ever built. The stream is the same
 * as that of {@linkcode scanParquet}, with the same transforms and statistics.
 *
 * Of a directory the files are read that end in `.ndjson`, `.jsonl` or `.ldjson`, compressed by gzip
 * (`.gz`) or Zstandard (`.zst`) or not at all.
 *
 * @param paths The file or files: paths, `file:` URLs, directories and patterns.
 * @param options What to read, and how.
 * @returns The stream.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { col, scanNdjson, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const slow = scanNdjson("tests/data/events.ndjson").pipeThrough(where(col("ms").gt(100)));
 * const rows = await Array.fromAsync(slow.rows());
 * expect(rows.map(({ path }) => path)).toEqual(["/report", "/report"]);
 * ```
 */
export function scanNdjson(paths: ScanPaths, options: NdjsonScanOptions = {}): RecordBatchStream {
  return new RecordBatchStream(scanSource(checkTextScan(paths, options, ndjson(options))));
}

/** NDJSON with these options. */
export function ndjson(options: NdjsonScanOptions): TextFormat {
  return {
    suffixes: [".ndjson", ".jsonl", ".ldjson"],
    optionNames: ndjsonOptionNames,
    request: checkNdjson(options),
  };
}
