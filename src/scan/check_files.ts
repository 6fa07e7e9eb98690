/**
 * The checks of what sinks that write files are told.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { checkCount, checkNames, checkType, shown } from "../check_options.ts";
import type { FileOptions } from "../write/file_options.ts";
import { parseBytes } from "../memory/parse_bytes.ts";
import { pathOf } from "../find/path_of.ts";
import type { FilesRequest } from "../write/sink_request.ts";

/** The names of the options. */
export const fileOptionNames: readonly (keyof FileOptions)[] = [
  "durable",
  "maxFileBytes",
  "maxFileRows",
  "maxOpenFiles",
  "memoryLimit",
  "overwrite",
  "partitionBy",
  "schema",
];

/**
 * Checks where files go.
 *
 * @param path A file; or a folder, where it ends in a slash or options ask for several files.
 * @param options The options.
 * @returns What the native side is asked for.
 * @throws {TypeError} Where an argument is of the wrong type.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkFiles(path: string | URL, options: FileOptions): FilesRequest {
  const checked = pathOf(path);
  const partitionBy = checkNames(options.partitionBy, "partitionBy") ?? [];
  const { maxFileBytes } = options;
  const limits = {
    maxFileBytes: maxFileBytes === undefined ? null : parseBytes(maxFileBytes, "maxFileBytes"),
    maxFileRows: checkCount(options.maxFileRows, "maxFileRows", 1),
  };
  const several = partitionBy.length > 0 || limits.maxFileBytes !== null ||
    limits.maxFileRows !== null;
  return {
    path: checked,
    folder: several || /[/\\]$/.test(checked),
    partitionBy,
    ...limits,
    maxOpenFiles: checkCount(options.maxOpenFiles, "maxOpenFiles", 1) ?? 64,
    overwrite: checkType(options.overwrite, "overwrite", "boolean") ?? false,
    durable: checkType(options.durable, "durable", "boolean") ?? false,
  };
}

/** Checks a memory limit; `null` where there is none. */
export function checkMemoryLimit(limit: number | string | undefined): number | null {
  return limit === undefined ? null : parseBytes(limit, "memoryLimit");
}

/** Checks a schema; `null` where there is none. */
export function checkColumns(schema: Schema | undefined): Schema | null {
  if (schema === undefined) return null;
  if (Array.isArray(schema?.fields)) return schema;
  throw new TypeError(`schema must be an apache-arrow Schema, not ${shown(schema)}`);
}
