/**
 * Batches in, the bytes of a Parquet file out.
 *
 * @module
 */
import { byteOptionNames, type ByteOptions } from "./byte_options.ts";
import { ByteTransform } from "./byte_transform.ts";
import { checkColumns, checkMemoryLimit } from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";
import { checkParquet, parquetOptionNames } from "./check_parquet.ts";
import type { ParquetOptions } from "./parquet_options.ts";

/** What {@linkcode encodeParquet} may be told. */
export interface EncodeParquetOptions extends ByteOptions, ParquetOptions {}

/**
 * Turns record batches into the bytes of a Parquet file: for a response, an upload, a pipe.
 *
 * @param options How to write it.
 * @returns The transform.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { col, encodeParquet, scanParquet, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const warm = scanParquet("tests/data/readings.parquet").pipeThrough(where(col("celsius").ge(29)));
 * const response = new Response(warm.pipeThrough(encodeParquet({ compression: "zstd" })));
 * expect((await response.bytes()).length).toBeGreaterThan(100);
 * ```
 */
export function encodeParquet(options: EncodeParquetOptions = {}): ByteTransform {
  checkOptionNames(options, [...byteOptionNames, ...parquetOptionNames].sort(), "Parquet encoders");
  const request = {
    encoder: checkParquet(options),
    files: null,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new ByteTransform(request, checkColumns(options.schema));
}
