/**
 * How NDJSON is written.
 *
 * @module
 */
import { checkType } from "../check_options.ts";
import type { FileCompression } from "../scan/file_compression.ts";
import { checkTimeFormats, timeFormatNames, type TimeFormats } from "../rows/time_formats.ts";

/** Options of NDJSON that is written. */
export interface NdjsonWriteOptions extends TimeFormats {
  /**
   * Whether nulls are written; their fields are left out otherwise.
   *
   * @default {false}
   */
  explicitNulls?: boolean | undefined;
  /**
   * How the whole output is compressed. A file's by its name (`.gz`, `.zst`), unless it is said.
   *
   * @default {"none"}
   */
  compression?: FileCompression | undefined;
}

/** The names of the options. */
export const ndjsonWriteOptionNames: readonly (keyof NdjsonWriteOptions)[] = [
  "compression",
  "explicitNulls",
  ...timeFormatNames,
];

/**
 * Checks how NDJSON is to be written.
 *
 * @param options The options.
 * @returns The options as the native side has them.
 * @throws {TypeError} Where an option is of the wrong type.
 */
export function checkNdjsonWrite(options: NdjsonWriteOptions): Record<string, unknown> {
  return {
    explicitNulls: checkType(options.explicitNulls, "explicitNulls", "boolean") ?? false,
    ...checkTimeFormats(options),
  };
}
