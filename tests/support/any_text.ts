/**
 * Texts and tests of texts, with SQL that means the same.
 *
 * @module
 */
import fc from "fast-check";
import { coalesce, col, type Expression, lit, type Predicate } from "spillway";
import { numberColumns } from "./number_columns.ts";
import { at, type Constant } from "./predicate_constants.ts";
import { digits, words } from "./predicate_values.ts";
import { quoted, sqlOf } from "./sql.ts";

/** A text. */
export interface TextTerm {
  readonly expression: Expression<string>;
  readonly sql: string | null;
  /** Whether upper and lower case are the same in DuckDB, which maps one character to one. */
  readonly hasPlainCase: boolean;
}

const column = (path: string, sql: string, hasPlainCase = true): TextTerm => ({
  expression: col(path),
  sql,
  hasPlainCase,
});

/** The columns of text. */
export const textColumns: readonly TextTerm[] = [
  column("text", "text", false),
  column("word", "word"),
  column("digits", "digits"),
  column("s.in.word", "s['in']['word']"),
];

/** The digits of a decimal that has its point left out. */
function pointed(sql: string, scale: number): string {
  const unit = 10n ** BigInt(scale);
  const fraction = scale > 0
    ? ` || '.' || lpad((abs(${sql}) % ${unit})::VARCHAR, ${scale}, '0')`
    : "";
  return `(CASE WHEN ${sql} < 0 THEN '-' ELSE '' END || (abs(${sql}) // ${unit})::VARCHAR${fraction})`;
}

const printed: readonly TextTerm[] = [
  ...numberColumns.map(({ expression, kind, sql }): TextTerm => ({
    expression: expression.cast("string"),
    // Floats are printed in another way: 1e20 here, 1e+20 there.
    sql: kind.is === "float"
      ? null
      : sqlOf([sql], (sql) => kind.is === "decimal" ? pointed(sql, kind.scale) : `${sql}::VARCHAR`),
    hasPlainCase: true,
  })),
  { expression: col("flag").cast("string"), sql: "flag::VARCHAR", hasPlainCase: true },
  // Bytes that are no text become null.
  { expression: col("blob").cast("string"), sql: "TRY(decode(blob))", hasPlainCase: false },
  // As are times and years before 1: as in ISO 8601 here.
  ...["us", "localMs", "day"].map((name): TextTerm => ({
    expression: col(name).cast("string"),
    sql: null,
    hasPlainCase: true,
  })),
];

/** Any text. */
export const anyText: fc.Arbitrary<TextTerm> = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...textColumns) },
    { weight: 1, arbitrary: fc.constantFrom(...printed) },
  ),
  fc.constantFrom("as it is", "as it is", "lower", "upper", "coalesce"),
).map(([term, change]): TextTerm => {
  const { expression, sql, hasPlainCase } = term;
  switch (change) {
    case "lower":
    case "upper":
      return {
        expression: expression[change](),
        sql: hasPlainCase ? sqlOf([sql], (sql) => `${change}(${sql})`) : null,
        hasPlainCase,
      };
    case "coalesce":
      return {
        expression: coalesce(expression, lit("none")),
        sql: sqlOf([sql], (sql) => `coalesce(${sql}, 'none')`),
        hasPlainCase,
      };
    default:
      return term;
  }
});

/** A test of a text, without the text. */
interface TextTest {
  readonly of: (text: Expression<string>) => Predicate;
  readonly sql: (text: string) => string | null;
}

const piece = fc.constantFrom(
  "",
  "a",
  "ab",
  "b",
  "x",
  "é",
  "\u{1f30a}",
  "%",
  "_",
  "it's",
  "Gr",
  "1",
);

const simpleTest: fc.Arbitrary<TextTest> = fc.tuple(
  fc.constantFrom(
    ["startsWith", "starts_with"],
    ["endsWith", "suffix"],
    ["contains", "contains"] as const,
  ),
  piece,
).map(([[name, sqlName], text]) => ({
  of: (value) => value[name as "contains"](text),
  sql: (value) => `${sqlName}(${value}, ${quoted(text)})`,
}));

/** A pattern, with `!` before what stands for itself: DuckDB has a backslash escape itself, too. */
function duckdbPattern(pattern: string): string {
  return pattern.replace(/\\([%_])|[%_]|[^]/gu, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return `!${escaped}`;
    return token === "!" ? "!!" : token;
  });
}

const likeTest: fc.Arbitrary<TextTest> = fc.array(
  fc.constantFrom("%", "_", "a", "b", "x", "é", "\\%", "\\_", "\\", "\\\\", "!", "1"),
  { maxLength: 5 },
).map((parts) => parts.join("")).map((pattern) => ({
  of: (value) => value.like(pattern),
  sql: (value) => `(${value} LIKE ${quoted(duckdbPattern(pattern))} ESCAPE '!')`,
}));

/** What RE2, which DuckDB has, and Rust's regex read the same way. */
const pieces = [
  "^",
  "$",
  "a",
  "b+",
  "x*",
  "[ab]",
  ".",
  "(a|it's)",
  "é",
  "\\\\",
  "a{2}",
  "[^a]",
  "\\.",
];
/** What means all of Unicode here, and ASCII in RE2. */
const unicodePieces = ["\\d", "\\w+", "\\s", "\\bx", "\\W"];

const regexTest: fc.Arbitrary<TextTest> = fc.tuple(
  fc.constantFrom("", "", "(?i)", "(?s)", "(?m)"),
  fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.constantFrom(...unicodePieces) },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  fc.boolean(),
).map(([flags, parts, isRegExp]) => {
  const pattern = parts.join("");
  const ascii = !parts.some((part) => unicodePieces.includes(part));
  return {
    of: (value) =>
      value.matches(isRegExp ? new RegExp(pattern, flags.slice(2, -1)) : flags + pattern),
    sql: (value) => ascii ? `regexp_matches(${value}, ${quoted(flags + pattern)})` : null,
  };
});

/** Any test of a text. */
export const textTest: fc.Arbitrary<{ predicate: Predicate; sql: string | null }> = fc.tuple(
  anyText,
  fc.oneof(simpleTest, likeTest, regexTest),
).map(([{ expression, sql }, test]) => ({
  predicate: test.of(expression),
  sql: sql && test.sql(sql),
}));

/** What texts are compared with. */
export const textConstant: fc.Arbitrary<Constant> = fc.oneof(
  words,
  digits,
  piece,
  fc.constantFrom(
    "sluice",
    "WEIR",
    "dam",
    "Écluse",
    "none",
    "true",
    "-1",
    "7",
    "12",
    "-0.01",
    "0.0",
  ),
).map((text) => at(text, quoted(text)));
