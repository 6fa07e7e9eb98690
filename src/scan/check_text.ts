/**
 * The checks of the arguments of text scans and decoders.
 *
 * @module
 */
import { checkChoice, checkOptionNames } from "../check_options.ts";
import { type CheckedScan, checkScan } from "./check_scan.ts";
import { PushedInput } from "./pushed_input.ts";
import type { ScanOptions, ScanPaths } from "./scan_options.ts";
import type {
  CompressedDecodeOptions,
  TextDecodeOptions,
  TextScanOptions,
} from "./text_scan_options.ts";
import type { TextRequest } from "./text_request.ts";

/** What the native side is asked for, and where the bytes come from if not from files. */
export interface CheckedText extends TextRequest {
  /** Where the bytes are pushed to; `null` for files. */
  readonly input: PushedInput | null;
}

/** A text format, as its entry describes it. */
export interface TextFormat {
  /** How the names of a directory's files end, compressed ones aside. */
  readonly suffixes: readonly string[];
  /** The names of the format's own options. */
  readonly optionNames: readonly string[];
  /** The format with its own options, which were checked. */
  readonly request: TextRequest["format"];
  /**
   * Whether its files may be compressed as a whole. They are read side by side then, since one thread
   * decompresses each.
   *
   * @default {true}
   */
  readonly compressible?: boolean;
  /** Further options that it shares with scans of Parquet files. */
  readonly sharedNames?: readonly (keyof ScanOptions)[];
}

const decodeNames: readonly (keyof TextDecodeOptions)[] = [
  "batchSize",
  "chunkStrategy",
  "columns",
  "limit",
  "limits",
  "memoryLimit",
  "offset",
  "progress",
  "rowIndex",
  "signal",
  "where",
  "zeroCopy",
];

const fileNames: readonly Exclude<
  keyof TextScanOptions,
  keyof TextDecodeOptions | "compression" | "concurrency"
>[] = [
  "allowEmpty",
  "fileName",
  "followSymlinks",
  "hivePartitioning",
  "hiveTypes",
  "io",
  "onFileError",
  "ordered",
];

/**
 * Checks the arguments of a scan of text files.
 *
 * @param paths The files: paths, directories and patterns.
 * @param options What the scan is told, the format's own options included.
 * @param format The format.
 * @returns The options with their defaults.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkTextScan(
  paths: ScanPaths,
  options: TextScanOptions,
  { suffixes, optionNames, request, compressible = true, sharedNames = [] }: TextFormat,
): CheckedScan {
  const own: (keyof ScanOptions)[] = [...decodeNames, ...fileNames, ...sharedNames];
  if (compressible) own.push("concurrency");
  const other = compressible ? ["compression", ...optionNames] : optionNames;
  checkOptionNames(options, [...own, ...other], "Scans");
  const compression = checkCompression(options);
  const text = { format: request, compression, pushed: false, input: null };
  const endings = compressible ? ["", ".gz", ".zst"] : [""];
  const all = suffixes.flatMap((suffix) => endings.map((ending) => suffix + ending));
  return { ...checkScan(paths, picked<ScanOptions, keyof ScanOptions>(options, own), all), text };
}

/**
 * Checks the arguments of a decoder of text.
 *
 * @param options What it is told, the format's own options included.
 * @param format The format.
 * @returns The options with their defaults, and where the bytes are pushed to.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkTextDecode(
  options: TextDecodeOptions & CompressedDecodeOptions,
  { optionNames, request, compressible = true, sharedNames = [] }: TextFormat,
): { readonly checked: CheckedScan; readonly input: PushedInput } {
  const own = [...decodeNames, ...sharedNames];
  const other = compressible ? ["compression", ...optionNames] : optionNames;
  checkOptionNames(options, [...own, ...other], "Decoders");
  const input = new PushedInput();
  const text = { format: request, compression: checkCompression(options), pushed: true, input };
  const asked = picked<ScanOptions, keyof ScanOptions>(options, own);
  const checked = checkScan([], { ...asked, allowEmpty: true });
  return { checked: { ...checked, text }, input };
}

function checkCompression({ compression }: CompressedDecodeOptions): TextRequest["compression"] {
  if (compression === undefined) return null;
  return checkChoice<"gzip" | "none" | "zstd">(compression, "compression", [
    "none",
    "gzip",
    "zstd",
  ]);
}

/** Some of the options. */
function picked<Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): Pick<Options, Name> {
  const entries = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(entries.map((name) => [name, options[name]])) as Pick<Options, Name>;
}
