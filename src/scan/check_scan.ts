/**
 * The checks of a scan's arguments.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { AdaptiveChunkStrategy } from "../chunks/adaptive_chunk_strategy.ts";
import type { ChunkStrategy } from "../chunks/chunk_strategy.ts";
import {
  checkChoice,
  checkCount,
  checkNames,
  checkOptionNames,
  checkSignal,
  checkType,
  shown,
} from "../check_options.ts";
import { DatasetFiles, type DatasetRequest } from "../find/dataset_files.ts";
import type { SkippedFile } from "./file_stats.ts";
import { FixedChunkStrategy } from "../chunks/fixed_chunk_strategy.ts";
import { parseBytes } from "../memory/parse_bytes.ts";
import { pathOf } from "../find/path_of.ts";
import type { CheckedText } from "./check_text.ts";
import { type CheckedLimits, checkLimits } from "./read_limits.ts";
import { checkRowFilter, type RowFilter } from "../stages/row_filter.ts";
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
  limits: CheckedLimits;
  verifyChecksums: boolean;
  zeroCopy: boolean;
  rowIndex: string | null;
  rowIndexPerFile: boolean;
  where: RowFilter | null;
  prune: PruneOptions;
  signal: AbortSignal | null;
  /** The text format that is read; Parquet where `null`. */
  text: CheckedText | null;
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
  "followSymlinks",
  "hivePartitioning",
  "hiveTypes",
  "io",
  "limit",
  "limits",
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
  "verifyChecksums",
  "where",
  "zeroCopy",
];

/**
 * Checks the arguments of a scan before anything is opened.
 *
 * @param paths The files: paths, directories and patterns.
 * @param options What the scan is told.
 * @param suffixes How the names of a directory's files end.
 * @returns The options with their defaults.
 * @throws {TypeError} Where an argument is of the wrong type, or an option unknown.
 * @throws {RangeError} Where a number is out of its range.
 */
export function checkScan(
  paths: ScanPaths,
  options: ScanOptions = {},
  suffixes: readonly string[] = [".parquet"],
): CheckedScan {
  checkOptionNames(options, optionNames, "Scans");
  const { dictionary, progress, signal } = options;
  return {
    files: DatasetFiles.asked(checkFiles(paths, options, suffixes)),
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
    limits: checkLimits(options.limits),
    verifyChecksums: checkType(options.verifyChecksums, "verifyChecksums", "boolean") ?? true,
    offset: checkCount(options.offset, "offset") ?? 0,
    io: checkChoice(options.io, "io", ["mmap", "read"]),
    dictionary: dictionary === true ? true : checkNames(dictionary, "dictionary"),
    strings: checkChoice(options.strings, "strings", ["utf8", "preserve"]),
    zeroCopy: checkType(options.zeroCopy, "zeroCopy", "boolean") ?? true,
    ...checkRowIndex(options.rowIndex),
    where: options.where === undefined ? null : checkRowFilter(options.where, "where"),
    prune: checkPrune(options.prune),
    signal: checkSignal(signal),
    text: null,
    progress: checkType(progress, "progress", "function") ?? null,
  };
}

function checkFiles(
  paths: ScanPaths,
  options: ScanOptions,
  suffixes: readonly string[],
): DatasetRequest {
  const { hiveTypes, fileName } = options;
  if (hiveTypes !== undefined && (typeof hiveTypes !== "object" || hiveTypes === null)) {
    throw new TypeError(`hiveTypes must be an object, not ${shown(hiveTypes)}`);
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
    followSymlinks: checkType(options.followSymlinks, "followSymlinks", "boolean") ?? false,
    rowGroups: checkRowGroups(options.rowGroups),
    suffixes,
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
  throw new TypeError(`schema must be an apache-arrow Schema, not ${shown(schema)}`);
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
    throw new TypeError(`rowIndex must be a string or have one as its name, not ${shown(name)}`);
  }
  const choice = checkChoice<"file" | "stream">(per, "rowIndex.per", ["stream", "file"]);
  return { rowIndex: name, rowIndexPerFile: choice === "file" };
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

function checkRowGroups(rowGroups: readonly number[] | undefined): readonly number[] | null {
  if (rowGroups === undefined) return null;
  if (!Array.isArray(rowGroups)) {
    throw new TypeError(`rowGroups must be an array of indices, not ${shown(rowGroups)}`);
  }
  return rowGroups.map((index) => checkCount(index, "An index in rowGroups") ?? 0);
}

const pruneNames = ["statistics", "bloomFilters", "dictionaries", "pageIndex"] as const;

function checkPrune(prune: ScanOptions["prune"]): PruneOptions {
  if (prune === undefined || prune === true) return {};
  if (prune === false) return Object.fromEntries(pruneNames.map((name) => [name, false]));
  if (typeof prune !== "object" || prune === null) {
    throw new TypeError(`prune must be a boolean or an object, not ${shown(prune)}`);
  }
  for (const [name, value] of Object.entries(prune)) {
    if (!pruneNames.some((known) => known === name)) {
      throw new TypeError(`prune has no "${name}"; it has ${pruneNames.join(", ")}`);
    }
    checkType(value, `prune.${name}`, "boolean");
  }
  return { ...prune };
}
