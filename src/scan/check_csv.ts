/**
 * The checks of what a CSV text is said to be.
 *
 * @module
 */
import { type DataType, Field, Schema } from "apache-arrow";
import { checkChoice, checkCount, checkNames, checkType, shown } from "../check_options.ts";
import type { TextFormat } from "./check_text.ts";
import type { CsvOptions } from "./csv_options.ts";
import { schemaBytes } from "../batches/schema_bytes.ts";

const optionNames: readonly (keyof CsvOptions)[] = [
  "comment",
  "dateFormat",
  "decimalComma",
  "delimiter",
  "encodingErrors",
  "escape",
  "header",
  "infer",
  "nullValues",
  "onBadCell",
  "quote",
  "raggedRows",
  "schema",
  "skipBlankLines",
  "skipRows",
  "timestampFormat",
  "trim",
  "types",
];

/**
 * Checks what a CSV text is said to be.
 *
 * @param options The options.
 * @returns The format, as the native side is asked for it.
 * @throws {TypeError} Where an option is of the wrong type.
 * @throws {RangeError} Where a number is out of its range, or a character can't have its meaning.
 */
export function csv(options: CsvOptions): TextFormat {
  const { dateFormat, timestampFormat } = options;
  const request = {
    ...checkCharacters(options),
    header: checkHeader(options.header),
    nullValues: checkNullValues(options.nullValues),
    trim: checkType(options.trim, "trim", "boolean") ?? false,
    dateFormat: checkType(dateFormat ?? undefined, "dateFormat", "string") ?? null,
    timestampFormat: checkType(timestampFormat ?? undefined, "timestampFormat", "string") ?? null,
    encodingErrors: checkChoice<"error" | "replace">(options.encodingErrors, "encodingErrors", [
      "error",
      "replace",
    ]),
    raggedRows: checkChoice<"error" | "fill" | "truncate">(options.raggedRows, "raggedRows", [
      "error",
      "fill",
      "truncate",
    ]),
    skipRows: checkCount(options.skipRows, "skipRows") ?? 0,
    skipBlankLines: checkType(options.skipBlankLines, "skipBlankLines", "boolean") ?? true,
    infer: checkInfer(options.infer),
    onBadCell: checkChoice<"error" | "null">(options.onBadCell, "onBadCell", ["error", "null"]),
    ...checkTypes(options),
  };
  return { suffixes: [".csv"], optionNames, request: { csv: request } };
}

function checkCharacters({ delimiter, quote, escape, comment, decimalComma }: CsvOptions) {
  const characters = {
    delimiter: delimiter ?? ",",
    quote: quote === undefined ? '"' : quote,
    escape: escape ?? null,
    comment: comment ?? null,
  };
  // An escape that is the quote itself is the doubled quotes that are there anyway.
  if (characters.escape === characters.quote) characters.escape = null;
  const meanings = new Map<string, string>();
  for (const [option, character] of Object.entries(characters)) {
    if (character === null) continue;
    if (typeof character !== "string") {
      throw new TypeError(`${option} must be a character, not ${shown(character)}`);
    }
    if (!/^[^\r\n\u{80}-\u{10ffff}]$/u.test(character)) {
      const text = JSON.stringify(character);
      throw new RangeError(`${option} must be one ASCII character and no line break, not ${text}`);
    }
    const other = meanings.get(character);
    if (other !== undefined) {
      throw new RangeError(`${other} and ${option} must differ, and both are "${character}"`);
    }
    meanings.set(character, option);
  }
  const hasComma = checkType(decimalComma, "decimalComma", "boolean") ?? false;
  if (hasComma && characters.delimiter === ",") {
    throw new RangeError('decimalComma needs another delimiter than ",", such as ";"');
  }
  return { ...characters, decimalComma: hasComma };
}

function checkHeader(header: CsvOptions["header"]): boolean | readonly string[] {
  if (header === undefined || typeof header === "boolean") return header ?? true;
  if (!Array.isArray(header)) {
    throw new TypeError(`header must be a boolean or an array of names, not ${shown(header)}`);
  }
  return checkNames(header, "header") ?? true;
}

function checkNullValues(values: CsvOptions["nullValues"]): readonly string[] {
  if (values === undefined) return [""];
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values;
  throw new TypeError(`nullValues must be an array of texts, not ${shown(values)}`);
}

function checkInfer(infer: CsvOptions["infer"]): { rows: number; dates: boolean } | null {
  if (infer === false) return null;
  if (infer !== undefined && (typeof infer !== "object" || infer === null)) {
    throw new TypeError(`infer must be false or an object, not ${shown(infer)}`);
  }
  return {
    rows: checkCount(infer?.rows, "infer.rows", 1) ?? 10_000,
    dates: checkType(infer?.dates, "infer.dates", "boolean") ?? true,
  };
}

function checkTypes(
  { schema, types }: CsvOptions,
): { schema: string | null; types: string | null } {
  if (schema !== undefined && types !== undefined) {
    throw new TypeError("Give schema or types, not both: a schema has all columns");
  }
  if (schema !== undefined && !Array.isArray(schema?.fields)) {
    throw new TypeError(`schema must be an apache-arrow Schema, not ${shown(schema)}`);
  }
  if (types !== undefined && (typeof types !== "object" || types === null)) {
    throw new TypeError(`types must be an object, not ${shown(types)}`);
  }
  const fields = Object.entries(types ?? {}).map(([name, type]) => {
    if (typeof (type as DataType | undefined)?.typeId === "number") {
      return new Field(name, type, true);
    }
    throw new TypeError(`types.${name} must be an apache-arrow DataType, not ${shown(type)}`);
  });
  const hex = (schema: Schema) => schemaBytes(schema).toHex();
  return {
    schema: schema === undefined ? null : hex(schema),
    types: fields.length === 0 ? null : hex(new Schema(fields)),
  };
}
