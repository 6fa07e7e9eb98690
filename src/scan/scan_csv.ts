/**
 * The entry for CSV files: files in, a stream of batches out.
 *
 * @module
 */
import { csv } from "./check_csv.ts";
import { checkTextScan } from "./check_text.ts";
import type { CsvScanOptions } from "./csv_options.ts";
import { scanSource } from "./filtered_scan.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScanPaths } from "./scan_options.ts";

/**
 * Streams CSV files as apache-arrow record batches, in bounded memory.
 *
 * Returns at once: files are looked for and opened at the first use of the stream, and errors of
 * files come from there. A file is cut into pieces where rows end, also where quoted cells hold line
 * breaks; all cores parse pieces, and predicates run natively on each, so that only what is wanted
 * is ever built. The stream is the same as that of {@linkcode scanParquet}, with the same transforms
 * and statistics.
 *
 * Types are told from the first rows, so that values fit exactly: `docs/text_formats.md` says how.
 * Of a directory the files are read that end in `.csv`, compressed by gzip (`.gz`) or Zstandard
 * (`.zst`) or not at all.
 *
 * @param paths The file or files: paths, `file:` URLs, directories and patterns.
 * @param options What the text is like, what to read of it, and how.
 * @returns The stream.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range, or a character can't have its meaning.
 *
 * @example
 * ```ts
 * import { col, scanCsv, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const high = scanCsv("tests/data/stations.csv").pipeThrough(where(col("height").gt(500)));
 * const rows = await Array.fromAsync(high.rows());
 * expect(rows.map(({ name }) => name)).toEqual(['Hoher "List", Eifel', "Zugspitze"]);
 * ```
 */
export function scanCsv(paths: ScanPaths, options: CsvScanOptions = {}): RecordBatchStream {
  return new RecordBatchStream(scanSource(checkTextScan(paths, options, csv(options))));
}
