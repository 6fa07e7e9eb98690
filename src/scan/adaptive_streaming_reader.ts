/**
 * A file read with batches whose size adapts.
 *
 * @module
 */
import type { Table } from "apache-arrow";
import { pathOf } from "../find/path_of.ts";
import type { ChunkStrategy } from "../chunks/chunk_strategy.ts";
import { collectBatches } from "../streams/collect_batches.ts";
import type { CollectOptions, RecordBatchStream } from "../streams/record_batch_stream.ts";
import { scanParquet } from "./scan_parquet.ts";
import type { RowFilter } from "../stages/row_filter.ts";
import type { ScanOptions } from "./scan_options.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import { where } from "../stages/where.ts";

const bytesPerMegabyte = 2 ** 20;

/**
 * Reads one Parquet file in batches that suit the consumer and the memory.
 *
 * A reader is only a recipe: it holds nothing open, every `with…` gives a new one, and each call of
 * {@linkcode AdaptiveStreamingReader.stream} is a scan of its own.
 *
 * @example
 * ```ts
 * import { AdaptiveStreamingReader } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet").withMemoryLimit("64MB");
 * let rows = 0;
 * for await (using batch of reader.stream()) rows += batch.numRows;
 * expect(rows).toBe(2_000);
 * ```
 */
export class AdaptiveStreamingReader {
  /** The file. */
  readonly path: string;
  readonly #options: ScanOptions;
  #predicates: readonly RowFilter[] = [];

  /**
   * Makes a reader; the file isn't touched yet.
   *
   * @param path The file: a path, or a `file:` URL.
   * @param options As for {@linkcode scanParquet}; they hold for every scan of this reader.
   * @throws {TypeError} Where the path is neither.
   */
  constructor(path: string | URL, options: ScanOptions = {}) {
    this.path = pathOf(path);
    this.#options = options;
  }

  /**
   * The same reader with another policy for the size of batches.
   *
   * @param chunkStrategy The policy: it goes on with what it has learnt from scan to scan.
   * @returns A new reader.
   *
   * @example
   * ```ts
   * import { AdaptiveStreamingReader, FixedChunkStrategy } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet")
   *   .withChunkStrategy(new FixedChunkStrategy(1_000));
   * expect((await reader.collectBatchesAdaptive()).length).toBe(2);
   * ```
   */
  withChunkStrategy(chunkStrategy: ChunkStrategy): AdaptiveStreamingReader {
    const { batchSize: _, ...options } = this.#options;
    return this.#with({ ...options, chunkStrategy });
  }

  /**
   * The same reader with another memory limit.
   *
   * @param memoryLimit A number of bytes, or text like `"256MB"`.
   * @returns A new reader.
   */
  withMemoryLimit(memoryLimit: number | string): AdaptiveStreamingReader {
    return this.#with({ ...this.#options, memoryLimit });
  }

  #with(options: ScanOptions): AdaptiveStreamingReader {
    const reader = new AdaptiveStreamingReader(this.path, options);
    reader.#predicates = this.#predicates;
    return reader;
  }

  /**
   * The same reader with a predicate: only rows for which it is true are given. With several, all
   * must be. The option `where` is tested before, and `limit` and `offset` of the options count the
   * rows that are tested here.
   *
   * @param predicate An expression, a predicate of your own, or a function from a batch to a mask.
   * @returns A new reader.
   *
   * @example
   * ```ts
   * import { AdaptiveStreamingReader, ColumnFilterPredicate } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet")
   *   .withPredicate(new ColumnFilterPredicate("sensor", ["attic"]));
   * for await (const { sensor } of reader.stream().rows()) expect(sensor).toBe("attic");
   * ```
   */
  withPredicate(predicate: RowFilter): AdaptiveStreamingReader {
    const reader = new AdaptiveStreamingReader(this.path, this.#options);
    reader.#predicates = [...this.#predicates, predicate];
    return reader;
  }

  /**
   * Begins a scan.
   *
   * @returns The stream of its batches.
   * @throws {TypeError | RangeError} Where an option is wrong.
   */
  stream(): RecordBatchStream {
    return this.#stream(this.#options);
  }

  #stream(options: ScanOptions): RecordBatchStream {
    const scan = scanParquet(this.path, options);
    return this.#predicates.reduce((stream, each) => stream.pipeThrough(where(each)), scan);
  }

  /**
   * Reads all rows into an apache-arrow `Table`, in memory that JavaScript owns.
   *
   * @param options The most memory it may take.
   * @returns The table.
   * @throws {MemoryLimitError} Where it would take more.
   *
   * @example
   * ```ts
   * import { AdaptiveStreamingReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet");
   * expect((await reader.collect({ maxBytes: "1MB" })).numRows).toBe(2_000);
   * ```
   */
  collect(options?: CollectOptions): Promise<Table> {
    return this.stream().collect(options);
  }

  /**
   * Reads all rows into batches of adapted sizes, in memory that JavaScript owns.
   *
   * @param maxMemoryMb The most memory they may take, in units of 2^20 bytes; by default what is
   * available.
   * @returns The batches, in file order.
   * @throws {MemoryLimitError} Where they would take more: mostly before anything is decoded.
   *
   * @example
   * ```ts
   * import { AdaptiveStreamingReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet");
   * const batches = await reader.collectBatchesAdaptive(16);
   * expect(batches.every(({ zeroCopy }) => !zeroCopy)).toBe(true);
   * ```
   */
  collectBatchesAdaptive(maxMemoryMb?: number): Promise<SpillwayBatch[]> {
    const stream = this.#stream({ ...this.#options, zeroCopy: false });
    return collectBatches(
      stream,
      maxMemoryMb === undefined ? undefined : maxMemoryMb * bytesPerMegabyte,
    );
  }

  /**
   * Decoded bytes of all rows that a scan gives, estimated from the metadata.
   *
   * @returns The bytes. The file is opened for its metadata, and nothing is decoded.
   *
   * @example
   * ```ts
   * import { AdaptiveStreamingReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new AdaptiveStreamingReader("tests/data/readings.parquet", {
   *   columns: ["celsius"],
   * });
   * expect(await reader.estimateMemoryRequired()).toBeGreaterThanOrEqual(2_000 * 8);
   * ```
   */
  async estimateMemoryRequired(): Promise<number> {
    const stream = this.stream();
    try {
      return (await stream.explain()).estimatedBytes;
    } finally {
      await stream.cancel();
    }
  }
}
