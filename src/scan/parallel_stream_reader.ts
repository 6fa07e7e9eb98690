/**
 * Many files read at once.
 *
 * @module
 */
import type { Table } from "apache-arrow";
import type { ChunkStrategy } from "../chunks/chunk_strategy.ts";
import { checkScan } from "./check_scan.ts";
import { pathOf } from "../find/path_of.ts";
import { DatasetFiles } from "../find/dataset_files.ts";
import { MemoryLimitError, SpillwayError } from "../errors.ts";
import { scanSource } from "./filtered_scan.ts";
import { type CollectOptions, RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { RowFilter } from "../stages/row_filter.ts";
import { scanParquet } from "./scan_parquet.ts";
import type { ScanOptions, ScanPaths } from "./scan_options.ts";
import { where } from "../stages/where.ts";

/** All scans share the threads that decode: more at once would only take memory. */
const filesAtOnce = 4;

/**
 * Reads many Parquet files at once: as one stream, as a table each, or as one table.
 *
 * A reader is only a recipe: it holds nothing open, every `with…` gives a new one, and each call of
 * {@linkcode ParallelStreamReader.stream} is a scan of its own.
 *
 * @example
 * ```ts
 * import { ParallelStreamReader } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const reader = ParallelStreamReader.fromGlob("tests/data/*.parquet").withMaxConcurrent(4);
 * let rows = 0;
 * for await (using batch of reader.stream()) rows += batch.numRows;
 * expect(rows).toBe(2_000);
 * ```
 */
export class ParallelStreamReader {
  readonly #paths: ScanPaths;
  readonly #options: ScanOptions;
  #predicates: readonly RowFilter[] = [];

  /**
   * Makes a reader; no file is touched yet.
   *
   * @param paths The files: paths, `file:` URLs, directories and patterns.
   * @param options As for {@linkcode scanParquet}; they hold for every scan of this reader.
   * @throws {TypeError | RangeError} Where one of them is wrong.
   */
  constructor(paths: ScanPaths, options: ScanOptions = {}) {
    checkScan(paths, options);
    this.#paths = paths;
    this.#options = options;
  }

  /**
   * A reader of the files that a pattern matches; they are looked for when a scan begins.
   *
   * @param pattern The pattern: see {@linkcode ScanPaths}.
   * @param options As for {@linkcode scanParquet}.
   * @returns The reader.
   * @throws {TypeError | RangeError} Where one of them is wrong.
   */
  static fromGlob(pattern: string, options: ScanOptions = {}): ParallelStreamReader {
    return new ParallelStreamReader(pathOf(pattern), options);
  }

  /**
   * The same reader with another number of files that are open at once.
   *
   * @param concurrency The most files, 1 or more.
   * @returns A new reader.
   */
  withMaxConcurrent(concurrency: number): ParallelStreamReader {
    return this.#with({ concurrency });
  }

  /**
   * The same reader with another policy for the size of batches.
   *
   * @param chunkStrategy The policy: it goes on with what it has learnt from scan to scan.
   * @returns A new reader.
   */
  withChunkStrategy(chunkStrategy: ChunkStrategy): ParallelStreamReader {
    return this.#with({ batchSize: undefined, chunkStrategy });
  }

  /**
   * The same reader with another memory limit.
   *
   * @param memoryLimit A number of bytes, or text like `"256MB"`.
   * @returns A new reader.
   */
  withMemoryLimit(memoryLimit: number | string): ParallelStreamReader {
    return this.#with({ memoryLimit });
  }

  /**
   * The same reader with a predicate: only rows for which it is true are given. With several, all
   * must be. `limit` and `offset` of the options count the rows that are tested.
   *
   * @param predicate An expression, a predicate of your own, or a function from a batch to a mask.
   * @returns A new reader.
   *
   * @example
   * ```ts
   * import { col, ParallelStreamReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = ParallelStreamReader.fromGlob("tests/data/*.parquet")
   *   .withPredicate(col("sensor").eq("attic"));
   * for await (const { sensor } of reader.stream().rows()) expect(sensor).toBe("attic");
   * ```
   */
  withPredicate(predicate: RowFilter): ParallelStreamReader {
    return this.#with({}, [...this.#predicates, predicate]);
  }

  /**
   * Begins a scan of all files.
   *
   * @returns The stream of their batches.
   */
  stream(): RecordBatchStream {
    return this.#filtered(scanParquet(this.#paths, this.#options));
  }

  /**
   * Reads each file into an apache-arrow `Table` of its own, in memory that JavaScript owns; as many
   * at once as may be open.
   *
   * @param options The most memory that each may take.
   * @returns The tables, in the order of the files. One that can't be read has none, where
   * `onFileError` says to leave it out.
   * @throws {MemoryLimitError} Where a table would take more.
   * @throws {SpillwayError} Where a file can't be read.
   *
   * @example
   * ```ts
   * import { ParallelStreamReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const tables = await ParallelStreamReader.fromGlob("tests/data/*.parquet").collectParallel();
   * expect(tables.map((table) => table.numRows)).toEqual([2_000]);
   * ```
   */
  async collectParallel(options?: CollectOptions): Promise<Table[]> {
    const { concurrency = filesAtOnce, onFileError = "throw", signal } = this.#options;
    const checked = checkScan(this.#paths, this.#options);
    const files = await checked.files.list(checked.signal);
    const tables: (Table | null)[] = files.map(() => null);
    const failed = new AbortController();
    // Files are read alone, but their folders' columns have the types that fit all.
    const alone = { ...checked, onFileError: "throw" as const, signal: anySignal(failed, signal) };
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < files.length; index = next++) {
        const file = files[index]!;
        const source = scanSource({ ...alone, files: DatasetFiles.known([file]) });
        try {
          tables[index] = await this.#filtered(new RecordBatchStream(source)).collect(options);
        } catch (error) {
          if (onFileError === "throw" || !isOfFile(error)) throw error;
          if (typeof onFileError === "function") onFileError({ path: file.path, error });
        }
      }
    };
    const work = async () => {
      try {
        await worker();
      } catch (error) {
        // The others end soon, and this rejects no sooner than they have.
        next = files.length;
        failed.abort(error);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work));
    failed.signal.throwIfAborted();
    return tables.filter((table) => table !== null);
  }

  /**
   * Reads all files into one apache-arrow `Table`, in memory that JavaScript owns.
   *
   * @param options The most memory it may take.
   * @returns The table: the rows of the first file first, unless `ordered` is `false`.
   * @throws {MemoryLimitError} Where it would take more.
   * @throws {SchemaMismatchError} Where the files' columns differ in a way that `schema` doesn't
   * allow.
   *
   * @example
   * ```ts
   * import { ParallelStreamReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new ParallelStreamReader(["tests/data/readings.parquet"]);
   * expect((await reader.collectConcatenated({ maxBytes: "1MB" })).numRows).toBe(2_000);
   * ```
   */
  collectConcatenated(options?: CollectOptions): Promise<Table> {
    return this.stream().collect(options);
  }

  #with(options: ScanOptions, predicates = this.#predicates): ParallelStreamReader {
    const reader = new ParallelStreamReader(this.#paths, { ...this.#options, ...options });
    reader.#predicates = predicates;
    return reader;
  }

  #filtered(stream: RecordBatchStream): RecordBatchStream {
    return this.#predicates.reduce(
      (filtered, predicate) => filtered.pipeThrough(where(predicate)),
      stream,
    );
  }
}

/** Whether an error says that a file can't be read, not that its table would be too large. */
function isOfFile(error: unknown): error is SpillwayError {
  return error instanceof SpillwayError && !(error instanceof MemoryLimitError);
}

function anySignal(own: AbortController, asked: AbortSignal | undefined): AbortSignal {
  return asked === undefined ? own.signal : AbortSignal.any([own.signal, asked]);
}
