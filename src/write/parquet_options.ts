/**
 * How Parquet is written.
 *
 * @module
 */

/** A codec of Parquet's pages. */
export type ParquetCompression = "brotli" | "gzip" | "lz4" | "none" | "snappy" | "zstd";

/** An encoding of Parquet's data pages, as the format's specification names it. */
export type ParquetEncoding =
  | "byte_stream_split"
  | "delta_binary_packed"
  | "delta_byte_array"
  | "delta_length_byte_array"
  | "plain"
  | "rle";

/** A column of an order of rows. */
export interface SortingColumn {
  /** The column. */
  column: string;
  /**
   * Whether the greatest value comes first.
   *
   * @default {false}
   */
  descending?: boolean | undefined;
  /**
   * Whether nulls come before all values.
   *
   * @default {false}
   */
  nullsFirst?: boolean | undefined;
}

/** Options of Parquet. */
export interface ParquetOptions {
  /**
   * The codec; `lz4` is the format's `LZ4_RAW`.
   *
   * @default {"snappy"}
   */
  compression?: ParquetCompression | undefined;
  /** The codec's level: 0 to 9 of gzip, 0 to 11 of brotli, 1 to 22 of zstd (3 by default). */
  compressionLevel?: number | undefined;
  /**
   * The most rows of a row group.
   *
   * @default {1_048_576}
   */
  rowGroupRows?: number | undefined;
  /**
   * Encoded bytes after which a row group is ended, about: a number, or text like `"128MiB"`.
   *
   * @default {"128MiB"}
   */
  rowGroupBytes?: number | string | undefined;
  /**
   * Bytes after which a data page is ended, about, before compression.
   *
   * @default {"1MiB"}
   */
  pageBytes?: number | string | undefined;
  /**
   * Whether values are written by way of dictionaries, or the columns whose values are. Where a
   * row group has too many different values, the rest of them is plain. With `true`, the column has
   * no dictionary in later row groups of the file then; columns that are named try again.
   *
   * @default {true}
   */
  dictionary?: boolean | readonly string[] | undefined;
  /**
   * Whether row groups tell their least and greatest values and how many are null.
   *
   * @default {true}
   */
  statistics?: boolean | undefined;
  /**
   * Whether pages tell so too: the page index, by which a predicate skips pages.
   *
   * @default {true}
   */
  pageIndex?: boolean | undefined;
  /** Columns that get Bloom filters, by which `eq` and `in` skip row groups. */
  bloomFilterColumns?: readonly string[] | undefined;
  /** Encodings of columns, in place of dictionaries. Parts of nested columns are named by dots. */
  encoding?: Readonly<Record<string, ParquetEncoding>> | undefined;
  /**
   * The order that the rows are in. It is recorded for readers, and checked: rows in another order
   * are an `UnsortedDataError`.
   */
  sortingColumns?: readonly (SortingColumn | string)[] | undefined;
  /** Key/value metadata of the file. */
  keyValueMetadata?: Readonly<Record<string, string | null>> | undefined;
  /**
   * The version of data pages. Version 2 is younger, and some readers don't know it.
   *
   * @default {1}
   */
  dataPageVersion?: 1 | 2 | undefined;
}
