/**
 * The checks of a scan's arguments.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Schema } from "apache-arrow";
import { AdaptiveChunkStrategy } from "./adaptive_chunk_strategy.ts";
import type { ChunkStrategy } from "./chunk_strategy.ts";
import { DatasetFiles, type DatasetRequest } from "./dataset_files.ts";
import type { SkippedFile } from "./file_stats.ts";
import { FixedChunkStrategy } from "./fixed_chunk_strategy.ts";
import { nearestNames } from "./nearest_names.ts";
import { parseBytes } from "./parse_bytes.ts";
import { checkRowFilter, type RowFilter } from "./row_filter.ts";
import type { ScanOptions, ScanPaths } from "./scan_options.ts";
import type { PruneOptions } from "./prune_options.ts";
import type { ScanProgress } from "./scan_progress.ts";

/** Options after the checks. */
export interface CheckedScan {
  files: DatasetFiles;
  schema: "first" | "strict" | "union" | Schema;
  concurrency: number;
  ordered: boolean;
  onFileError: "throw" | "skip" | ((file: SkippedFile) => void);
  columns: readonly string[] | null;
  strategy: ChunkStrategy;
  fixedRows: number | null;
  memoryLimitBytes: number | null;
  limit: number | null;
  offset: number;
  io: "mmap" | "read";
  dictionary: true | readonly string[] | null;
  strings: "utf8" | "preserve";
  zeroCopy: boolean;
  rowIndex: string | null;
  rowIndexPerFile: boolean;
  where: RowFilter | null;
  prune: PruneOptions;
  signal: AbortSignal | null;
  progress: ((progress: ScanProgress) => void) | null;
}

const optionNames: readonly (keyof ScanOptions)[] = [
  "allowEmpty",
  "batchSize",
  "chunkStrategy",
  "columns",
  "concurrency",
  "dictionary",
  "fileName",
  "hivePartitioning",
  "hiveTypes",
  "io",
  "limit",
  "memoryLimit",
  "offset",
  "onFileError",
  "ordered",
  "progress",
  "prune",
  "rowGroups",
  "rowIndex",
  "schema",
  "signal",
  "strings",
  "where",
  "zeroCopy",
];

/**
 * Checks the arguments of a scan before anything is opened.
 *
 * @param paths The files: paths, directories and patterns.
 * @param options What the scan is told.
 * @returns The options with their defaults.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkScan(paths: ScanPaths, options: ScanOptions = {}): CheckedScan {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options of a scan must be an object, not ${describe(options)}`);
  }
  rejectUnknown(options);
  const { dictionary, progress, signal } = options;
  return {
    files: DatasetFiles.asked(checkFiles(paths, options)),
    schema: checkSchema(options.schema),
    concurrency: checkCount(options.concurrency, "concurrency", 1) ?? 0,
    ordered: checkType(options.ordered, "ordered", "boolean") ?? true,
    onFileError: checkOnFileError(options.onFileError),
    columns: checkNames(options.columns, "columns"),
    ...checkSize(options),
    memoryLimitBytes: options.memoryLimit === undefined
      ? null
      : parseBytes(options.memoryLimit, "memoryLimit"),
    limit: checkCount(options.limit, "limit"),
    offset: checkCount(options.offset, "offset") ?? 0,
    io: checkChoice(options.io, "io", ["mmap", "read"]),
    dictionary: dictionary === true ? true : checkNames(dictionary, "dictionary"),
    strings: checkChoice(options.strings, "strings", ["utf8", "preserve"]),
    zeroCopy: checkType(options.zeroCopy, "zeroCopy", "boolean") ?? true,
    ...checkRowIndex(options.rowIndex),
    where: options.where === undefined ? null : checkRowFilter(options.where, "where"),
    prune: checkPrune(options.prune),
    signal: checkSignal(signal),
    progress: checkType(progress, "progress", "function") ?? null,
  };
}

function checkFiles(paths: ScanPaths, options: ScanOptions): DatasetRequest {
  const { hiveTypes, fileName } = options;
  if (hiveTypes !== undefined && (typeof hiveTypes !== "object" || hiveTypes === null)) {
    throw new TypeError(`hiveTypes must be an object, not ${describe(hiveTypes)}`);
  }
  const hive = checkType(options.hivePartitioning, "hivePartitioning", "boolean");
  if (hiveTypes !== undefined && hive === false) {
    throw new TypeError("hiveTypes needs hivePartitioning: leave one of them out");
  }
  return {
    paths: Array.isArray(paths) ? paths.map(pathOf) : pathOf(paths as string | URL),
    allowEmpty: checkType(options.allowEmpty, "allowEmpty", "boolean") ?? false,
    hive: hive ?? hiveTypes !== undefined,
    hiveTypes: { ...hiveTypes },
    fileName: checkType(fileName, "fileName", "string") ?? null,
    rowGroups: checkRowGroups(options.rowGroups),
  };
}

function checkSchema(schema: ScanOptions["schema"]): CheckedScan["schema"] {
  if (typeof schema !== "object") {
    return checkChoice<"first" | "strict" | "union">(
      schema,
      "schema",
      ["strict", "first", "union"],
      " or an apache-arrow Schema",
    );
  }
  if (Array.isArray(schema?.fields)) return schema;
  throw new TypeError(`schema must be an apache-arrow Schema, not ${describe(schema)}`);
}

function checkOnFileError(handle: ScanOptions["onFileError"]): CheckedScan["onFileError"] {
  if (typeof handle === "function") return handle;
  return checkChoice<"skip" | "throw">(handle, "onFileError", ["throw", "skip"], " or a function");
}

function checkRowIndex(
  rowIndex: ScanOptions["rowIndex"],
): Pick<CheckedScan, "rowIndex" | "rowIndexPerFile"> {
  if (typeof rowIndex !== "object") {
    return { rowIndex: checkType(rowIndex, "rowIndex", "string") ?? null, rowIndexPerFile: false };
  }
  const { name, per } = rowIndex ?? {};
  if (typeof name !== "string") {
    throw new TypeError(`rowIndex must be a string or have one as its name, not ${describe(name)}`);
  }
  const choice = checkChoice<"file" | "stream">(per, "rowIndex.per", ["stream", "file"]);
  return { rowIndex: name, rowIndexPerFile: choice === "file" };
}

/**
 * The path of a file that is given as a path or as a `file:` URL.
 *
 * @param path The file.
 * @returns The path.
 * @throws {TypeError} Where it is neither.
 */
export function pathOf(path: string | URL): string {
  if (path instanceof URL) {
    if (path.protocol !== "file:") {
      throw new TypeError(`The URL of a Parquet file must begin with file:, not ${path.protocol}`);
    }
    return fileURLToPath(path);
  }
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`The path of a Parquet file must be text or a URL, not ${describe(path)}`);
  }
  if (path.includes("\0")) {
    throw new TypeError("The path of a Parquet file must not have a NUL character in it");
  }
  return path;
}

function rejectUnknown(options: ScanOptions): void {
  for (const name of Object.keys(options)) {
    if ((optionNames as readonly string[]).includes(name)) continue;
    const near = nearestNames(name, optionNames);
    const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "";
    throw new TypeError(
      `Scans have no option ${name}. ${hint || `They have ${optionNames.join(", ")}`}`,
    );
  }
}

function checkSize(
  { batchSize, chunkStrategy }: ScanOptions,
): Pick<CheckedScan, "strategy" | "fixedRows"> {
  if (batchSize !== undefined && chunkStrategy !== undefined) {
    throw new TypeError("Give batchSize or chunkStrategy, not both");
  }
  const fixedRows = checkCount(batchSize, "batchSize", 1);
  if (fixedRows !== null) return { strategy: new FixedChunkStrategy(fixedRows), fixedRows };
  const strategy = chunkStrategy === undefined ? new AdaptiveChunkStrategy() : chunkStrategy;
  if (typeof strategy?.calculateChunkSize !== "function" || typeof strategy.adjust !== "function") {
    throw new TypeError("chunkStrategy must have the methods calculateChunkSize and adjust");
  }
  return { strategy, fixedRows: strategy instanceof FixedChunkStrategy ? strategy.rows : null };
}

function checkNames(
  names: readonly string[] | undefined,
  option: string,
): readonly string[] | null {
  if (names === undefined) return null;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new TypeError(`${option} must be an array of column names, not ${describe(names)}`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`${option} names ${twice} more than once`);
  return [...names];
}

function checkRowGroups(rowGroups: readonly number[] | undefined): readonly number[] | null {
  if (rowGroups === undefined) return null;
  if (!Array.isArray(rowGroups)) {
    throw new TypeError(`rowGroups must be an array of indices, not ${describe(rowGroups)}`);
  }
  return rowGroups.map((index) => checkCount(index, "An index in rowGroups") ?? 0);
}

function checkCount(count: number | undefined, option: string, least = 0): number | null {
  if (count === undefined) return null;
  if (typeof count !== "number") {
    throw new TypeError(`${option} must be a number, not ${describe(count)}`);
  }
  if (!Number.isSafeInteger(count) || count < least) {
    throw new RangeError(`${option} must be a whole number, ${least} or more, not ${count}`);
  }
  return count;
}

function checkChoice<Choice extends string>(
  choice: Choice | undefined,
  option: string,
  choices: readonly [Choice, ...Choice[]],
  others = "",
): Choice {
  if (choice === undefined) return choices[0];
  if (choices.includes(choice)) return choice;
  const allowed = choices.map((name) => `"${name}"`).join(" or ");
  throw new TypeError(`${option} must be ${allowed}${others}, not ${describe(choice)}`);
}

const pruneNames = ["statistics", "bloomFilters", "dictionaries", "pageIndex"] as const;

function checkPrune(prune: ScanOptions["prune"]): PruneOptions {
  if (prune === undefined || prune === true) return {};
  if (prune === false) return Object.fromEntries(pruneNames.map((name) => [name, false]));
  if (typeof prune !== "object" || prune === null) {
    throw new TypeError(`prune must be a boolean or an object, not ${describe(prune)}`);
  }
  for (const [name, value] of Object.entries(prune)) {
    if (!pruneNames.some((known) => known === name)) {
      throw new TypeError(`prune has no "${name}"; it has ${pruneNames.join(", ")}`);
    }
    checkType(value, `prune.${name}`, "boolean");
  }
  return { ...prune };
}

function checkType<Value>(
  value: Value | undefined,
  option: string,
  type: "boolean" | "function" | "string",
): Value | undefined {
  if (value === undefined || typeof value === type) return value;
  throw new TypeError(`${option} must be a ${type}, not ${describe(value)}`);
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | null {
  if (signal === undefined) return null;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(`signal must be an AbortSignal, not ${describe(signal)}`);
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return String(value);
}
