/**
 * Batches in, CSV files out.
 *
 * @module
 */
import { checkCsvWrite, csvWriteOptionNames, type CsvWriteOptions } from "./csv_write_options.ts";
import { checkFileCompression } from "../scan/file_compression.ts";
import {
  checkColumns,
  checkFiles,
  checkMemoryLimit,
  fileOptionNames,
} from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";
import type { FileOptions } from "./file_options.ts";
import { FileSink } from "./file_sink.ts";

/** What {@linkcode writeCsv} may be told. */
export interface WriteCsvOptions extends FileOptions, CsvWriteOptions {}

/**
 * Writes record batches as a CSV file, or several. A null is an empty cell, and an empty text `""`.
 *
 * @param path The file: a path or a `file:` URL. A folder where it ends in a slash, or where
 * `partitionBy`, `maxFileRows` or `maxFileBytes` ask for several files.
 * @param options What to write, and how.
 * @returns The stream to write to.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { scanParquet, writeCsv } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const path = `${await Deno.makeTempDir()}/readings.csv`;
 * await scanParquet("tests/data/readings.parquet", { limit: 2 }).pipeTo(writeCsv(path));
 * const [header, first] = (await Deno.readTextFile(path)).split("\n");
 * expect(header).toBe("sensor,at,celsius");
 * expect(first).toMatch(/^attic,.*Z,17.5$/);
 * ```
 */
export function writeCsv(path: string | URL, options: WriteCsvOptions = {}): FileSink {
  checkOptionNames(options, [...fileOptionNames, ...csvWriteOptionNames].sort(), "CSV sinks");
  const files = checkFiles(path, options);
  const request = {
    encoder: {
      format: "csv" as const,
      text: checkCsvWrite(options),
      compression: checkFileCompression(options.compression, files.path),
    },
    files,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new FileSink(request, checkColumns(options.schema));
}
