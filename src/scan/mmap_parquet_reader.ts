/**
 * One file, its facts, and its row groups one by one.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { readFile } from "../../ffi/scan.ts";
import { pathOf } from "../find/path_of.ts";
import type { ColumnChunkMetadata, FileMetadata, RowGroupMetadata } from "./file_metadata.ts";
import { checkLimits, type ReadLimits } from "./read_limits.ts";
import type { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { ScanOptions } from "./scan_options.ts";
import { scanParquet } from "./scan_parquet.ts";
import { printable } from "../printable.ts";

const bytesPerMegabyte = 2 ** 20;

/**
 * Reads a Parquet file by memory-mapping it: its facts at once, its row groups when asked.
 *
 * The footer is read when the reader is made, synchronously, which takes a millisecond or so; the
 * file is then closed again, so a reader holds nothing that must be given back.
 *
 * @example
 * ```ts
 * import { MmapParquetReader } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const reader = new MmapParquetReader("tests/data/readings.parquet");
 * expect(reader.totalRows).toBe(2_000);
 * expect(reader.numRowGroups).toBe(4);
 *
 * const secondGroup = await reader.readRowGroup(1).collect();
 * expect(secondGroup.numRows).toBe(500);
 * ```
 */
export class MmapParquetReader {
  /** The file. */
  readonly path: string;
  /** The schema of all its columns, as batches have it. */
  readonly schema: RecordBatch["schema"];
  /** What the file says about itself. */
  readonly metadata: FileMetadata;
  readonly #limits: ReadLimits | undefined;

  /**
   * Reads the footer of a file.
   *
   * @param path The file: a path, or a `file:` URL.
   * @param options The most that it may ask for, here and when row groups are read.
   * @throws {SpillwayError} Where it can't be opened, or is no Parquet file.
   */
  constructor(path: string | URL, { limits }: Pick<ScanOptions, "limits"> = {}) {
    this.path = pathOf(path);
    this.#limits = limits;
    const { facts, schema } = readFile(this.path, checkLimits(limits));
    this.schema = schema;
    this.metadata = facts as FileMetadata;
  }

  /** The number of its row groups. */
  get numRowGroups(): number {
    return this.metadata.numRowGroups;
  }

  /** The number of its rows. */
  get totalRows(): number {
    return this.metadata.numRows;
  }

  /** The size of the file, in bytes. */
  get fileSize(): number {
    return this.metadata.sizeBytes;
  }

  /** The key/value metadata of the file. */
  get keyValueMetadata(): ReadonlyMap<string, string | null> {
    return new Map(Object.entries(this.metadata.keyValueMetadata));
  }

  /**
   * The facts of a row group.
   *
   * @param index Its index.
   * @throws {RangeError} Where the file has no such row group.
   */
  rowGroup(index: number): RowGroupMetadata {
    const group = this.metadata.rowGroups[index];
    if (group !== undefined) return group;
    throw new RangeError(
      `Can't read row group ${index} of ${this.path}: it has ${this.numRowGroups} row groups, ` +
        "whose indices begin at 0",
    );
  }

  /**
   * The facts of a column chunk: its encodings, codec, sizes and statistics.
   *
   * @param rowGroup The index of its row group.
   * @param column The path of the leaf column, its parts joined by dots.
   * @throws {RangeError} Where the file has no such row group or column.
   *
   * @example
   * ```ts
   * import { MmapParquetReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new MmapParquetReader("tests/data/readings.parquet");
   * expect(reader.columnChunk(0, "celsius").physicalType).toBe("DOUBLE");
   * ```
   */
  columnChunk(rowGroup: number, column: string): ColumnChunkMetadata {
    const { columns } = this.rowGroup(rowGroup);
    const chunk = columns.find(({ path }) => path === column);
    if (chunk !== undefined) return chunk;
    const names = columns.map(({ path }) => path).join(", ");
    throw new RangeError(
      printable(`Can't find column ${column} in ${this.path}: its columns are ${names}`),
    );
  }

  /**
   * Streams one row group.
   *
   * @param index Its index.
   * @param options As for {@linkcode scanParquet}, but for `rowGroups`.
   * @returns The stream of its batches.
   * @throws {RangeError} Where the file has no such row group.
   *
   * @example
   * ```ts
   * import { MmapParquetReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new MmapParquetReader("tests/data/readings.parquet");
   * for await (using batch of reader.readRowGroup(3, { columns: ["celsius"] })) {
   *   expect(batch.numRows).toBe(500);
   * }
   * ```
   */
  readRowGroup(index: number, options: Omit<ScanOptions, "rowGroups"> = {}): RecordBatchStream {
    this.rowGroup(index);
    return scanParquet(this.path, { limits: this.#limits, ...options, rowGroups: [index] });
  }

  /** Decoded bytes per row, on average over the file, estimated from the metadata. */
  estimateRowSize(): number {
    return this.metadata.estimatedRowSizeBytes;
  }

  /**
   * Whether all rows, decoded, fit in so much memory, as far as the metadata tells.
   *
   * @param availableMb The memory in units of 2^20 bytes.
   *
   * @example
   * ```ts
   * import { MmapParquetReader } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const reader = new MmapParquetReader("tests/data/readings.parquet");
   * expect(reader.canFitInMemory(64)).toBe(true);
   * expect(reader.canFitInMemory(0)).toBe(false);
   * ```
   */
  canFitInMemory(availableMb: number): boolean {
    return this.estimateRowSize() * this.totalRows <= availableMb * bytesPerMegabyte;
  }
}
