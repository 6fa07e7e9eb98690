/**
 * The checks of how Parquet is written.
 *
 * @module
 */
import {
  checkChoice,
  checkCount,
  checkNames,
  checkOptionNames,
  checkType,
  shown,
} from "../check_options.ts";
import { parseBytes } from "../memory/parse_bytes.ts";
import type { ParquetEncoding, ParquetOptions, SortingColumn } from "./parquet_options.ts";
import type { EncoderRequest } from "./sink_request.ts";

/** The names of the options. */
export const parquetOptionNames: readonly (keyof ParquetOptions)[] = [
  "bloomFilterColumns",
  "compression",
  "compressionLevel",
  "dataPageVersion",
  "dictionary",
  "encoding",
  "keyValueMetadata",
  "pageBytes",
  "pageIndex",
  "rowGroupBytes",
  "rowGroupRows",
  "sortingColumns",
  "statistics",
];

const encodings: readonly [ParquetEncoding, ...ParquetEncoding[]] = [
  "plain",
  "rle",
  "delta_binary_packed",
  "delta_length_byte_array",
  "delta_byte_array",
  "byte_stream_split",
];

/**
 * Checks how Parquet is to be written.
 *
 * @param options The options.
 * @returns What the native side is asked for.
 * @throws {TypeError} Where an option is of the wrong type.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkParquet(options: ParquetOptions): EncoderRequest {
  const { dictionary, rowGroupBytes = "128MiB", pageBytes = "1MiB" } = options;
  return {
    format: "parquet",
    compression: checkChoice(
      options.compression,
      "compression",
      ["snappy", "none", "gzip", "brotli", "zstd", "lz4"],
    ),
    compressionLevel: checkCount(options.compressionLevel, "compressionLevel"),
    rowGroupRows: checkCount(options.rowGroupRows, "rowGroupRows", 1) ?? 1_048_576,
    rowGroupBytes: parseBytes(rowGroupBytes, "rowGroupBytes"),
    pageBytes: parseBytes(pageBytes, "pageBytes"),
    dictionary: typeof dictionary === "object"
      ? checkNames(dictionary, "dictionary")
      : checkType(dictionary, "dictionary", "boolean") ?? true,
    statistics: checkType(options.statistics, "statistics", "boolean") ?? true,
    pageIndex: checkType(options.pageIndex, "pageIndex", "boolean") ?? true,
    bloomFilterColumns: checkNames(options.bloomFilterColumns, "bloomFilterColumns") ?? [],
    encoding: checkEncodings(options.encoding),
    sortingColumns: checkSorting(options.sortingColumns),
    keyValueMetadata: checkMetadata(options.keyValueMetadata),
    dataPageVersion: checkVersion(options.dataPageVersion),
  };
}

function checkEncodings(encoding: ParquetOptions["encoding"]): Record<string, ParquetEncoding> {
  const columns = Object.entries(checkRecord(encoding, "encoding"));
  return Object.fromEntries(
    columns.map(([column, name]) => [column, checkChoice(name, `encoding.${column}`, encodings)]),
  );
}

function checkSorting(columns: ParquetOptions["sortingColumns"]): Required<SortingColumn>[] {
  if (columns === undefined) return [];
  if (!Array.isArray(columns)) {
    throw new TypeError(`sortingColumns must be an array, not ${shown(columns)}`);
  }
  return columns.map((key: SortingColumn | string) => {
    const parts = typeof key === "string" ? { column: key } : key;
    if (typeof parts !== "object" || parts === null) {
      throw new TypeError(`sortingColumns must name columns, not ${shown(parts)}`);
    }
    checkOptionNames(parts, ["column", "descending", "nullsFirst"], "Columns of sortingColumns");
    const { column, descending, nullsFirst } = parts;
    if (typeof column !== "string") {
      throw new TypeError(`sortingColumns must name columns, not ${shown(column)}`);
    }
    return {
      column,
      descending: checkType(descending, "sortingColumns.descending", "boolean") ?? false,
      nullsFirst: checkType(nullsFirst, "sortingColumns.nullsFirst", "boolean") ?? false,
    };
  });
}

function checkMetadata(
  metadata: ParquetOptions["keyValueMetadata"],
): Record<string, string | null> {
  const pairs = checkRecord(metadata, "keyValueMetadata");
  for (const [key, value] of Object.entries(pairs)) {
    if (value !== null && typeof value !== "string") {
      throw new TypeError(`keyValueMetadata.${key} must be a string or null, not ${shown(value)}`);
    }
  }
  return { ...pairs };
}

function checkRecord<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  option: string,
): Readonly<Record<string, Value>> {
  if (record === undefined) return {};
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return record;
  throw new TypeError(`${option} must be an object, not ${shown(record)}`);
}

function checkVersion(version: ParquetOptions["dataPageVersion"]): number {
  if (version === undefined || version === 1 || version === 2) return version ?? 1;
  throw new RangeError(`dataPageVersion must be 1 or 2, not ${shown(version)}`);
}
