/**
 * Batches in, Parquet files out.
 *
 * @module
 */
import {
  checkColumns,
  checkFiles,
  checkMemoryLimit,
  fileOptionNames,
} from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";
import { checkParquet, parquetOptionNames } from "./check_parquet.ts";
import type { FileOptions } from "./file_options.ts";
import { FileSink } from "./file_sink.ts";
import type { ParquetOptions } from "./parquet_options.ts";

/** What {@linkcode writeParquet} may be told. */
export interface WriteParquetOptions extends FileOptions, ParquetOptions {}

/**
 * Writes record batches as a Parquet file, or several.
 *
 * Columns are encoded side by side on the library's threads; a write resolves when there is room
 * for the next, so that a slow disk slows what it is fed by. An open row group waits in memory,
 * encoded.
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
 * import { scanParquet, writeParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const folder = await Deno.makeTempDir();
 * await scanParquet("tests/data/readings.parquet").pipeTo(
 *   writeParquet(`${folder}/by-sensor/`, { partitionBy: ["sensor"], compression: "zstd" }),
 * );
 * const copy = scanParquet(`${folder}/by-sensor/`, { hivePartitioning: true });
 * expect(await copy.count()).toBe(2_000);
 * ```
 */
export function writeParquet(path: string | URL, options: WriteParquetOptions = {}): FileSink {
  checkOptionNames(options, [...fileOptionNames, ...parquetOptionNames].sort(), "Parquet sinks");
  const request = {
    encoder: checkParquet(options),
    files: checkFiles(path, options),
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new FileSink(request, checkColumns(options.schema));
}
