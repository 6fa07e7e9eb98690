/**
 * Batches in, NDJSON files out.
 *
 * @module
 */
import { checkFileCompression } from "../scan/file_compression.ts";
import {
  checkNdjsonWrite,
  ndjsonWriteOptionNames,
  type NdjsonWriteOptions,
} from "./ndjson_write_options.ts";
import {
  checkColumns,
  checkFiles,
  checkMemoryLimit,
  fileOptionNames,
} from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";
import type { FileOptions } from "./file_options.ts";
import { FileSink } from "./file_sink.ts";

/** What {@linkcode writeNdjson} may be told. */
export interface WriteNdjsonOptions extends FileOptions, NdjsonWriteOptions {}

/**
 * Writes record batches as NDJSON, a line a row: integers and decimals have all their digits.
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
 * import { scanParquet, writeNdjson } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const path = `${await Deno.makeTempDir()}/readings.ndjson`;
 * await scanParquet("tests/data/readings.parquet", { limit: 2 }).pipeTo(writeNdjson(path));
 * const [first] = (await Deno.readTextFile(path)).split("\n");
 * expect(JSON.parse(first!)).toMatchObject({ sensor: "attic", celsius: 17.5 });
 * ```
 */
export function writeNdjson(path: string | URL, options: WriteNdjsonOptions = {}): FileSink {
  checkOptionNames(options, [...fileOptionNames, ...ndjsonWriteOptionNames].sort(), "NDJSON sinks");
  const files = checkFiles(path, options);
  const request = {
    encoder: {
      format: "ndjson" as const,
      text: checkNdjsonWrite(options),
      compression: checkFileCompression(options.compression, files.path),
    },
    files,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new FileSink(request, checkColumns(options.schema));
}
