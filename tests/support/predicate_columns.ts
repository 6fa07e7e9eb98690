/**
 * Columns that predicates are tested on: how they are stored, and what they hold.
 *
 * @module
 */
import fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import type { ColumnSource } from "hyparquet-writer";
import { hex } from "./arrow_values.ts";
import {
  blobs,
  digits,
  doubles,
  halves,
  instants,
  integers,
  milliseconds,
  words,
  zeros,
} from "./predicate_values.ts";

/** A column that predicates are tested on. */
export interface PredicateColumn {
  /** Its element, or its group and what is in it, without the name of the first. */
  readonly schema: readonly [Partial<SchemaElement>, ...SchemaElement[]];
  readonly value: fc.Arbitrary<unknown>;
  /** Some values that are of interest where there are no others. */
  readonly few?: fc.Arbitrary<unknown>;
  /** What its values are sorted by. */
  readonly order: (value: unknown) => number | bigint | string;
  /** Encodings beside the writer's own choice. */
  readonly encodings: readonly NonNullable<ColumnSource["encoding"]>[];
  /** Whether it can't be required: the writer makes no required groups of fields that may be null. */
  readonly mayBeNull?: true;
}

const asIs = (value: unknown) => value as number | bigint | string;
const anyEncoding = ["PLAIN", "RLE_DICTIONARY"] as const;
const integerEncodings = [...anyEncoding, "DELTA_BINARY_PACKED"] as const;
const textEncodings = [...anyEncoding, "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"] as const;
const utf8 = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
const fixed = (length: number) => ({ type: "FIXED_LEN_BYTE_ARRAY", type_length: length }) as const;

function simple(
  element: Partial<SchemaElement>,
  value: fc.Arbitrary<unknown>,
  order: PredicateColumn["order"] = asIs,
  encodings: PredicateColumn["encodings"] = anyEncoding,
): PredicateColumn {
  return { schema: [element], value, order, encodings };
}

function integer(bits: 8 | 16 | 32 | 64, signed: boolean): PredicateColumn {
  const values = integers(bits, signed);
  const element = {
    type: bits === 64 ? "INT64" : "INT32",
    converted_type: `${signed ? "" : "U"}INT_${bits}`,
  } as const;
  return simple(element, bits === 64 ? values : values.map(Number), asIs, integerEncodings);
}

const ofDate = (value: unknown) => (value as Date).getTime();
const ofText = (value: unknown) => hex(new TextEncoder().encode(value as string));
const ofBytes = (value: unknown) => hex(value as Uint8Array);

function float(
  element: Partial<SchemaElement>,
  values: fc.Arbitrary<number>,
  encodings: PredicateColumn["encodings"] = [...anyEncoding, "BYTE_STREAM_SPLIT"],
): PredicateColumn {
  // NaN comes last.
  const order = (value: unknown) => Number.isNaN(value) ? Infinity : value as number;
  return { ...simple(element, values, order, encodings), few: zeros };
}

function decimal(
  element: Partial<SchemaElement>,
  precision: number,
  scale: number,
  digits = precision,
): PredicateColumn {
  const most = 10n ** BigInt(digits) - 1n;
  const unscaled = fc.oneof(
    // The writer gives a 0 of any length no bytes, which the format doesn't allow.
    fc.bigInt({ min: -9n, max: 9n }).map((value) =>
      element.type === "BYTE_ARRAY" ? value || 1n : value
    ),
    fc.bigInt({ min: -most, max: most }).map((value) => value || 1n),
    fc.constantFrom(most, -most),
  );
  return simple({ ...element, converted_type: "DECIMAL", precision, scale }, unscaled);
}

function timestamp(unit: "MILLIS" | "MICROS" | "NANOS", isAdjustedToUTC: boolean) {
  return { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC, unit } } as const;
}

const dates = milliseconds.map((value) => new Date(Number(value)));
const micros = instants.map((nanos) => nanos / 1_000n);

/** The days that dates are on: most near 1970, some before the year 1, some after the year 9999. */
const days = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -90_000, max: 90_000 }),
  fc.constantFrom(-1_000_000, -719_529, -719_528, -719_163, 2_932_896, 2_932_897),
);

/** Microseconds of a day. */
const timesOfDay = fc.oneof(
  fc.constantFrom(0, 1_000, 86_399_999_000),
  fc.integer({ min: 0, max: 86_399 }).map((seconds) => seconds * 1_000_000),
);

/** INT96, which counts days from noon 4714 BC: nanoseconds of the day, then the day. */
function int96(micros: bigint): Uint8Array {
  const day = 86_400_000_000n;
  const rest = ((micros % day) + day) % day;
  const view = new DataView(new ArrayBuffer(12));
  view.setBigUint64(0, rest * 1_000n, true);
  view.setUint32(8, Number((micros - rest) / day) + 2_440_588, true);
  return new Uint8Array(view.buffer);
}

const fields = fc.record({
  x: fc.option(integers(32, true).map(Number), { freq: 5 }),
  at: fc.option(doubles, { freq: 5 }),
  in: fc.option(fc.record({ word: fc.option(digits, { freq: 5 }) }), { freq: 5 }),
});
const optional = (name: string, element: Partial<SchemaElement>): SchemaElement => ({
  name,
  repetition_type: "OPTIONAL",
  ...element,
});

/** All columns, by name. A predicate names its columns, and a file has those that are named. */
export const predicateColumns = {
  flag: simple({ type: "BOOLEAN" }, fc.boolean(), Number, ["PLAIN", "RLE"]),
  i8: integer(8, true),
  i16: integer(16, true),
  i32: integer(32, true),
  i64: integer(64, true),
  u8: integer(8, false),
  u16: integer(16, false),
  u32: integer(32, false),
  u64: integer(64, false),
  f16: float({ ...fixed(2), logical_type: { type: "FLOAT16" } }, halves, anyEncoding),
  f32: float({ type: "FLOAT" }, fc.oneof(doubles.map(Math.fround), fc.float())),
  f64: float({ type: "DOUBLE" }, doubles),
  text: simple(utf8, words, ofText, textEncodings),
  // Few different values, which writers make dictionaries of.
  word: simple(
    utf8,
    fc.constantFrom("sluice", "Weir", "DAM", "Écluse", "schütz", "", "it's", "abba"),
    ofText,
    ["RLE_DICTIONARY"],
  ),
  digits: simple(utf8, digits, ofText, textEncodings),
  blob: simple({ type: "BYTE_ARRAY" }, blobs, ofBytes, textEncodings),
  uuid: simple(
    { ...fixed(16), logical_type: { type: "UUID" } },
    fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.constantFrom(0, 1, 127, 128, 255).map((byte) => new Uint8Array(16).fill(byte)),
    ),
    ofBytes,
  ),
  code: simple(
    fixed(3),
    fc.array(fc.constantFrom(0, 1, 97, 254, 255), { minLength: 3, maxLength: 3 }).map((bytes) =>
      Uint8Array.from(bytes)
    ),
    ofBytes,
  ),
  d9: decimal({ type: "INT32" }, 9, 2),
  d15: decimal({ type: "INT64" }, 15, 4),
  d20: decimal(fixed(9), 20, 3),
  d38: decimal(fixed(16), 38, 6),
  d12: decimal({ type: "BYTE_ARRAY" }, 12, 1),
  day: simple(
    { type: "INT32", converted_type: "DATE" },
    days.map((days) => new Date(days * 86_400_000)),
    ofDate,
  ),
  time: simple({ type: "INT64", converted_type: "TIME_MICROS" }, timesOfDay.map(BigInt)),
  clock: simple(
    { type: "INT32", converted_type: "TIME_MILLIS" },
    timesOfDay.map((micros) => micros / 1_000),
  ),
  ms: simple(
    { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
    dates,
    ofDate,
    integerEncodings,
  ),
  us: simple({ type: "INT64", converted_type: "TIMESTAMP_MICROS" }, micros, asIs, integerEncodings),
  // Whole microseconds: to them, DuckDB rounds nanoseconds that have a zone.
  ns: simple(timestamp("NANOS", true), micros.map((value) => value * 1_000n)),
  localMs: simple(timestamp("MILLIS", false), milliseconds),
  localUs: simple(timestamp("MICROS", false), micros),
  localNs: simple(timestamp("NANOS", false), instants, asIs, integerEncodings),
  i96: simple(
    { type: "INT96" },
    micros.map(int96),
    (value) => {
      const view = new DataView((value as Uint8Array).buffer);
      return (BigInt(view.getUint32(8, true)) << 64n) + view.getBigUint64(0, true);
    },
  ),
  s: {
    schema: [
      { num_children: 3 },
      optional("x", { type: "INT32" }),
      optional("at", { type: "DOUBLE" }),
      optional("in", { num_children: 1 }),
      optional("word", utf8),
    ],
    value: fields,
    order: (value) => (value as { x: number | null }).x ?? -Infinity,
    encodings: anyEncoding,
    mayBeNull: true,
  },
} as const satisfies Readonly<Record<string, PredicateColumn>>;

/** The name of a column. */
export type ColumnName = keyof typeof predicateColumns;

/** The columns' names. */
export const predicateColumnNames = Object.keys(predicateColumns) as ColumnName[];
