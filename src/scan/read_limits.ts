/**
 * What files of others may ask for.
 *
 * @module
 */
import { checkCount, checkOptionNames } from "../check_options.ts";
import { parseBytes } from "../memory/parse_bytes.ts";

/**
 * The most that a file may ask for. What is more is refused by a {@linkcode LimitExceededError}
 * before anything of that size is made, whatever memory is free: a file of a kilobyte can declare
 * gigabytes.
 *
 * The defaults are far beyond what usual writers make, and small enough for a server that reads
 * what others upload. Bytes are numbers, or text like `"64MiB"`.
 *
 * @example A file that declares more than it may
 * ```ts
 * import { LimitExceededError, type ReadLimits, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const limits: ReadLimits = { columns: 2, pageBytes: "1MiB" };
 * const scan = scanParquet("tests/data/readings.parquet", { limits });
 * await expect(scan.schema()).rejects.toThrow(LimitExceededError);
 * ```
 */
export interface ReadLimits {
  /**
   * Bytes of one page of a Parquet column, as it is stored and as it is decompressed. Writers aim
   * at 1 MiB, but some end a page only after 1,024 values, however long they are: the default
   * leaves each 256 KiB.
   *
   * @default {"256MiB"}
   */
  pageBytes?: number | string | undefined;
  /**
   * Bytes of one row: of a record of CSV or a line of NDJSON, decompressed, with its header; and of
   * what the lists of a nested Parquet column hold in a row, at the width of its values and with
   * their levels. Twice the longest lines that other readers take if they are told to, and not so
   * long that one fills a server's memory.
   *
   * @default {"128MiB"}
   */
  rowBytes?: number | string | undefined;
  /**
   * Bytes of one piece of metadata: Parquet's footer, the index of a column chunk's pages, the
   * footer or the head of one message of Arrow IPC; also of all columns' names with those of what
   * they are in. Half a million column chunks with statistics take about so many; parsed, they take
   * ten times as many.
   *
   * @default {"64MiB"}
   */
  metadataBytes?: number | string | undefined;
  /**
   * Columns, the parts of nested ones counted too. The widest tables that are known to be in use
   * have some ten thousand.
   *
   * @default {100_000}
   */
  columns?: number | undefined;
  /**
   * Column chunks of a Parquet file: its row groups times its columns. The number is that of Arrow
   * C++, which takes no more than so many elements of any list of a footer.
   *
   * @default {1_000_000}
   */
  columnChunks?: number | undefined;
  /**
   * Levels of types within types: 128 at most, since parsers use the stack. Arrow IPC has 64 at
   * most, and NDJSON is read to 128 levels whatever is set.
   *
   * @default {128}
   */
  nestingDepth?: number | undefined;
}

/** Limits as they are sent: those that were given. */
export type CheckedLimits = { readonly [Name in keyof ReadLimits]?: number };

const bytes = ["pageBytes", "rowBytes", "metadataBytes"] as const;
const counts = ["columns", "columnChunks", "nestingDepth"] as const;
const deepest = 128;

/**
 * Checks limits.
 *
 * @param limits What was given.
 * @returns Those that are numbers now.
 * @throws {TypeError} Where one is of the wrong type, or unknown.
 * @throws {RangeError} Where one is out of its range.
 */
export function checkLimits(limits: ReadLimits | undefined): CheckedLimits {
  if (limits === undefined) return {};
  checkOptionNames(limits, [...bytes, ...counts], "Limits");
  const checked: { [Name in keyof ReadLimits]?: number } = {};
  for (const name of bytes) {
    const amount = limits[name];
    if (amount !== undefined) checked[name] = parseBytes(amount, `limits.${name}`);
  }
  for (const name of counts) {
    const count = checkCount(limits[name], `limits.${name}`, 1);
    if (count !== null) checked[name] = count;
  }
  if ((checked.nestingDepth ?? 0) > deepest) {
    throw new RangeError(
      `limits.nestingDepth must be ${deepest} or less, not ${checked.nestingDepth}`,
    );
  }
  return checked;
}
