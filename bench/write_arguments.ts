/**
 * What a process that writes a file is told.
 *
 * @module
 */

/** The one argument of a process that writes. */
export interface WriteArguments {
  /** The Parquet file whose rows are written. */
  readonly path: string;
  /** The Arrow IPC stream of the rows, for those who write batches that JavaScript made. */
  readonly batches: string;
  /** The file to write. */
  readonly output: string;
  /** The level of Zstandard. */
  readonly level: number;
  /** Of our own only: a limit such as "128MB"; absent means the default. */
  readonly memoryLimit?: string;
}
