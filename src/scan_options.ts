/**
 * What a scan may be told.
 *
 * @module
 */
import type { ChunkStrategy } from "./chunk_strategy.ts";
import type { PruneOptions } from "./prune_options.ts";
import type { RowFilter } from "./row_filter.ts";
import type { ScanProgress } from "./scan_progress.ts";

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
  /** The rows of every batch but the last. Not together with `chunkStrategy`. */
  batchSize?: number | undefined;
  /** The policy for the size of batches. @default {new AdaptiveChunkStrategy()} */
  chunkStrategy?: ChunkStrategy | undefined;
  /**
   * The most decoded bytes that may exist at once: being decoded, queued, or held by JavaScript.
   *
   * A number of bytes, or text like `"256MB"` or `"2GiB"`. By default the stream shares the
   * process's budget, a quarter of the memory that is available.
   */
  memoryLimit?: number | string | undefined;
  /** The most rows to give; with `where`, of those that pass. */
  limit?: number | undefined;
  /** The rows to skip at the start; with `where`, of those that pass. @default {0} */
  offset?: number | undefined;
  /** The indices of the row groups to read; rows come in file order. */
  rowGroups?: readonly number[] | undefined;
  /** Whether the file is mapped into memory or read by ranges. @default {"mmap"} */
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
  /** The name of a column to add in front, which numbers the rows of the file from 0. */
  rowIndex?: string | undefined;
  /** Aborts the scan: the stream errors with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told about the progress, ten times a second at most and once at the end. */
  progress?: ((progress: ScanProgress) => void) | undefined;
}
