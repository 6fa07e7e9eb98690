/**
 * What a CSV text is said to be.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type {
  CompressedDecodeOptions,
  TextDecodeOptions,
  TextScanOptions,
} from "./text_scan_options.ts";

/**
 * What {@linkcode scanCsv} and {@linkcode decodeCsv} may be told of the text.
 *
 * Characters with a meaning are one ASCII character each, no line break, and all different. LF, CRLF
 * and CR alone end lines, also mixed; a byte order mark is skipped.
 */
export interface CsvOptions {
  /** Ends a cell. @default {","} */
  delimiter?: string | undefined;
  /**
   * Opens and closes a cell that may hold delimiters and line breaks; `null` if it has no meaning.
   * It opens a cell only as its first character, and is doubled to be a part of the text.
   *
   * @default {"\""}
   */
  quote?: string | null | undefined;
  /**
   * Within quotes, takes the meaning from the character behind it; `null` for none. Doubled quotes
   * are one with it and without it.
   *
   * @default {null}
   */
  escape?: string | null | undefined;
  /** Begins a line without cells; `null` for none. @default {null} */
  comment?: string | null | undefined;
  /**
   * Where the columns' names come from: the first line; nowhere, so that they are `column_1`,
   * `column_2` and so on; or this list, with which the first line is one of values. A column whose
   * name in the header is empty is named by its number too.
   *
   * @default {true}
   */
  header?: boolean | readonly string[] | undefined;
  /**
   * The texts of cells that are null. A quoted cell of a column of text is never null, so that `""`
   * is the empty text.
   *
   * @default {[""]}
   */
  nullValues?: readonly string[] | undefined;
  /** Whether spaces and tabs around cells without quotes are left out. @default {false} */
  trim?: boolean | undefined;
  /**
   * How days are written, with the signs of `strftime`, such as `"%d.%m.%Y"`; `null` for ISO 8601.
   *
   * @default {null}
   */
  dateFormat?: string | null | undefined;
  /**
   * How points of time are written, such as `"%m/%d/%Y %H:%M:%S%.f"`; `null` for ISO 8601. With
   * `%z`, they have a zone.
   *
   * @default {null}
   */
  timestampFormat?: string | null | undefined;
  /** Whether numbers have a comma in front of their fraction, and no point. @default {false} */
  decimalComma?: boolean | undefined;
  /** Whether bytes that are not UTF-8 are an error, or U+FFFD each. @default {"error"} */
  encodingErrors?: "error" | "replace" | undefined;
  /**
   * What a line is that has fewer or more cells than there are columns: an error; null where cells
   * are missing (`"fill"`); or that, and without the cells that are too many (`"truncate"`).
   *
   * @default {"error"}
   */
  raggedRows?: "error" | "fill" | "truncate" | undefined;
  /** Lines at the beginning of each file to skip, whatever they hold. @default {0} */
  skipRows?: number | undefined;
  /** Whether lines without any character are no rows. @default {true} */
  skipBlankLines?: boolean | undefined;
  /**
   * All columns, in the file's order. With a header, their names must be the header's.
   *
   * Columns may be booleans, numbers, decimals, days, times, timestamps and text. They are nullable.
   */
  schema?: RecordBatch["schema"] | undefined;
  /** The types of some columns; the others' are inferred. Not together with `schema`. */
  types?: Readonly<Record<string, RecordBatch["schema"]["fields"][number]["type"]>> | undefined;
  /**
   * How types are told from the first rows: from how many, of 16 MiB at most (of a small memory
   * limit an eighth, but 64 KiB in any case), and whether days and points of time are told from text. `false` gives all columns as text.
   *
   * @default {{ rows: 10_000, dates: true }}
   */
  infer?: false | { rows?: number | undefined; dates?: boolean | undefined } | undefined;
  /**
   * What a cell is that is no value of its column's type: an error, or null, which
   * `stats()` counts.
   *
   * @default {"error"}
   */
  onBadCell?: "error" | "null" | undefined;
}

/**
 * What {@linkcode scanCsv} may be told.
 *
 * @example
 * ```ts
 * import { Decimal } from "apache-arrow";
 * import { type CsvScanOptions, scanCsv } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const options: CsvScanOptions = {
 *   types: { height: new Decimal(1, 9, 128) },
 *   columns: ["name", "height"],
 *   nullValues: ["", "-"],
 * };
 * const schema = await scanCsv("tests/data/stations.csv", options).schema();
 * expect(schema.fields.map(String)).toEqual(["name: Utf8", "height: Decimal[9e+1]"]);
 * ```
 */
export interface CsvScanOptions extends CsvOptions, TextScanOptions {}

/** What {@linkcode decodeCsv} may be told. */
export interface CsvDecodeOptions extends CsvOptions, TextDecodeOptions, CompressedDecodeOptions {}
