/**
 * What a Parquet file says about itself.
 *
 * @module
 */

/**
 * A Parquet file's footer: {@linkcode RecordBatchStream.metadata}.
 *
 * @example
 * ```ts
 * import { type FileMetadata, MmapParquetReader } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { metadata } = new MmapParquetReader("tests/data/readings.parquet");
 * const compressed = ({ rowGroups }: FileMetadata) =>
 *   rowGroups.reduce((sum, { compressedSize }) => sum + compressedSize, 0);
 * expect(compressed(metadata)).toBeLessThan(metadata.sizeBytes);
 * ```
 */
export interface FileMetadata {
  /** The file. */
  path: string;
  /** Its size. */
  sizeBytes: number;
  /** Its rows. */
  numRows: number;
  /** The program that wrote it, or `null` where it doesn't say. */
  createdBy: string | null;
  /** The version of the format. */
  formatVersion: number;
  /** The key/value metadata of the file; a key may have no value. */
  keyValueMetadata: Readonly<Record<string, string | null>>;
  /** The number of its row groups. */
  numRowGroups: number;
  /** Its row groups, in order. */
  rowGroups: readonly RowGroupMetadata[];
  /** Decoded bytes per row, on average over the file, estimated from the metadata. */
  estimatedRowSizeBytes: number;
}

/** A row group: a range of rows whose columns lie together. */
export interface RowGroupMetadata {
  /** Its index. */
  index: number;
  /** Its rows. */
  numRows: number;
  /** Its bytes before compression, in the file's encodings. */
  totalByteSize: number;
  /** Its bytes in the file. */
  compressedSize: number;
  /** The row of the file that it begins with. */
  firstRow: number;
  /** The columns that it is sorted by. */
  sortingColumns: readonly unknown[];
  /** Its column chunks, one for each leaf column. */
  columns: readonly ColumnChunkMetadata[];
}

/** A column chunk: the values of one leaf column in one row group. */
export interface ColumnChunkMetadata {
  /** The column's path, its parts joined by dots. */
  path: string;
  /** The type that is stored, such as `INT64`. */
  physicalType: string;
  /** What the stored type means, or `null` where it means only itself. */
  logicalType: string | null;
  /** How it is compressed, such as `SNAPPY`. */
  codec: string;
  /** How its values are encoded, such as `RLE_DICTIONARY`. */
  encodings: readonly string[];
  /** Its values, nulls counted. */
  numValues: number;
  /** Its bytes in the file. */
  compressedSize: number;
  /** Its bytes before compression. */
  uncompressedSize: number;
  /** Where its first data page begins. */
  dataPageOffset: number;
  /** Where its dictionary begins, or `null` where it has none. */
  dictionaryPageOffset: number | null;
  /** Whether the file says where each page begins. */
  hasOffsetIndex: boolean;
  /** Whether the file has statistics of each page. */
  hasColumnIndex: boolean;
  /** Whether the file has a bloom filter of its values. */
  hasBloomFilter: boolean;
  /** What the file says of its values, or `null` where it says nothing. */
  statistics: ColumnStatistics | null;
}

/** What a file says of the values in a column chunk. */
export interface ColumnStatistics {
  /** How many are null. */
  nullCount: number | null;
  /** How many different ones there are. */
  distinctCount: number | null;
  /** The least: 64-bit integers as text, which holds them exactly. */
  min: string | number | boolean | null;
  /** The greatest: 64-bit integers as text, which holds them exactly. */
  max: string | number | boolean | null;
  /** Whether the least is a value that occurs, not a bound cut short. */
  minIsExact: boolean;
  /** Whether the greatest is a value that occurs, not a bound cut short. */
  maxIsExact: boolean;
  /** Whether they are of the old kind, in which all was ordered as signed: text, bytes, unsigned too. */
  minMaxDeprecated: boolean;
}
