/**
 * Columns that predicates are tested on: what they hold, and how DuckDB is asked the same of them.
 *
 * @module
 */
import fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import type { Literal } from "spillway";

/** A constant, as an expression takes it and as SQL says it. */
export interface Constant {
  readonly literal: Literal;
  /** What {@linkcode PredicateColumn.sql} can be compared with; `null` for no value. */
  readonly sql: string | null;
  /** Where the constant is beyond all values: which side of them it is on. */
  readonly beyond?: "above" | "below";
}

/** A column that predicates are tested on. */
export interface PredicateColumn {
  readonly element: Partial<SchemaElement>;
  readonly value: fc.Arbitrary<unknown>;
  /** What its values are ordered by. */
  readonly order: (value: unknown) => number | bigint | string;
  /** The column in a form in which DuckDB compares it exactly. */
  readonly sql: (name: string) => string;
  readonly constant: fc.Arbitrary<Constant>;
}

const asIs = (value: unknown) => value as number | bigint | string;
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Twice the value: halves are whole numbers then, which DuckDB compares exactly. */
const doubled = (name: string) => `(${name}::HUGEINT * 2)`;
const huge = (value: bigint) => `${quoted(String(value))}::HUGEINT`;

const wholeConstant = (value: bigint): Constant => ({ literal: value, sql: huge(2n * value) });

/** Whole numbers and halves, some beyond 64 bits, and what integers can't be. */
function integerConstant(values: fc.Arbitrary<bigint>): fc.Arbitrary<Constant> {
  return fc.oneof(
    { weight: 6, arbitrary: values.map(wholeConstant) },
    {
      weight: 3,
      arbitrary: values.map((value): Constant => {
        const number = Number(value);
        return { literal: number, sql: huge(2n * BigInt(number)) };
      }),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -300, max: 300 }).map((value): Constant => ({
        literal: value + 0.5,
        sql: huge(2n * BigInt(value) + 1n),
      })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...[2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n, 2n ** 64n - 1n]
          .flatMap((value) => [
            wholeConstant(value),
            { literal: Number(value), sql: huge(2n * BigInt(Number(value))) },
            { literal: String(value), sql: huge(2n * value) },
          ]),
        { literal: NaN, sql: null, beyond: "above" as const },
        { literal: Infinity, sql: null, beyond: "above" as const },
        { literal: -Infinity, sql: null, beyond: "below" as const },
      ),
    },
  );
}

function integer(bits: number, signed: boolean, type: "INT32" | "INT64"): PredicateColumn {
  const min = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const max = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const values = fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: signed ? -4n : 0n, max: 9n }) },
    { weight: 1, arbitrary: fc.bigInt({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max, min + 1n, max - 1n) },
  );
  return {
    element: { type, converted_type: `${signed ? "" : "U"}INT_${bits}` as "INT_8" },
    value: type === "INT64" ? values : values.map(Number),
    order: asIs,
    sql: doubled,
    constant: integerConstant(values),
  };
}

const doubles = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -8, max: 8 }).map((eighths) => eighths / 8) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 0.1, 5e-324) },
);

function float(element: Partial<SchemaElement>, values: fc.Arbitrary<number>): PredicateColumn {
  const constant = fc.oneof(doubles, values).map((literal): Constant => ({
    literal,
    sql: `${quoted(Object.is(literal, -0) ? "-0.0" : String(literal))}::DOUBLE`,
  }));
  return {
    element,
    value: values,
    // NaN comes last.
    order: (value) => Number.isNaN(value) ? Number.MAX_VALUE : value as number,
    sql: (name) => `${name}::DOUBLE`,
    constant,
  };
}

function decimal(element: Partial<SchemaElement>, scale: number): PredicateColumn {
  const digits = element.precision!;
  const most = 10n ** BigInt(Math.min(digits, 15)) - 1n;
  const unscaled = fc.oneof(
    fc.bigInt({ min: -9n, max: 9n }),
    fc.bigInt({ min: -most, max: most }),
    fc.constantFrom(most, -most),
  );
  const text = fc.tuple(unscaled, fc.constantFrom(scale, scale + 1, 0)).map(([value, places]) => {
    const all = String(value < 0n ? -value : value).padStart(places + 1, "0");
    const at = all.length - places;
    return `${value < 0n ? "-" : ""}${all.slice(0, at)}${places > 0 ? "." : ""}${all.slice(at)}`;
  });
  const constant = fc.tuple(text, fc.boolean()).map(([text, asNumber]): Constant => {
    // A number means the decimal that JavaScript prints for it.
    const literal = asNumber && !/e/.test(String(Number(text))) ? Number(text) : text;
    return { literal, sql: `${quoted(String(literal))}::DECIMAL(38, 10)` };
  });
  return {
    element: { ...element, converted_type: "DECIMAL", scale },
    value: unscaled,
    order: asIs,
    sql: (name) => `${name}::DECIMAL(38, 10)`,
    constant,
  };
}

// No text with a NUL, which SQL can't say.
const words = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "ab",
    "abc",
    "b",
    "%",
    "_",
    "\\",
    "it's",
    "Größe",
    "\u{1f30a}",
    "\uffee",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.replaceAll("\0", "0")),
  // Beyond where writers cut off statistics.
  fc.tuple(
    fc.constantFrom("x", "é", "\u{1f30a}"),
    fc.integer({ min: 60, max: 70 }),
    fc.constantFrom("", "a", "z"),
  )
    .map(([letter, times, end]) => letter.repeat(times) + end),
);
const blobs = fc.oneof(
  fc.constantFrom(Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(255), Uint8Array.of(255, 255)),
  fc.uint8Array({ maxLength: 4 }),
  fc.tuple(fc.constantFrom(0, 97, 255), fc.integer({ min: 60, max: 70 })).map(([byte, length]) =>
    new Uint8Array(length).fill(byte)
  ),
);

const milliseconds = fc.oneof(
  fc.bigInt({ min: -8_000_000_000_000n, max: 8_000_000_000_000n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -3n, max: 3n }).map((days) => days * 86_400_000n),
);
/** ISO text of nanoseconds since 1970. */
function isoText(nanos: bigint): string {
  const seconds = nanos >= 0n
    ? nanos / 1_000_000_000n
    : -((-nanos + 999_999_999n) / 1_000_000_000n);
  const rest = nanos - seconds * 1_000_000_000n;
  return new Date(Number(seconds) * 1_000).toISOString().replace(
    ".000Z",
    `.${String(rest).padStart(9, "0")}Z`,
  );
}
const instant = fc.tuple(milliseconds, fc.constantFrom(0n, 0n, 1n, 999n, 1_000n, 7_000n, 999_999n))
  .map(([ms, more]) => ms * 1_000_000n + more);
const temporal = fc.oneof(
  milliseconds.map((ms): Constant => ({
    literal: new Date(Number(ms)),
    sql: huge(ms * 1_000_000n),
  })),
  instant.map((nanos): Constant => ({ literal: isoText(nanos), sql: huge(nanos) })),
);

function timestamp(
  element: Partial<SchemaElement>,
  value: fc.Arbitrary<unknown>,
  unit: "us" | "ns",
): PredicateColumn {
  return {
    element,
    value,
    order: (value) => value instanceof Date ? value.getTime() : asIs(value),
    sql: (name) => `(epoch_${unit}(${name})::HUGEINT * ${unit === "us" ? 1_000 : 1})`,
    constant: temporal,
  };
}

const day = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -90_000, max: 90_000 }));
const timeText = (micros: number) => isoText(BigInt(micros) * 1_000n).slice(11, 26);
const micros = fc.oneof(
  fc.constantFrom(0, 1, 86_399_999_999),
  fc.integer({ min: 0, max: 86_399 })
    .map((seconds) => seconds * 1_000_000),
);

/** All columns, by name; every file has all of them, so that predicates don't depend on the file. */
export const predicateColumns = {
  flag: {
    element: { type: "BOOLEAN" },
    value: fc.boolean(),
    order: (value: unknown) => Number(value),
    sql: (name: string) => name,
    constant: fc.boolean().map((literal) => ({ literal, sql: String(literal) })),
  },
  i8: integer(8, true, "INT32"),
  i16: integer(16, true, "INT32"),
  i32: integer(32, true, "INT32"),
  i64: integer(64, true, "INT64"),
  u8: integer(8, false, "INT32"),
  u16: integer(16, false, "INT32"),
  u32: integer(32, false, "INT32"),
  u64: integer(64, false, "INT64"),
  f32: float({ type: "FLOAT" }, fc.oneof(doubles.map(Math.fround), fc.float())),
  f64: float({ type: "DOUBLE" }, doubles),
  text: {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8" },
    value: words,
    order: (value: unknown) => hex(new TextEncoder().encode(value as string)),
    sql: (name: string) => name,
    constant: words.map((literal) => ({ literal, sql: quoted(literal) })),
  },
  blob: {
    element: { type: "BYTE_ARRAY" },
    value: blobs,
    order: (value: unknown) => hex(value as Uint8Array),
    sql: (name: string) => name,
    constant: blobs.map((literal) => ({ literal, sql: `unhex('${hex(literal)}')` })),
  },
  d9: decimal({ type: "INT32", precision: 9 }, 2),
  d15: decimal({ type: "INT64", precision: 15 }, 4),
  d20: decimal({ type: "FIXED_LEN_BYTE_ARRAY", type_length: 9, precision: 20 }, 3),
  day: {
    element: { type: "INT32", converted_type: "DATE" },
    value: day.map((days) => new Date(days * 86_400_000)),
    order: (value: unknown) => (value as Date).getTime(),
    sql: (name: string) => `(epoch_us(${name}::TIMESTAMP)::HUGEINT * 1000)`,
    constant: fc.oneof(
      temporal.filter(({ literal }) => literal instanceof Date),
      day.map((days) => ({
        literal: new Date(days * 86_400_000).toISOString().slice(0, 10),
        sql: huge(BigInt(days) * 86_400_000_000_000n),
      })),
    ),
  },
  time: {
    element: { type: "INT64", converted_type: "TIME_MICROS" },
    value: micros.map(BigInt),
    order: asIs,
    sql: (name: string) => name,
    constant: micros.map((value) => ({
      literal: timeText(value),
      sql: `TIME ${quoted(timeText(value))}`,
    })),
  },
  ms: timestamp(
    { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
    milliseconds.map((value) => new Date(Number(value))),
    "us",
  ),
  us: timestamp(
    { type: "INT64", converted_type: "TIMESTAMP_MICROS" },
    instant.map((nanos) => nanos / 1_000n),
    "us",
  ),
  // Without a zone: DuckDB rounds nanoseconds with one to microseconds.
  ns: timestamp(
    {
      type: "INT64",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "NANOS" },
    },
    instant,
    "ns",
  ),
} as const satisfies Readonly<Record<string, PredicateColumn>>;

/** The name of a column. */
export type ColumnName = keyof typeof predicateColumns;

/** The columns' names, in the files' order. */
export const predicateColumnNames = Object.keys(predicateColumns) as ColumnName[];
