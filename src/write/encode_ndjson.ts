/**
 * Batches in, the bytes of NDJSON out.
 *
 * @module
 */
import { checkFileCompression } from "../scan/file_compression.ts";
import {
  checkNdjsonWrite,
  ndjsonWriteOptionNames,
  type NdjsonWriteOptions,
} from "./ndjson_write_options.ts";
import { byteOptionNames, type ByteOptions } from "./byte_options.ts";
import { ByteTransform } from "./byte_transform.ts";
import { checkColumns, checkMemoryLimit } from "../scan/check_files.ts";
import { checkOptionNames } from "../check_options.ts";

/** What {@linkcode encodeNdjson} may be told. */
export interface EncodeNdjsonOptions extends ByteOptions, NdjsonWriteOptions {}

/**
 * Turns record batches into NDJSON, a line a row: integers and decimals have all their digits.
 *
 * @param options How to write it.
 * @returns The transform.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { encodeNdjson, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const columns = ["sensor", "celsius"];
 * const scan = scanParquet("tests/data/readings.parquet", { columns, limit: 1 });
 * const response = new Response(scan.pipeThrough(encodeNdjson()), {
 *   headers: { "content-type": "application/x-ndjson" },
 * });
 * expect(await response.text()).toBe('{"sensor":"attic","celsius":17.5}\n');
 * ```
 */
export function encodeNdjson(options: EncodeNdjsonOptions = {}): ByteTransform {
  checkOptionNames(
    options,
    [...byteOptionNames, ...ndjsonWriteOptionNames].sort(),
    "NDJSON encoders",
  );
  const request = {
    encoder: {
      format: "ndjson" as const,
      text: checkNdjsonWrite(options),
      compression: checkFileCompression(options.compression, ""),
    },
    files: null,
    memoryLimitBytes: checkMemoryLimit(options.memoryLimit),
  };
  return new ByteTransform(request, checkColumns(options.schema));
}
