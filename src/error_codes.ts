/**
 * The one table from error codes to classes.
 *
 * @module
 */
import {
  BatchReleasedError,
  CorruptFileError,
  EmptyFileError,
  EncryptedFileError,
  type ErrorCode,
  FileAccessError,
  FileChangedError,
  FileExistsError,
  FileNotFoundError,
  FileWriteError,
  InternalError,
  InvalidHandleError,
  LibraryNotFoundError,
  LibraryVersionError,
  LimitExceededError,
  MalformedDataError,
  MemoryLimitError,
  NotAFileError,
  NotParquetError,
  PartitionMismatchError,
  PermissionDeniedError,
  type SchemaMismatch,
  SchemaMismatchError,
  type SpillwayError,
  type SpillwayErrorOptions,
  TruncatedFileError,
  UnknownColumnError,
  UnsortedDataError,
  UnsupportedFeatureError,
} from "./errors.ts";
import { printable } from "./printable.ts";

/** How the class of any code is constructed. */
export type SpillwayErrorClass = new (
  message: string,
  options?: SpillwayErrorOptions,
) => SpillwayError;

/** The class of each code. */
export const errorClasses: Readonly<Record<ErrorCode, SpillwayErrorClass>> = {
  BATCH_RELEASED: BatchReleasedError,
  CORRUPT_FILE: CorruptFileError,
  EMPTY_FILE: EmptyFileError,
  ENCRYPTED_FILE: EncryptedFileError,
  FILE_ACCESS: FileAccessError,
  FILE_CHANGED: FileChangedError,
  FILE_EXISTS: FileExistsError,
  FILE_NOT_FOUND: FileNotFoundError,
  FILE_WRITE: FileWriteError,
  INTERNAL: InternalError,
  INVALID_HANDLE: InvalidHandleError,
  LIBRARY_NOT_FOUND: LibraryNotFoundError,
  LIBRARY_VERSION: LibraryVersionError,
  LIMIT_EXCEEDED: LimitExceededError,
  MALFORMED_DATA: MalformedDataError,
  MEMORY_LIMIT: MemoryLimitError,
  NOT_A_FILE: NotAFileError,
  NOT_PARQUET: NotParquetError,
  PARTITION_MISMATCH: PartitionMismatchError,
  PERMISSION_DENIED: PermissionDeniedError,
  SCHEMA_MISMATCH: SchemaMismatchError,
  TRUNCATED_FILE: TruncatedFileError,
  UNKNOWN_COLUMN: UnknownColumnError,
  UNSORTED_DATA: UnsortedDataError,
  UNSUPPORTED_FEATURE: UnsupportedFeatureError,
};

/** An error as the native library describes it. */
export interface NativeErrorReport {
  code: string;
  message: string;
  path?: string | null;
  rowGroup?: number | null;
  line?: number | null;
  column?: string | null;
  cause?: string | null;
  suggestions?: readonly string[] | null;
  mismatches?: readonly SchemaMismatch[] | null;
}

/**
 * Makes the error that a report of the native library means.
 *
 * @param report What the library reported.
 * @returns A `RangeError` for a wrong argument, a `TypeError` for an expression that makes no sense
 * with the columns' types, else the error of the code's class. A code that is not in the table
 * becomes an {@linkcode InternalError} that says so.
 */
export function errorFromReport(report: NativeErrorReport): Error {
  const { code, path, rowGroup, line, column, suggestions, mismatches } = report;
  const message = printable(report.message);
  const cause = report.cause ? printable(report.cause) : null;
  if (code === "INVALID_ARGUMENT") {
    return new RangeError(message, cause ? { cause } : undefined);
  }
  if (code === "INVALID_EXPRESSION") {
    return new TypeError(message, cause ? { cause } : undefined);
  }
  const options = { path, rowGroup, line, column, suggestions, mismatches, cause };
  if (!isErrorCode(code)) {
    return new InternalError(`${message} (unknown code ${code})`, options);
  }
  return new errorClasses[code](message, options);
}

/** Whether a word is one of the codes of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorClasses, code);
}
