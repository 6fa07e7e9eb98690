/**
 * What the native side of a sink is asked for: it is sent as JSON.
 *
 * @module
 */

/** Files to write. */
export interface FilesRequest {
  path: string;
  /** Whether the path is a folder, with files named `part-0` and so on in it. */
  folder: boolean;
  partitionBy: readonly string[];
  maxFileBytes: number | null;
  maxFileRows: number | null;
  maxOpenFiles: number;
  overwrite: boolean;
  durable: boolean;
}

/** A format, with its options by the names that the native side has for them. */
export interface EncoderRequest {
  format: "arrow" | "csv" | "ndjson" | "parquet";
  [option: string]: unknown;
}

/** A sink. */
export interface SinkRequest {
  encoder: EncoderRequest;
  /** Where files go; bytes come back where it is `null`. */
  files: FilesRequest | null;
  memoryLimitBytes: number | null;
}
