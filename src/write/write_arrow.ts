/**
 * Batches in, Arrow IPC files out.
 *
 * @module
 */
import {
  arrowWriteOptionNames,
  type ArrowWriteOptions,
  checkArrowWrite,
} from "./arrow_write_options.ts";
import {
  checkColumns,
  checkFiles,
  checkMemoryLimit,
  fileOptionNames,
} from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";
import type { FileOptions } from "./file_options.ts";
import { FileSink } from "./file_sink.ts";

/** What {@linkcode writeArrow} may be told. */
export interface WriteArrowOptions extends FileOptions, ArrowWriteOptions {}

/**
 * Writes record batches as an Arrow IPC file (Feather V2), or several.
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
 * import { scanParquet, writeArrow } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const path = `${await Deno.makeTempDir()}/readings.arrow`;
 * await scanParquet("tests/data/readings.parquet", { limit: 2 }).pipeTo(writeArrow(path));
 * const { tableFromIPC } = await import("apache-arrow");
 * expect(tableFromIPC(await Deno.readFile(path)).numRows).toBe(2);
 * ```
 */
export function writeArrow(path: string | URL, options: WriteArrowOptions = {}): FileSink {
  checkOptionNames(
    options,
    [...fileOptionNames, ...arrowWriteOptionNames].sort(),
    "Arrow IPC sinks",
  );
  const { compression, container = "file" } = options;
  const files = checkFiles(path, options);
  const request = {
    encoder: checkArrowWrite({ compression, container }),
    files,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new FileSink(request, checkColumns(options.schema));
}
