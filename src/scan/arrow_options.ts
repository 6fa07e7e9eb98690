/**
 * What Arrow IPC may be told.
 *
 * @module
 */
import type { TextFormat } from "./check_text.ts";
import type { ScanOptions } from "./scan_options.ts";
import type { TextDecodeOptions, TextScanOptions } from "./text_scan_options.ts";

/**
 * What {@linkcode scanArrow} may be told: a part of what {@linkcode scanParquet} may be.
 *
 * Files are read one after the other, and their batches are decoded by all cores. The column of
 * `fileName` is text, not a `Dictionary`.
 *
 * @example
 * ```ts
 * import { type ArrowScanOptions, col, scanArrow } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const options: ArrowScanOptions = { columns: ["sensor"], where: col("celsius").eq(30), limit: 2 };
 * const table = await scanArrow("tests/data/readings.arrow", options).collect();
 * expect(Array.from(table.getChild("sensor")!)).toEqual(["garden", "kitchen"]);
 * ```
 */
export interface ArrowScanOptions
  extends
    Omit<TextScanOptions, "compression" | "concurrency">,
    Pick<ScanOptions, "schema" | "strings"> {}

/** What {@linkcode decodeArrow} may be told. */
export interface ArrowDecodeOptions extends TextDecodeOptions, Pick<ScanOptions, "strings"> {}

/** Arrow IPC files. */
export const arrowFiles: TextFormat = {
  suffixes: [".arrow", ".arrows", ".feather", ".ipc"],
  optionNames: [],
  request: { arrow: {} },
  compressible: false,
  sharedNames: ["schema", "strings"],
};

/** Arrow IPC that is pushed. */
export const arrowBytes: TextFormat = { ...arrowFiles, sharedNames: ["strings"] };
