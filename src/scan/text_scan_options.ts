/**
 * What scans of text may be told, whatever the format.
 *
 * @module
 */
import type { ScanOptions } from "./scan_options.ts";

/**
 * What decoding a text may be told, whatever the format: a part of what a scan of Parquet files may
 * be. A predicate runs natively on each piece of the text, and other columns aren't built.
 */
export type TextDecodeOptions = Pick<
  ScanOptions,
  | "batchSize"
  | "chunkStrategy"
  | "columns"
  | "limit"
  | "limits"
  | "memoryLimit"
  | "offset"
  | "progress"
  | "rowIndex"
  | "signal"
  | "where"
  | "zeroCopy"
>;

/** What decoding a text that may be compressed as a whole may be told beside that. */
export interface CompressedDecodeOptions {
  /**
   * How the bytes are compressed: they are decompressed natively, a little at a time. They may have
   * several members or frames.
   *
   * @default {"none"}
   */
  compression?: "gzip" | "none" | "zstd" | undefined;
}

/**
 * What a scan of text files may be told, whatever the format: a part of what a scan of Parquet files
 * may be. The column of `fileName` is text, not a `Dictionary`.
 */
export interface TextScanOptions extends
  TextDecodeOptions,
  Pick<
    ScanOptions,
    | "allowEmpty"
    | "fileName"
    | "followSymlinks"
    | "hivePartitioning"
    | "hiveTypes"
    | "io"
    | "onFileError"
    | "ordered"
  > {
  /**
   * How the files are compressed. By default as their names say: by gzip if they end in `.gz`, by
   * Zstandard if in `.zst`. A file may have several members or frames.
   */
  compression?: "gzip" | "none" | "zstd" | undefined;
  /**
   * The most files to read at once, the one whose rows come next among them. By default as many as
   * keep the threads busy; 1 reads files one after the other.
   *
   * A file is decompressed by one thread at a time, so that many compressed ones are read faster side
   * by side. Rows, errors and their order stay the same. What is read ahead takes a quarter of the
   * memory limit at most: large files gain more where that is large, or with `ordered: false`.
   */
  concurrency?: number | undefined;
}
