/**
 * What all errors of this library have: a code, and where it happened.
 *
 * @module
 */

import { printable } from "./printable.ts";

/** Where an error happened, and what else is known of it. */
export interface SpillwayErrorOptions {
  /** The file, as it was given. */
  path?: string | null | undefined;
  /** The index of the row group. */
  rowGroup?: number | null | undefined;
  /** The line of a text, from 1. */
  line?: number | null | undefined;
  /** The column's path, its parts joined by dots. */
  column?: string | null | undefined;
  /** Names that exist and are near to the one that doesn't. */
  suggestions?: readonly string[] | null | undefined;
  /** The columns in which files differ. */
  mismatches?: readonly SchemaMismatch[] | null | undefined;
  /** What set the error off: an error, or the decoder's own words. */
  cause?: unknown;
}

/** A column that a file has in another type than the scan shows, or that only one of them has. */
export interface SchemaMismatch {
  /** The column. */
  readonly column: string;
  /** The file that differs. */
  readonly path: string;
  /** The column's type in it, or `null` where it has none. */
  readonly found: string | null;
  /** The file that the expected type is of, or where else it comes from. */
  readonly expectedBy: string;
  /** The expected type, or `null` where no such column is expected. */
  readonly expected: string | null;
}

/** The stable identifier of what went wrong: {@linkcode SpillwayError.code}. */
export type ErrorCode =
  | "BATCH_RELEASED"
  | "CORRUPT_FILE"
  | "EMPTY_FILE"
  | "ENCRYPTED_FILE"
  | "FILE_ACCESS"
  | "FILE_CHANGED"
  | "FILE_EXISTS"
  | "FILE_NOT_FOUND"
  | "FILE_WRITE"
  | "INTERNAL"
  | "INVALID_HANDLE"
  | "LIBRARY_NOT_FOUND"
  | "LIBRARY_VERSION"
  | "LIMIT_EXCEEDED"
  | "MALFORMED_DATA"
  | "MEMORY_LIMIT"
  | "NOT_A_FILE"
  | "NOT_PARQUET"
  | "PARTITION_MISMATCH"
  | "PERMISSION_DENIED"
  | "SCHEMA_MISMATCH"
  | "TRUNCATED_FILE"
  | "UNKNOWN_COLUMN"
  | "UNSORTED_DATA"
  | "UNSUPPORTED_FEATURE";

/**
 * The base of every error that Spillway itself raises: catch it to tell them from the rest.
 *
 * The message says the action, the place, the state and what to do. It is safe to print: what would be
 * an order to a terminal is escaped, and it is cut after 4,000 characters. `path`, `column` and `suggestions` are
 * as they are in the file.
 *
 * @example Tell a missing file from a broken one
 * ```ts
 * import { FileNotFoundError, scanParquet, SpillwayError } from "spillway";
 * import { expect } from "@std/expect";
 *
 * try {
 *   await scanParquet("absent.parquet").schema();
 * } catch (error) {
 *   expect(error).toBeInstanceOf(SpillwayError);
 *   expect(error).toBeInstanceOf(FileNotFoundError);
 *   expect((error as SpillwayError).code).toBe("FILE_NOT_FOUND");
 *   expect((error as SpillwayError).path).toBe("absent.parquet");
 * }
 * ```
 */
export abstract class SpillwayError extends Error {
  /** What went wrong, as a word that stays the same between versions. */
  abstract readonly code: ErrorCode;
  /** The file, as it was given, or `null` where the error is about no file. */
  readonly path: string | null;
  /** The index of the row group, or `null` where that is not known. */
  readonly rowGroup: number | null;
  /** The line of a text, from 1, or `null` where that is not known. */
  readonly line: number | null;
  /** The column's path, its parts joined by dots, or `null` where that is not known. */
  readonly column: string | null;
  /** Names that exist and are near to the one that doesn't: nearest first. */
  readonly suggestions: readonly string[];

  /**
   * Makes an error.
   *
   * @param message The action, the place, the state and what to do.
   * @param options Where it happened, and its cause.
   */
  constructor(message: string, options: SpillwayErrorOptions = {}) {
    const { path, rowGroup, line, column, suggestions, cause } = options;
    super(printable(message), cause === undefined || cause === null ? undefined : { cause });
    this.name = new.target.name;
    this.path = path ?? null;
    this.rowGroup = rowGroup ?? null;
    this.line = line ?? null;
    this.column = column ?? null;
    this.suggestions = suggestions ?? [];
  }
}
