/**
 * What goes wrong while reading and writing, as classes: one for each {@linkcode ErrorCode}.
 *
 * Wrong arguments are not among them: those are `TypeError` and `RangeError`. An abort's reason
 * passes through untouched.
 *
 * @module
 */

import {
  type ErrorCode,
  type SchemaMismatch,
  SpillwayError,
  type SpillwayErrorOptions,
} from "./spillway_error.ts";

export { type ErrorCode, type SchemaMismatch, SpillwayError, type SpillwayErrorOptions };

/**
 * A batch was read after its memory had been given back.
 *
 * @example
 * ```ts
 * import { BatchReleasedError, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * for await (const batch of scanParquet("tests/data/readings.parquet")) {
 *   batch.release();
 *   expect(() => batch.getChild("celsius")).toThrow(BatchReleasedError);
 * }
 * ```
 */
export class BatchReleasedError extends SpillwayError {
  /** Always `"BATCH_RELEASED"`. */
  override readonly code = "BATCH_RELEASED";
}

/** The file's footer, a page or the values in it contradict themselves: it was damaged. */
export class CorruptFileError extends SpillwayError {
  /** Always `"CORRUPT_FILE"`. */
  override readonly code = "CORRUPT_FILE";
}

/** The file has no bytes at all: its writer failed, or has not begun yet. */
export class EmptyFileError extends SpillwayError {
  /** Always `"EMPTY_FILE"`. */
  override readonly code = "EMPTY_FILE";
}

/** The file is encrypted, in whole or in part, and Spillway holds no keys. */
export class EncryptedFileError extends SpillwayError {
  /** Always `"ENCRYPTED_FILE"`. */
  override readonly code = "ENCRYPTED_FILE";
}

/** The operating system would not let the file be opened or read. */
export class FileAccessError extends SpillwayError {
  /** Always `"FILE_ACCESS"`. */
  override readonly code = "FILE_ACCESS";
}

/**
 * The file was changed while it was being read: cut off, appended to or written over.
 *
 * Whatever failed on its bytes because of that is the `cause`. To scan it again reads it as it is
 * then. A file that others replace by renaming another, or delete, is read to its end.
 */
export class FileChangedError extends SpillwayError {
  /** Always `"FILE_CHANGED"`. */
  override readonly code = "FILE_CHANGED";
}

/** The file that is to be written exists, and may not be written over. */
export class FileExistsError extends SpillwayError {
  /** Always `"FILE_EXISTS"`. */
  override readonly code = "FILE_EXISTS";
}

/**
 * There is no file of that name.
 *
 * @example
 * ```ts
 * import { FileNotFoundError, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * await expect(scanParquet("absent.parquet").schema()).rejects.toThrow(FileNotFoundError);
 * ```
 */
export class FileNotFoundError extends SpillwayError {
  /** Always `"FILE_NOT_FOUND"`. */
  override readonly code = "FILE_NOT_FOUND";
}

/** The operating system refuses to write the file, or the disk is full. */
export class FileWriteError extends SpillwayError {
  /** Always `"FILE_WRITE"`. */
  override readonly code = "FILE_WRITE";
}

/** Spillway broke a promise that it makes itself: please report it, with the message. */
export class InternalError extends SpillwayError {
  /** Always `"INTERNAL"`. */
  override readonly code = "INTERNAL";
}

/** A scan was used after it had been closed. */
export class InvalidHandleError extends SpillwayError {
  /** Always `"INVALID_HANDLE"`. */
  override readonly code = "INVALID_HANDLE";
}

/** The native library is in none of the places where it is looked for. */
export class LibraryNotFoundError extends SpillwayError {
  /** Always `"LIBRARY_NOT_FOUND"`. */
  override readonly code = "LIBRARY_NOT_FOUND";
}

/** The native library that was found belongs to another version of Spillway. */
export class LibraryVersionError extends SpillwayError {
  /** Always `"LIBRARY_VERSION"`. */
  override readonly code = "LIBRARY_VERSION";
}

/**
 * A file asks for more than files may: a page, a row, metadata that are larger than {@linkcode
 * ReadLimits} allow. Nothing of that size was made; the message names the limit and what was asked
 * for.
 *
 * @example
 * ```ts
 * import { LimitExceededError, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const limits = { pageBytes: "1KB" };
 * const scan = scanParquet("tests/data/readings.parquet", { limits });
 * const error = await scan.collect().catch((error) => error);
 * expect(error).toBeInstanceOf(LimitExceededError);
 * expect(error.message).toContain("more than the 1000 of `limits.pageBytes`");
 * ```
 */
export class LimitExceededError extends SpillwayError {
  /** Always `"LIMIT_EXCEEDED"`. */
  override readonly code = "LIMIT_EXCEEDED";
}

/**
 * What is read is not what its format demands: a cell that is no number, a line that is no JSON.
 *
 * The message quotes what stands there, 100 characters at most, since that is what finds the mistake. It is the one
 * error that does so on purpose: where data must not get into a log, log `code`, `path`, `line` and `column` instead.
 *
 * @example Where a text is wrong
 * ```ts
 * import { decodeNdjson, MalformedDataError } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { readable, writable } = decodeNdjson();
 * new Response('{"a":1}\n{"a":\n').body!.pipeTo(writable).catch(() => {});
 * const error = await readable.collect().catch((error) => error);
 * expect(error).toBeInstanceOf(MalformedDataError);
 * expect(error.line).toBe(2);
 * ```
 */
export class MalformedDataError extends SpillwayError {
  /** Always `"MALFORMED_DATA"`. */
  override readonly code = "MALFORMED_DATA";
}

/**
 * What was asked for can't be done in the memory that was granted.
 *
 * @example
 * ```ts
 * import { MemoryLimitError, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet");
 * await expect(scan.collect({ maxBytes: "1KB" })).rejects.toThrow(MemoryLimitError);
 * ```
 */
export class MemoryLimitError extends SpillwayError {
  /** Always `"MEMORY_LIMIT"`. */
  override readonly code = "MEMORY_LIMIT";
}

/**
 * The path names something that is no regular file: a device, or a directory where one file is
 * meant.
 *
 * @example
 * ```ts
 * import { MmapParquetReader, NotAFileError } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(() => new MmapParquetReader("tests")).toThrow(NotAFileError);
 * ```
 */
export class NotAFileError extends SpillwayError {
  /** Always `"NOT_A_FILE"`. */
  override readonly code = "NOT_A_FILE";
}

/**
 * The file is of some other format.
 *
 * @example
 * ```ts
 * import { NotParquetError, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * await expect(scanParquet("README.md").schema()).rejects.toThrow(NotParquetError);
 * ```
 */
export class NotParquetError extends SpillwayError {
  /** Always `"NOT_PARQUET"`. */
  override readonly code = "NOT_PARQUET";
}

/** The columns in files' paths, as `year=2024`, are not the same, or not of the type that is stated. */
export class PartitionMismatchError extends SpillwayError {
  /** Always `"PARTITION_MISMATCH"`. */
  override readonly code = "PARTITION_MISMATCH";
}

/** Deno was not given a permission that is needed: the message names the flag. */
export class PermissionDeniedError extends SpillwayError {
  /** Always `"PERMISSION_DENIED"`. */
  override readonly code = "PERMISSION_DENIED";
}

/**
 * Files of one scan have columns that differ in a way that the scan doesn't allow.
 *
 * @example
 * ```ts
 * import { Field, Schema, Utf8 } from "apache-arrow";
 * import { scanParquet, SchemaMismatchError } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const schema = new Schema([new Field("celsius", new Utf8())]);
 * const error = await scanParquet("tests/data/*.parquet", { schema }).schema().catch((e) => e);
 * expect(error).toBeInstanceOf(SchemaMismatchError);
 * expect((error as SchemaMismatchError).mismatches).toMatchObject([
 *   { column: "celsius", found: "Float64", expected: "Utf8" },
 * ]);
 * ```
 */
export class SchemaMismatchError extends SpillwayError {
  /** Always `"SCHEMA_MISMATCH"`. */
  override readonly code = "SCHEMA_MISMATCH";
  /** All that differs, in the files whose footers were read so far. */
  readonly mismatches: readonly SchemaMismatch[];

  /**
   * Makes an error.
   *
   * @param message The action, the place, the state and what to do.
   * @param options What differs, and where.
   */
  constructor(message: string, options: SpillwayErrorOptions = {}) {
    super(message, options);
    this.mismatches = options.mismatches ?? [];
  }
}

/** The file ends before its footer says that it does: a download or a copy was cut short. */
export class TruncatedFileError extends SpillwayError {
  /** Always `"TRUNCATED_FILE"`. */
  override readonly code = "TRUNCATED_FILE";
}

/**
 * A column was asked for that the file doesn't have.
 *
 * @example
 * ```ts
 * import { scanParquet, UnknownColumnError } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const error = await scanParquet("tests/data/readings.parquet", { columns: ["celsuis"] })
 *   .schema().catch((reason) => reason);
 * expect(error).toBeInstanceOf(UnknownColumnError);
 * expect(error.suggestions).toContain("celsius");
 * ```
 */
export class UnknownColumnError extends SpillwayError {
  /** Always `"UNKNOWN_COLUMN"`. */
  override readonly code = "UNKNOWN_COLUMN";
}

/** Rows came in another order than the one that their file was said to have. */
export class UnsortedDataError extends SpillwayError {
  /** Always `"UNSORTED_DATA"`. */
  override readonly code = "UNSORTED_DATA";
}

/** The file uses something that Spillway can't read: a codec (LZO), an encoding, a type. */
export class UnsupportedFeatureError extends SpillwayError {
  /** Always `"UNSUPPORTED_FEATURE"`. */
  override readonly code = "UNSUPPORTED_FEATURE";
}
