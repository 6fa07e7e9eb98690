/**
 * What a scan may be told.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { ChunkStrategy } from "../chunks/chunk_strategy.ts";
import type { SkippedFile } from "./file_stats.ts";
import type { HiveType } from "../find/hive_types.ts";
import type { PruneOptions } from "./prune_options.ts";
import type { ReadLimits } from "./read_limits.ts";
import type { RowFilter } from "../stages/row_filter.ts";
import type { ScanProgress } from "./scan_progress.ts";

/**
 * The files of a scan: one or several of these, whose rows come in this order.
 *
 * - The path of a file, or a `file:` URL.
 * - A directory: its files ending in `.parquet`, at any depth, but for names that start with `_` or
 *   `.`.
 * - A pattern: `*` and `?` are any characters of a name, `[a-z]` and `[!a-z]` one of some, `{a,b}`
 *   one of several texts, and `**` any number of folders.
 *
 * Files of a directory or a pattern come in natural order: `part-2` before `part-10`. Symbolic links
 * among them are passed over unless `followSymlinks` is set.
 */
export type ScanPaths = string | URL | readonly (string | URL)[];

/**
 * What {@linkcode scanParquet} may be told.
 *
 * @example
 * ```ts
 * import { scanParquet, type ScanOptions } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const options: ScanOptions = {
 *   columns: ["sensor", "celsius"],
 *   dictionary: ["sensor"],
 *   rowIndex: "row",
 *   rowGroups: [1],
 *   limit: 3,
 * };
 * const table = await scanParquet("tests/data/readings.parquet", options).collect();
 * expect(table.schema.names).toEqual(["row", "sensor", "celsius"]);
 * expect(Array.from(table.getChild("row")!)).toEqual([500n, 501n, 502n]);
 * ```
 *
 * @example Only some rows
 * ```ts
 * import { col, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const table = await scanParquet("tests/data/readings.parquet", {
 *   where: col("celsius").ge(29),
 *   columns: ["sensor"],
 *   limit: 10,
 * }).collect();
 * expect([table.numRows, table.schema.names]).toEqual([10, ["sensor"]]);
 * ```
 */
export interface ScanOptions {
  /**
   * The columns to read, in this order: names, or paths into nested ones, their parts joined by
   * dots. Upper and lower case differ. Columns that aren't named are neither read nor decoded, but
   * for those that `where` tests.
   */
  columns?: readonly string[] | undefined;
  /**
   * Which rows to give: those for which it is true, as {@linkcode where} has it. Rows are tested
   * first, then `offset` and `limit` count those that pass.
   *
   * An expression may name columns that aren't in `columns`, and is pushed down: row groups and
   * pages that can't hold such a row aren't read. A predicate of your own leaves out row groups; like
   * a function, it is given batches of all columns.
   */
  where?: RowFilter | undefined;
  /** The rows of every batch but each file's last. Not together with `chunkStrategy`. */
  batchSize?: number | undefined;
  /** The policy for the size of batches. @default {new AdaptiveChunkStrategy()} */
  chunkStrategy?: ChunkStrategy | undefined;
  /**
   * The most decoded bytes that may exist at once: being decoded, queued, or held by JavaScript. A
   * scan whose consumer holds all of them decodes one more batch, so that it goes on: an eighth of
   * the limit at most, or a row where that is larger. A limit that a row doesn't fit is a
   * `MemoryLimitError` that tells the row's bytes.
   *
   * A number of bytes, or text like `"256MB"` or `"2GiB"`. By default the stream shares the
   * process's budget, a quarter of the memory that is available.
   */
  memoryLimit?: number | string | undefined;
  /** The most that a file may ask for: what is more is refused before anything of that size is made. */
  limits?: ReadLimits | undefined;
  /**
   * Whether the bytes of each page are compared with its checksum, where its writer stored one. What
   * was damaged is a `CorruptFileError` then, and no row of it is given.
   *
   * @default {true}
   */
  verifyChecksums?: boolean | undefined;
  /** The most rows to give; with `where`, of those that pass. */
  limit?: number | undefined;
  /** The rows to skip at the start; with `where`, of those that pass. @default {0} */
  offset?: number | undefined;
  /** The indices of the row groups to read of a single file; rows come in file order. */
  rowGroups?: readonly number[] | undefined;
  /**
   * Whether files are mapped into memory or read by ranges.
   *
   * A map costs no copies. A file that is changed or cut off while it is scanned is a
   * `FileChangedError` either way. Files that can't be mapped, or have less than 64 KiB, are read.
   *
   * @default {"mmap"}
   */
  io?: "mmap" | "read" | undefined;
  /**
   * The string columns to give as `Dictionary`, each with one dictionary for the whole stream;
   * `true` for all that are stored so. Repetitive columns get several times faster to read.
   */
  dictionary?: true | readonly string[] | undefined;
  /** Whether strings come as `Utf8`, or as the file says (`LargeUtf8`). @default {"utf8"} */
  strings?: "utf8" | "preserve" | undefined;
  /**
   * Whether columns are views of native memory. `false` gives copies that JavaScript owns, which
   * need no release and don't count against the limit. @default {true}
   */
  zeroCopy?: boolean | undefined;
  /**
   * What predicates may be decided by before anything is decoded; `false` for nothing, so that all
   * rows are tested. @default {true}
   */
  prune?: boolean | PruneOptions | undefined;
  /**
   * The name of a column to add in front, which numbers the rows of all files, read or not, from 0;
   * or, with `per: "file"`, those of each file.
   */
  rowIndex?: string | { name: string; per?: "file" | "stream" | undefined } | undefined;
  /**
   * What files are shown as whose columns differ. Columns are matched by name.
   *
   * - `"strict"`: they must not differ in the columns that are read; without `columns`, no file may
   *   have others than the first.
   * - `"first"`: as the first file. A column that a later file lacks is null there, and values are
   *   widened to the first file's type where that loses nothing: int32 to int64, float32 to
   *   float64, integers and decimals to wider decimals, dates to timestamps, timestamps and times
   *   to finer units. Other columns of later files are left out.
   * - `"union"`: with all columns of all files, each of a type that holds all values. All footers
   *   are read before the first batch.
   * - A schema: as it says, by the same rules.
   *
   * @default {"strict"}
   */
  schema?: "first" | "strict" | "union" | RecordBatch["schema"] | undefined;
  /**
   * Whether folders named `key=value` give columns: of whole numbers, days or text. Predicates on
   * them rule out files before they are opened.
   *
   * @default {false}
   */
  hivePartitioning?: boolean | undefined;
  /** The types of columns that folders give, where others are wanted than those that are inferred. */
  hiveTypes?: Readonly<Record<string, HiveType>> | undefined;
  /** The name of a column to add with the path of each row's file, as a `Dictionary`. */
  fileName?: string | undefined;
  /**
   * Whether symbolic links are followed that lie in a directory, or that a pattern's wildcards come
   * upon. Without it they are passed over, so that whoever may put links into a folder can't have other
   * files read than those below it. Links that are named are followed: a path, a directory, and the part
   * of a pattern before its first wildcard. Cycles of links end, and a file is read once.
   *
   * What is a link is found out when files are listed: who may write into a folder while it is scanned can
   * still put a link where a file was.
   *
   * @default {false}
   */
  followSymlinks?: boolean | undefined;
  /** Whether there may be no file: the stream is empty then. @default {false} */
  allowEmpty?: boolean | undefined;
  /**
   * The most files to have open at once, beside the first, which tells the schema. By default as
   * many as keep the threads busy: few large ones, or many small ones, but never more than 128.
   */
  concurrency?: number | undefined;
  /**
   * Whether batches come in the order of files and rows. `false` gives them as they are ready, so
   * that none waits for a slow file.
   *
   * @default {true}
   */
  ordered?: boolean | undefined;
  /**
   * What a file that can't be read does: ends the stream with its error, or is left out. Batches
   * that it gave before stay as they are. `stats().files` holds which were left out and why; a
   * function is told too.
   *
   * @default {"throw"}
   */
  onFileError?: "throw" | "skip" | ((file: SkippedFile) => void) | undefined;
  /**
   * Aborts the scan: the stream errors with the signal's reason, and what else is asked of it
   * (`schema()`, `explain()`) rejects with it.
   */
  signal?: AbortSignal | undefined;
  /** Told about the progress, ten times a second at most and once at the end. */
  progress?: ((progress: ScanProgress) => void) | undefined;
}
