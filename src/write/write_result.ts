/**
 * What was written.
 *
 * @module
 */

/** A file that was written. */
export interface WrittenFile {
  /** Its path. */
  readonly path: string;
  /** Its rows. */
  readonly rows: number;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Its row groups; 0 for a format without them. */
  readonly rowGroups: number;
}

/** All that a sink wrote. */
export interface WriteResult {
  /** Rows of all files. */
  readonly rows: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Row groups of all files; 0 for a format without them. */
  readonly rowGroups: number;
  /** The files: one, or those of a series, or of all partitions by their values. */
  readonly files: readonly WrittenFile[];
}
