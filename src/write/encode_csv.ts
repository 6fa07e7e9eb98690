/**
 * Batches in, the bytes of CSV out.
 *
 * @module
 */
import { checkCsvWrite, csvWriteOptionNames, type CsvWriteOptions } from "./csv_write_options.ts";
import { checkFileCompression } from "../scan/file_compression.ts";
import { byteOptionNames, type ByteOptions } from "./byte_options.ts";
import { ByteTransform } from "./byte_transform.ts";
import { checkColumns, checkMemoryLimit } from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";

/** What {@linkcode encodeCsv} may be told. */
export interface EncodeCsvOptions extends ByteOptions, CsvWriteOptions {}

/**
 * Turns record batches into CSV. A null is an empty cell, and an empty text `""`.
 *
 * @param options How to write it.
 * @returns The transform.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { encodeCsv, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const columns = ["sensor", "celsius"];
 * const scan = scanParquet("tests/data/readings.parquet", { columns, limit: 1 });
 * const text = await new Response(scan.pipeThrough(encodeCsv({ delimiter: ";" }))).text();
 * expect(text).toBe("sensor;celsius\nattic;17.5\n");
 * ```
 */
export function encodeCsv(options: EncodeCsvOptions = {}): ByteTransform {
  checkOptionNames(options, [...byteOptionNames, ...csvWriteOptionNames].sort(), "CSV encoders");
  const request = {
    encoder: {
      format: "csv" as const,
      text: checkCsvWrite(options),
      compression: checkFileCompression(options.compression, ""),
    },
    files: null,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new ByteTransform(request, checkColumns(options.schema));
}
