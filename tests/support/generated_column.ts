import fc from "fast-check";
import type { ColumnSource } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { hex, type PlainValue } from "./arrow_values.ts";

/** A column of a file that hyparquet-writer writes. */
export interface GeneratedColumn {
  /** What it holds; a word for failure reports. */
  readonly kind: string;
  /** Its schema, from its root down, in the order of the footer; the root has the kind's name. */
  readonly schema: readonly [SchemaElement, ...SchemaElement[]];
  /** The values that its rows have, one at least. */
  readonly pool: readonly unknown[];
  readonly options: Omit<ColumnSource, "name" | "data">;
  /** Turns what hyparquet reads into what {@linkcode valuesOf} gives for the same value. */
  readonly plain: (value: unknown) => PlainValue;
}

/** A type of column: everything but the name, the values and the encoding. */
interface Kind {
  /** The element, or the group with its descendants, without the name and the repetition of the first. */
  readonly schema: readonly [Partial<SchemaElement>, ...SchemaElement[]];
  readonly value: fc.Arbitrary<unknown>;
  readonly plain: (value: unknown) => PlainValue;
  /** Encodings beside the writer's own choice. */
  readonly encodings?: readonly ColumnSource["encoding"][];
  /** hyparquet-writer writes a required group of required fields only. */
  readonly alwaysNullable?: boolean;
}

const asBigint = (value: unknown): PlainValue => BigInt(value as bigint | number);
const asHex = (value: unknown): PlainValue => hex(value as Uint8Array);
const asIs = (value: unknown): PlainValue => value as PlainValue;

/** Unscaled, as Spillway has it; hyparquet gives a double, which holds 15 digits. */
const asUnscaled = (scale: number) => (value: unknown): PlainValue =>
  BigInt(Math.round(value as number * 10 ** scale));

const delta = ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"] as const;
const deltaText = ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"] as const;
const split = ["PLAIN", "BYTE_STREAM_SPLIT"] as const;

const int32 = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
// Within what a Date holds: the writer makes dates of its statistics.
const milliseconds = fc.bigInt({ min: -8_000_000_000_000n, max: 8_000_000_000_000n });
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("", "sluice", "weir", "spillway", "\u{1f30a}"),
);
const bytes = fc.uint8Array({ maxLength: 12 });

const optional = (name: string, element: Partial<SchemaElement>): SchemaElement => ({
  name,
  repetition_type: "OPTIONAL",
  ...element,
});
const utf8 = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4 });
const orNull = (plain: (value: unknown) => PlainValue) => (value: unknown): PlainValue =>
  value === null || value === undefined ? null : plain(value);
const listOf = (plain: (value: unknown) => PlainValue) => (value: unknown): PlainValue =>
  (value as unknown[]).map(orNull(plain));
const structOf =
  (fields: Record<string, (value: unknown) => PlainValue>) => (value: unknown): PlainValue =>
    Object.fromEntries(
      Object.entries(fields).map((
        [name, plain],
      ) => [name, orNull(plain)((value as Record<string, unknown>)[name])]),
    );

/** The three levels of a list, around its element. */
function list(element: readonly [Partial<SchemaElement>, ...SchemaElement[]]): Kind["schema"] {
  const [item, ...rest] = element;
  return [
    { converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    optional("element", item),
    ...rest,
  ];
}

const pair = fc.record({ x: nullable(int32), word: nullable(text) });
const pairSchema: Kind["schema"] = [
  { num_children: 2 },
  optional("x", { type: "INT32" }),
  optional("word", utf8),
];
const plainPair = structOf({ x: asBigint, word: asIs });

const kinds: Readonly<Record<string, Kind>> = {
  boolean: {
    schema: [{ type: "BOOLEAN" }],
    value: fc.boolean(),
    plain: asIs,
    encodings: ["PLAIN", "RLE"],
  },
  int8: {
    schema: [{ type: "INT32", converted_type: "INT_8" }],
    value: fc.integer({ min: -128, max: 127 }),
    plain: asBigint,
  },
  uint16: {
    schema: [{ type: "INT32", converted_type: "UINT_16" }],
    value: fc.integer({ min: 0, max: 65_535 }),
    plain: asBigint,
  },
  int32: { schema: [{ type: "INT32" }], value: int32, plain: asBigint, encodings: delta },
  uint32: {
    schema: [{ type: "INT32", converted_type: "UINT_32" }],
    value: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    plain: asBigint,
  },
  int64: { schema: [{ type: "INT64" }], value: int64, plain: asBigint, encodings: delta },
  uint64: {
    schema: [{ type: "INT64", converted_type: "UINT_64" }],
    value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    plain: asBigint,
  },
  float: { schema: [{ type: "FLOAT" }], value: fc.float(), plain: asIs, encodings: split },
  double: { schema: [{ type: "DOUBLE" }], value: fc.double(), plain: asIs, encodings: split },
  float16: {
    schema: [{ type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } }],
    value: fc.integer({ min: -2_000, max: 2_000 }).map((quarters) => quarters / 4),
    plain: asIs,
  },
  string: { schema: [utf8], value: text, plain: asIs, encodings: deltaText },
  words: {
    schema: [utf8],
    value: fc.constantFrom("sluice", "weir", "spillway", "dam"),
    plain: asIs,
  },
  json: {
    schema: [{ type: "BYTE_ARRAY", converted_type: "JSON" }],
    value: fc.record({ n: fc.integer(), list: fc.array(fc.boolean(), { maxLength: 3 }) }),
    plain: asIs,
  },
  // Bytes, to Arrow.
  enum: {
    schema: [{ type: "BYTE_ARRAY", converted_type: "ENUM" }],
    value: fc.constantFrom("open", "shut").map((word) => new TextEncoder().encode(word)),
    plain: asHex,
  },
  binary: { schema: [{ type: "BYTE_ARRAY" }], value: bytes, plain: asHex, encodings: deltaText },
  fixed: {
    schema: [{ type: "FIXED_LEN_BYTE_ARRAY", type_length: 5 }],
    value: fc.uint8Array({ minLength: 5, maxLength: 5 }),
    plain: asHex,
  },
  uuid: {
    schema: [{ type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } }],
    value: fc.uuid(),
    plain: asIs,
  },
  date: {
    schema: [{ type: "INT32", converted_type: "DATE" }],
    value: fc.integer({ min: -90_000, max: 90_000 }).map((days) => new Date(days * 86_400_000)),
    plain: asBigint,
  },
  timeMillis: {
    schema: [{ type: "INT32", converted_type: "TIME_MILLIS" }],
    value: fc.integer({ min: 0, max: 86_399_999 }),
    plain: asBigint,
  },
  timeMicros: {
    schema: [{ type: "INT64", converted_type: "TIME_MICROS" }],
    value: fc.bigInt({ min: 0n, max: 86_399_999_999n }),
    plain: asBigint,
  },
  timestampMillis: {
    schema: [{ type: "INT64", converted_type: "TIMESTAMP_MILLIS" }],
    value: milliseconds.map((value) => new Date(Number(value))),
    plain: asBigint,
    encodings: delta,
  },
  timestampMicros: {
    schema: [{ type: "INT64", converted_type: "TIMESTAMP_MICROS" }],
    value: milliseconds.map((value) => value * 1_000n + 7n),
    plain: asBigint,
  },
  timestampNanos: {
    schema: [{
      type: "INT64",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" },
    }],
    value: milliseconds.map((value) => value * 1_000_000n + 7n),
    plain: asBigint,
  },
  decimal32: {
    schema: [{ type: "INT32", converted_type: "DECIMAL", scale: 2, precision: 9 }],
    value: fc.bigInt({ min: -999_999_999n, max: 999_999_999n }),
    plain: asUnscaled(2),
  },
  decimal64: {
    schema: [{ type: "INT64", converted_type: "DECIMAL", scale: 4, precision: 15 }],
    value: fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }),
    plain: asUnscaled(4),
  },
  decimalFixed: {
    schema: [{
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 9,
      converted_type: "DECIMAL",
      scale: 3,
      precision: 20,
    }],
    value: fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }),
    plain: asUnscaled(3),
  },
  decimalBytes: {
    schema: [{ type: "BYTE_ARRAY", converted_type: "DECIMAL", scale: 0, precision: 15 }],
    // The writer gives 0 no bytes, which the format doesn't allow.
    value: fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }).map((n) => n || 1n),
    plain: asUnscaled(0),
  },
  listOfInt: {
    schema: list([{ type: "INT32" }]),
    value: fc.array(nullable(int32), { maxLength: 5 }),
    plain: listOf(asBigint),
    alwaysNullable: true,
  },
  listOfString: {
    schema: list([utf8]),
    value: fc.array(nullable(text), { maxLength: 4 }),
    plain: listOf(asIs),
    alwaysNullable: true,
  },
  listOfList: {
    schema: list(list([{ type: "INT64" }])),
    value: fc.array(nullable(fc.array(nullable(int64), { maxLength: 3 })), { maxLength: 3 }),
    plain: listOf(listOf(asBigint)),
    alwaysNullable: true,
  },
  struct: { schema: pairSchema, value: pair, plain: plainPair, alwaysNullable: true },
  nestedStruct: {
    schema: [
      { num_children: 2 },
      optional("pair", pairSchema[0]),
      ...pairSchema.slice(1) as SchemaElement[],
      optional("at", { type: "DOUBLE" }),
    ],
    value: fc.record({ pair: nullable(pair), at: nullable(fc.double()) }),
    plain: structOf({ pair: plainPair, at: asIs }),
    alwaysNullable: true,
  },
  listOfStruct: {
    schema: list(pairSchema),
    value: fc.array(nullable(pair), { maxLength: 3 }),
    plain: listOf(plainPair),
    alwaysNullable: true,
  },
  map: {
    schema: [
      { converted_type: "MAP", num_children: 1 },
      { name: "key_value", repetition_type: "REPEATED", num_children: 2 },
      { name: "key", repetition_type: "REQUIRED", ...utf8 },
      optional("value", { type: "INT64" }),
    ],
    // hyparquet makes an object of a map: keys may not repeat, nor look like an index.
    value: fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 4 }).chain((keys) =>
      fc.tuple(...keys.map(() => nullable(int64))).map((values) =>
        Object.fromEntries(keys.map((key, at) => [`k${key}`, values[at]]))
      )
    ),
    plain: (value) =>
      Object.entries(value as object).map(([key, value]) => ({
        key,
        value: orNull(asBigint)(value),
      })),
    alwaysNullable: true,
  },
};

/**
 * Any column, but for its name and the number of its rows.
 *
 * Nothing in it is generated from another generated value: such a chain makes shrinking hopeless.
 */
export const generatedColumn: fc.Arbitrary<GeneratedColumn> = fc.oneof(
  ...Object.entries(kinds).map(([name, kind]) => columnOf(name, kind)),
);

function columnOf(name: string, kind: Kind): fc.Arbitrary<GeneratedColumn> {
  const { value, plain, encodings = [], alwaysNullable = false } = kind;
  return fc.record({
    values: fc.array(nullable(value), { maxLength: 60, size: "max" }),
    filler: value,
    mayBeNull: alwaysNullable ? fc.constant(true) : fc.boolean(),
    encoding: fc.constantFrom(undefined, ...encodings),
    columnIndex: fc.boolean(),
    offsetIndex: fc.boolean(),
    statistics: fc.boolean(),
  }).map(({ values, filler, mayBeNull, encoding, columnIndex, offsetIndex, statistics }) => {
    const [first, ...rest] = kind.schema;
    const pool = mayBeNull ? values : values.map((value) => value ?? filler);
    return {
      kind: name,
      schema: [{ name, ...first, repetition_type: mayBeNull ? "OPTIONAL" : "REQUIRED" }, ...rest],
      pool: pool.length > 0 ? pool : [filler],
      options: {
        statistics,
        offsetIndex,
        columnIndex: columnIndex && offsetIndex,
        ...(encoding && { encoding }),
      },
      plain: orNull(plain),
    };
  });
}

/**
 * The values of a column.
 *
 * @param column The column
 * @param rows How many: its pool is gone through again and again, each time from another place
 */
export function valuesIn({ pool }: GeneratedColumn, rows: number): unknown[] {
  return Array.from(
    { length: rows },
    (_, row) => pool[(row + Math.floor(row / pool.length)) % pool.length],
  );
}
