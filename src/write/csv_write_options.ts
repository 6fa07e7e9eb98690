/**
 * How CSV is written.
 *
 * @module
 */
import type { FileCompression } from "../scan/file_compression.ts";
import { checkChoice, checkType } from "../check_options.ts";
import { checkTimeFormats, timeFormatNames, type TimeFormats } from "../rows/time_formats.ts";

/** Options of CSV that is written. */
export interface CsvWriteOptions extends TimeFormats {
  /**
   * Whether the first line has the columns' names.
   *
   * @default {true}
   */
  header?: boolean | undefined;
  /**
   * What stands between cells.
   *
   * @default {","}
   */
  delimiter?: string | undefined;
  /**
   * What stands around cells that need it.
   *
   * @default {'"'}
   */
  quote?: string | undefined;
  /** What stands before a quote within a cell, and before itself; without it quotes are doubled. */
  escape?: string | undefined;
  /**
   * Which cells are quoted. A null never is, so that it differs from an empty text.
   *
   * @default {"necessary"}
   */
  quoteStyle?: "always" | "necessary" | "never" | "nonNumeric" | undefined;
  /**
   * What a null is written as.
   *
   * @default {""}
   */
  nullValue?: string | undefined;
  /**
   * What ends a line.
   *
   * @default {"\n"}
   */
  lineEnding?: "\n" | "\r\n" | undefined;
  /**
   * How the whole output is compressed. A file's by its name (`.gz`, `.zst`), unless it is said.
   *
   * @default {"none"}
   */
  compression?: FileCompression | undefined;
}

/** The names of the options. */
export const csvWriteOptionNames: readonly (keyof CsvWriteOptions)[] = [
  "compression",
  "delimiter",
  "escape",
  "header",
  "lineEnding",
  "nullValue",
  "quote",
  "quoteStyle",
  ...timeFormatNames,
];

/**
 * Checks how CSV is to be written.
 *
 * @param options The options.
 * @returns The options as the native side has them.
 * @throws {TypeError} Where an option is of the wrong type.
 * @throws {RangeError} Where a character is not one.
 */
export function checkCsvWrite(options: CsvWriteOptions): Record<string, unknown> {
  return {
    header: checkType(options.header, "header", "boolean") ?? true,
    delimiter: checkCharacter(options.delimiter, "delimiter") ?? ",",
    quote: checkCharacter(options.quote, "quote") ?? '"',
    escape: checkCharacter(options.escape, "escape"),
    quoteStyle: checkChoice(
      options.quoteStyle,
      "quoteStyle",
      ["necessary", "always", "nonNumeric", "never"],
    ),
    nullValue: checkType(options.nullValue, "nullValue", "string") ?? "",
    lineEnding: checkChoice(options.lineEnding, "lineEnding", ["\n", "\r\n"]),
    ...checkTimeFormats(options),
  };
}

function checkCharacter(character: string | undefined, option: string): string | null {
  const checked = checkType(character, option, "string");
  if (checked === undefined) return null;
  if ([...checked].length === 1) return checked;
  throw new RangeError(`${option} must be one character, not "${checked}"`);
}
