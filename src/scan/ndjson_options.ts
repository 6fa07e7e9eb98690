/**
 * What NDJSON may be told, and the checks of it.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { checkChoice, checkCount, shown } from "../check_options.ts";
import { schemaBytes } from "../batches/schema_bytes.ts";
import type {
  CompressedDecodeOptions,
  TextDecodeOptions,
  TextScanOptions,
} from "./text_scan_options.ts";

/** What reading NDJSON may be told about the format itself. */
export interface NdjsonOptions {
  /**
   * The columns and their types. By default they are inferred from the first records.
   *
   * With a schema, numbers may also come as strings (`"123"`, `"NaN"`), dates and timestamps as ISO
   * 8601 text or as the number that Arrow stores, and objects whose keys are data as a `Map_`.
   */
  schema?: RecordBatch["schema"] | undefined;
  /**
   * The records that the schema is inferred from: the first ones of the first files, 16 MiB of them
   * at most, and of a small memory limit an eighth, but 64 KiB in any case.
   *
   * @default {10_000}
   */
  inferRows?: number | undefined;
  /** What a field is that the schema doesn't have: passed over, or a bad record. @default {"ignore"} */
  onUnknownField?: "error" | "ignore" | undefined;
  /**
   * What becomes of a record that is no JSON object, has a field twice, or has a value that its
   * column can't hold.
   *
   * - `"error"`: the stream fails with a {@linkcode MalformedDataError}, after all rows before it.
   * - `"skip"`: it is left out, and counted as `skippedRecords` by `stats()`.
   * - `"null"`: values that fit no column are null, and of a record that breaks off all that was not
   *   read yet; `stats()` counts them as `nulledValues`.
   *
   * @default {"error"}
   */
  onBadRecord?: "error" | "null" | "skip" | undefined;
}

/**
 * What {@linkcode scanNdjson} may be told.
 *
 * @example
 * ```ts
 * import { col, type NdjsonScanOptions, scanNdjson } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const options: NdjsonScanOptions = { columns: ["user.name"], where: col("level").eq("error") };
 * const rows = await Array.fromAsync(scanNdjson("tests/data/events.ndjson", options).rows());
 * expect(rows).toEqual([{ user: { name: "Ida" } }]);
 * ```
 */
export interface NdjsonScanOptions extends NdjsonOptions, TextScanOptions {}

/** What {@linkcode decodeNdjson} may be told. */
export interface NdjsonDecodeOptions
  extends NdjsonOptions, TextDecodeOptions, CompressedDecodeOptions {}

/** The names of the format's own options. */
export const ndjsonOptionNames: readonly (keyof NdjsonOptions)[] = [
  "inferRows",
  "onBadRecord",
  "onUnknownField",
  "schema",
];

/**
 * Checks the format's own options.
 *
 * @param options The options.
 * @returns The format, as the native side is asked for it.
 * @throws {TypeError} Where one is of the wrong type.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkNdjson(
  { schema, inferRows, onUnknownField, onBadRecord }: NdjsonOptions,
): { readonly ndjson: object } {
  if (schema !== undefined && !Array.isArray(schema?.fields)) {
    throw new TypeError(`schema must be an apache-arrow Schema, not ${shown(schema)}`);
  }
  return {
    ndjson: {
      schema: schema === undefined ? null : schemaBytes(schema).toHex(),
      inferRows: checkCount(inferRows, "inferRows", 1),
      onUnknownField: checkChoice(onUnknownField, "onUnknownField", ["ignore", "error"]),
      onBadRecord: checkChoice<"error" | "null" | "skip">(onBadRecord, "onBadRecord", [
        "error",
        "skip",
        "null",
      ]),
    },
  };
}
