/**
 * What all transforms to bytes may be told.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";

/** Options of every transform to bytes. */
export interface ByteOptions {
  /**
   * The most memory that encoding may take: a number of bytes, or text like `"64MB"`.
   *
   * @default {the stream's part of the default limit}
   */
  memoryLimit?: number | string | undefined;
  /** The columns, for a stream that may bring no batch and is not one of this library's. */
  schema?: RecordBatch["schema"] | undefined;
}

/** The names of the options. */
export const byteOptionNames: readonly (keyof ByteOptions)[] = ["memoryLimit", "schema"];
