/**
 * A stream of record batches.
 *
 * @module
 */
import { type RecordBatch, Table } from "apache-arrow";
import { collectBatches } from "./collect_batches.ts";
import { columnExtreme } from "../scan/column_extreme.ts";
import { countRows } from "../scan/count_rows.ts";
import { InternalError } from "../errors.ts";
import type { FileMetadata } from "../scan/file_metadata.ts";
import { type PlainRow, plainRows } from "../rows/plain_rows.ts";
import type { PlannedRowGroup, ScanPlan } from "../scan/scan_plan.ts";
import type { ColumnValue } from "../batches/column_values.ts";
import type { BatchTransform } from "../stages/batch_transform.ts";
import type { BatchSource } from "./batch_source.ts";
import { BatchWritable } from "../write/batch_writable.ts";
import { fusion, isFusable } from "../stages/fusion.ts";
import { lockUntil, lockUntilEnd } from "./moved_pipe.ts";
import type { ScanStats } from "../scan/scan_stats.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** What {@linkcode RecordBatchStream.collect} may be told. */
export interface CollectOptions {
  /**
   * The most decoded bytes that the table may have: a number, or text like `"2GiB"`.
   *
   * @default {the memory that is available}
   */
  maxBytes?: number | string | undefined;
}

/**
 * A `ReadableStream` of a Parquet file's record batches, in file order.
 *
 * It is a stream as the Streams standard has them: `for await`, `getReader`, `pipeThrough`, `pipeTo`
 * and `tee` work. Nothing is opened before the first use and nothing decoded before the first pull;
 * then decoding goes ahead on the library's threads as far as the memory limit lets it. Cancelling,
 * aborting and leaving a `for await` early stop it within one chunk, or one file or folder where
 * these are still looked at, and close the files; batches that were given stay valid. Both branches
 * of a `tee` get the same batch objects, so neither may release them.
 *
 * @example
 * ```ts
 * import { scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const reader = scanParquet("tests/data/readings.parquet").getReader();
 * const { value: batch } = await reader.read();
 * expect(batch?.schema.names).toEqual(["sensor", "at", "celsius"]);
 * await reader.cancel();
 * ```
 */
export class RecordBatchStream extends ReadableStream<SpillwayBatch> {
  readonly #source: BatchSource;

  /** @ignore Streams are made by `scanParquet`. */
  constructor(source: BatchSource) {
    super(source, { highWaterMark: 0 });
    this.#source = source;
  }

  /** @ignore The column of the file that a column is; see `BatchSource.fileColumn`. */
  fileColumn(column: string): string | null {
    return this.#source.fileColumn(column);
  }

  /** @ignore A stream of its own of some of the rows; see `BatchSource.within`. */
  within(rowGroups: readonly PlannedRowGroup[]): RecordBatchStream {
    const source = this.#source.within(rowGroups);
    if (source === null) throw new InternalError("Can't restrict a stream that no scan gives");
    return new RecordBatchStream(source);
  }

  /** @ignore Whether a scan gives the batches, which can be explained. */
  get planned(): boolean {
    return this.#source.planned;
  }

  /**
   * The schema of the batches. Opens the file if it isn't open, and decodes nothing.
   *
   * @throws {SpillwayError} Where the file can't be opened, or a column isn't in it.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const schema = await scanParquet("tests/data/readings.parquet").schema();
   * expect(String(schema.fields[2])).toBe("celsius: Float64");
   * ```
   */
  schema(): Promise<RecordBatch["schema"]> {
    return this.#source.schema();
  }

  /**
   * What the file says about itself: row groups, column chunks, statistics, key/value metadata.
   *
   * @throws {SpillwayError} Where the file can't be opened.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const metadata = await scanParquet("tests/data/readings.parquet").metadata();
   * expect(metadata.numRows).toBe(2_000);
   * expect(metadata.rowGroups[0]?.columns[2]?.statistics?.min).toBe(5);
   * ```
   */
  metadata(): Promise<FileMetadata> {
    return this.#source.metadata();
  }

  /**
   * What the scan is going to read, and what that needs.
   *
   * @throws {SpillwayError} Where the file can't be opened, or a column isn't in it.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const plan = await scanParquet("tests/data/readings.parquet", { offset: 1_900 }).explain();
   * expect(plan.rows).toBe(100);
   * ```
   */
  explain(): Promise<ScanPlan> {
    return this.#source.plan();
  }

  /**
   * What the scan has done so far; after its end, what it had done then.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const scan = scanParquet("tests/data/readings.parquet", { batchSize: 500 });
   * for await (using _ of scan);
   * const { rows, decisions } = scan.stats();
   * expect(rows).toBe(2_000);
   * expect(decisions.map(({ rows }) => rows)).toEqual([500, 500, 500, 500]);
   * ```
   */
  stats(): ScanStats {
    return this.#source.stats();
  }

  /**
   * Sends the batches through a transform.
   *
   * A transform of this library ({@linkcode where}, {@linkcode select}, {@linkcode limit} and their
   * kin) becomes part of the scan's plan, if nothing has been read yet and the order of steps lets
   * it: row groups, pages and columns that can't matter aren't read then. What comes out is the
   * same rows in the same order, only their division into batches may differ.
   *
   * @param transform The transform.
   * @param options As for any stream; with options a transform isn't taken into the plan.
   * @returns The transform's readable side.
   *
   * @example
   * ```ts
   * import { col, scanParquet, where } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const warm = scanParquet("tests/data/readings.parquet").pipeThrough(where(col("celsius").ge(29)));
   * for await (const { celsius } of warm.rows()) expect(celsius).toBeGreaterThanOrEqual(29);
   * ```
   */
  override pipeThrough(transform: BatchTransform, options?: StreamPipeOptions): RecordBatchStream;
  /**
   * Sends the batches through any other transform.
   *
   * @param transform The transform.
   * @param options As for any stream.
   * @returns The transform's readable side.
   *
   * @example
   * ```ts
   * import { scanParquet, type SpillwayBatch } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const rows = new TransformStream<SpillwayBatch, number>({
   *   transform: (batch, controller) => controller.enqueue(batch.numRows),
   * });
   * const counts = scanParquet("tests/data/readings.parquet", { batchSize: 1_500 }).pipeThrough(rows);
   * expect(await Array.fromAsync(counts)).toEqual([1_500, 500]);
   * ```
   */
  override pipeThrough<Value>(
    transform: ReadableWritablePair<Value, SpillwayBatch>,
    options?: StreamPipeOptions,
  ): ReadableStream<Value>;
  override pipeThrough<Value>(
    transform: ReadableWritablePair<Value, SpillwayBatch>,
    options?: StreamPipeOptions,
  ): ReadableStream<Value> {
    if (!isFusable(transform)) {
      const { writable } = transform;
      if (writable instanceof BatchWritable) writable.follow(() => this.schema());
      return super.pipeThrough(transform, options);
    }
    if (options !== undefined || this.locked) return super.pipeThrough(transform, options);
    const { stage, unused, adopt, follow } = transform[fusion];
    const source = unused && stage.step !== null ? this.#source.fuse(stage.step) : null;
    if (source === null) {
      if (unused && stage.rowGroups) this.#source.skipRowGroups(stage.rowGroups);
      follow(() => this.schema());
      return super.pipeThrough(transform, options);
    }
    const ended = lockUntilEnd(this);
    adopt(source, (writable) => lockUntil(ended, writable));
    return transform.readable;
  }

  /**
   * Sends the batches into a sink, and resolves when all is written.
   *
   * A sink of this library ({@linkcode writeParquet} and its kin) is told the columns too, so that
   * a stream without rows becomes a file without rows.
   *
   * @param destination The sink.
   * @param options As for any stream.
   *
   * @example
   * ```ts
   * import { col, scanParquet, where, writeParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const path = `${await Deno.makeTempDir()}/hot.parquet`;
   * await scanParquet("tests/data/readings.parquet")
   *   .pipeThrough(where(col("celsius").gt(1_000)))
   *   .pipeTo(writeParquet(path));
   * expect(await scanParquet(path).count()).toBe(0);
   * ```
   */
  override pipeTo(
    destination: WritableStream<SpillwayBatch>,
    options?: StreamPipeOptions,
  ): Promise<void> {
    if (destination instanceof BatchWritable) destination.follow(() => this.schema());
    return super.pipeTo(destination, options);
  }

  /**
   * Gives two streams of the same batches.
   *
   * @returns The two; both get the same objects, so neither may release them.
   */
  override tee(): [ReadableStream<SpillwayBatch>, ReadableStream<SpillwayBatch>] {
    this.#source.shareFromNowOn();
    return super.tee();
  }

  /**
   * Reads all that is left into an apache-arrow `Table`, in memory that JavaScript owns.
   *
   * @param options The most memory it may take.
   * @returns The table.
   * @throws {MemoryLimitError} Where the plan's estimate, or what was read, is over `maxBytes`: the
   * estimate is compared before anything is decoded. The stream is cancelled then.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const table = await scanParquet("tests/data/readings.parquet", { columns: ["celsius"] }).collect();
   * expect(table.numRows).toBe(2_000);
   * ```
   */
  async collect({ maxBytes }: CollectOptions = {}): Promise<Table> {
    this.#source.copyFromNowOn();
    const explain = this.planned ? () => this.explain() : undefined;
    const batches = await collectBatches(this, maxBytes, explain);
    return new Table(batches[0]?.schema ?? await this.schema(), batches);
  }

  /**
   * Counts the rows that are left, and ends the stream.
   *
   * A scan that has not been read decodes nothing for it, or, with a predicate, only the
   * predicate's columns, and those only in row groups where metadata leaves the answer open. Any
   * other stream is read to its end.
   *
   * @returns The number of rows.
   * @throws {TypeError} Where the stream is locked.
   * @throws {SpillwayError} Where the file can't be read.
   *
   * @example
   * ```ts
   * import { col, scanParquet, where } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const scan = () => scanParquet("tests/data/readings.parquet");
   * expect(await scan().count()).toBe(2_000);
   * expect(await scan().pipeThrough(where(col("celsius").isNull())).count()).toBeLessThan(2_000);
   * ```
   */
  count(): Promise<number> {
    return countRows(this);
  }

  /**
   * The least value of a column in the rows that are left; ends the stream.
   *
   * A scan that has not been read takes it from the file's statistics where they are exact, and
   * decodes this one column, in the row groups that may hold less. Nulls are left out. NaN is
   * greater than all numbers, zero has no sign, and text and bytes are compared byte by byte.
   *
   * @param column The column's name.
   * @returns The value as the column's `get` gives it, but copied; `undefined` where there is none.
   * @throws {TypeError} Where the stream is locked, or the column's type has no order.
   * @throws {SpillwayError} Where the file can't be read, or has no such column.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * expect(await scanParquet("tests/data/readings.parquet").min("celsius")).toBe(5);
   * ```
   */
  min(column: string): Promise<ColumnValue | undefined> {
    return columnExtreme(this, column, "min");
  }

  /**
   * The greatest value of a column in the rows that are left; ends the stream.
   *
   * As {@linkcode RecordBatchStream.min}. Statistics leave NaN out, which is the greatest float:
   * float columns are always decoded for it, until the first NaN.
   *
   * @param column The column's name.
   * @returns The value as the column's `get` gives it, but copied; `undefined` where there is none.
   * @throws {TypeError} Where the stream is locked, or the column's type has no order.
   * @throws {SpillwayError} Where the file can't be read, or has no such column.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * expect(await scanParquet("tests/data/readings.parquet").max("celsius")).toBe(30);
   * ```
   */
  max(column: string): Promise<ColumnValue | undefined> {
    return columnExtreme(this, column, "max");
  }

  /**
   * Goes through the rows as plain objects, in any memory: each batch is released when its rows are
   * through, and values stay valid all the same.
   *
   * Convenient, and many times slower than going through columns. Values are those that a column's
   * `get` gives, but bytes are copied, decimals are text with all their digits, lists are arrays,
   * structs are objects, and maps are objects where their keys are text, else `Map`s.
   *
   * @returns The rows, in file order.
   *
   * @example
   * ```ts
   * import { scanParquet } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const columns = ["sensor", "celsius"];
   * for await (const row of scanParquet("tests/data/readings.parquet", { columns }).rows()) {
   *   expect(row).toEqual({ sensor: "attic", celsius: 17.5 });
   *   break;
   * }
   * ```
   */
  async *rows(): AsyncGenerator<PlainRow, void, undefined> {
    for await (const batch of this) {
      try {
        yield* plainRows(batch);
      } finally {
        batch.release();
      }
    }
  }
}
