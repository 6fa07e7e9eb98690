/**
 * What all sinks that write files may be told.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";

/** Options of every sink that writes files. */
export interface FileOptions {
  /**
   * Columns whose values become folders, as Hive has them (`country=DE/year=2024/part-0.parquet`);
   * they are left out of the files. Values are percent-encoded where they hold what a folder's name
   * can't, and nulls are `__HIVE_DEFAULT_PARTITION__`.
   */
  partitionBy?: readonly string[] | undefined;
  /** Bytes after which the next file is begun, about: a number, or text like `"128MiB"`. */
  maxFileBytes?: number | string | undefined;
  /** The most rows of a file. */
  maxFileRows?: number | undefined;
  /**
   * The most files that are open at once. Partitions that come again after their file was closed
   * get another one.
   *
   * @default {64}
   */
  maxOpenFiles?: number | undefined;
  /**
   * Whether a file of the same name is replaced, once the new one is whole. Where a folder is
   * written into, its other files stay.
   *
   * @default {false}
   */
  overwrite?: boolean | undefined;
  /**
   * Whether files are on the disk when the stream is closed, and not only with the operating
   * system: it costs the time of writing them.
   *
   * @default {false}
   */
  durable?: boolean | undefined;
  /**
   * The most memory that encoding may take: a number of bytes, or text like `"256MB"`. Row groups
   * are ended early where they would take more than half of it.
   *
   * @default {the stream's part of the default limit}
   */
  memoryLimit?: number | string | undefined;
  /** The columns, for a stream that may bring no batch and is not one of this library's. */
  schema?: RecordBatch["schema"] | undefined;
}
