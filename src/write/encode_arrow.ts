/**
 * Batches in, the bytes of Arrow IPC out.
 *
 * @module
 */
import {
  arrowWriteOptionNames,
  type ArrowWriteOptions,
  checkArrowWrite,
} from "./arrow_write_options.ts";
import { byteOptionNames, type ByteOptions } from "./byte_options.ts";
import { ByteTransform } from "./byte_transform.ts";
import { checkColumns, checkMemoryLimit } from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";

/** What {@linkcode encodeArrow} may be told. */
export interface EncodeArrowOptions extends ByteOptions, ArrowWriteOptions {}

/**
 * Turns record batches into an Arrow IPC stream, which every Arrow library reads.
 *
 * @param options How to write it.
 * @returns The transform.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { encodeArrow, scanParquet } from "spillway";
 * import { tableFromIPC } from "apache-arrow";
 * import { expect } from "@std/expect";
 *
 * const stream = scanParquet("tests/data/readings.parquet").pipeThrough(encodeArrow());
 * expect((await tableFromIPC(new Response(stream))).numRows).toBe(2_000);
 * ```
 */
export function encodeArrow(options: EncodeArrowOptions = {}): ByteTransform {
  checkOptionNames(
    options,
    [...byteOptionNames, ...arrowWriteOptionNames].sort(),
    "Arrow IPC encoders",
  );
  const request = {
    encoder: checkArrowWrite(options),
    files: null,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new ByteTransform(request, checkColumns(options.schema));
}
