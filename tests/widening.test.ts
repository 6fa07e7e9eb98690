import { expect } from "@std/expect";
import {
  Binary,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Schema,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from "apache-arrow";
import { type RecordBatchStream, scanParquet, SchemaMismatchError } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";

/** Integers, and the limits of their types. */
const integers = {
  TINYINT: { min: -128n, max: 127n },
  UTINYINT: { min: 0n, max: 255n },
  SMALLINT: { min: -32_768n, max: 32_767n },
  USMALLINT: { min: 0n, max: 65_535n },
  INTEGER: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  UINTEGER: { min: 0n, max: 2n ** 32n - 1n },
  BIGINT: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  UBIGINT: { min: 0n, max: 2n ** 64n - 1n },
} as const;

type Integer = keyof typeof integers;

const toIntegers: readonly (readonly [Integer, readonly DataType[]])[] = [
  ["TINYINT", [new Int16(), new Int32(), new Int64()]],
  ["UTINYINT", [
    new Int16(),
    new Uint16(),
    new Int32(),
    new Uint32(),
    new Int64(),
    new Uint64(),
  ]],
  ["SMALLINT", [new Int32(), new Int64()]],
  ["USMALLINT", [new Int32(), new Uint32(), new Int64(), new Uint64()]],
  ["INTEGER", [new Int64()]],
  ["UINTEGER", [new Int64(), new Uint64()]],
];

/** The fewest digits that hold an integer, and so many behind the point. */
const toDecimals: readonly (readonly [Integer, digits: number])[] = [
  ["TINYINT", 3],
  ["UTINYINT", 3],
  ["SMALLINT", 5],
  ["USMALLINT", 5],
  ["INTEGER", 10],
  ["UINTEGER", 10],
  ["BIGINT", 19],
  ["UBIGINT", 20],
];

const decimal = (precision: number, scale: number) => new Decimal(scale, precision, 128);
const day = 86_400n;

interface Widened {
  readonly sql: string;
  readonly to: DataType;
  readonly values: readonly PlainValue[];
}

/** Dates, whose first and last are those of 64 bits in nanoseconds. */
const dates = "DATE '1677-09-22', DATE '1970-01-01', DATE '2262-04-11', NULL";
const days = [-106_751n, 0n, 106_751n];
const inUnit = (ticks: bigint) => [...days.map((each) => each * day * ticks), null];

const stamps = (type: string) =>
  `'1677-09-22 00:00:01'::${type}, '2262-04-11 23:00:00.999'::${type}`;
const seconds = [-106_751n * day + 1n, 106_751n * day + 23n * 3_600n] as const;
const inTicks = (ticks: bigint) => [
  seconds[0] * ticks,
  seconds[1] * ticks + ticks * 999n / 1_000n,
];

const others: readonly Widened[] = [
  {
    sql: "'3.4028234663852886e38'::FLOAT, '1e-45'::FLOAT, 'NaN'::FLOAT, '-0'::FLOAT, '-inf'::FLOAT",
    to: new Float64(),
    values: [3.4028234663852886e38, 1.401298464324817e-45, NaN, -0, -Infinity],
  },
  {
    sql: "9999999.99::DECIMAL(9, 2), -9999999.99::DECIMAL(9, 2)",
    to: decimal(11, 4),
    values: [99_999_999_900n, -99_999_999_900n],
  },
  {
    sql: "999999999999999.999::DECIMAL(18, 3), NULL",
    to: decimal(38, 23),
    values: [999_999_999_999_999_999n * 10n ** 20n, null],
  },
  { sql: "0.1::DECIMAL(38, 38)", to: decimal(38, 38), values: [10n ** 37n] },
  { sql: dates, to: new DateMillisecond(), values: inUnit(1_000n) },
  { sql: dates, to: new TimestampSecond(), values: inUnit(1n) },
  { sql: dates, to: new TimestampMillisecond(), values: inUnit(1_000n) },
  { sql: dates, to: new TimestampMicrosecond("UTC"), values: inUnit(1_000_000n) },
  { sql: dates, to: new TimestampNanosecond(), values: inUnit(1_000_000_000n) },
  { sql: stamps("TIMESTAMP_MS"), to: new TimestampMicrosecond(), values: inTicks(1_000_000n) },
  { sql: stamps("TIMESTAMP_MS"), to: new TimestampNanosecond(), values: inTicks(1_000_000_000n) },
  { sql: stamps("TIMESTAMP"), to: new TimestampNanosecond(), values: inTicks(1_000_000_000n) },
  {
    sql: stamps("TIMESTAMPTZ"),
    to: new TimestampNanosecond("UTC"),
    values: inTicks(1_000_000_000n),
  },
  {
    sql: "TIME '00:00:00', TIME '23:59:59.999999'",
    to: new TimeNanosecond(),
    values: [0n, 86_399_999_999_000n],
  },
];

const cases: readonly Widened[] = [
  ...toIntegers.flatMap(([type, wider]) => {
    const { min, max } = integers[type];
    const sql = `(${min})::${type}, ${max}::${type}, NULL`;
    return wider.map((to) => ({ sql, to, values: [min, max, null] }));
  }),
  ...toDecimals.flatMap(([type, digits]) => {
    const { min, max } = integers[type];
    const sql = `(${min})::${type}, ${max}::${type}, NULL`;
    return [0, 2].map((scale) => {
      const unit = 10n ** BigInt(scale);
      const to = decimal(digits + scale, scale);
      return { sql, to, values: [min * unit, max * unit, null] };
    });
  }),
  ...others,
];

const schemaOf = (to: DataType, name = "x") => new Schema([new Field(name, to, true)]);

async function values(stream: RecordBatchStream): Promise<PlainValue[]> {
  const columns = Object.values(columnsOf(await Array.fromAsync(stream)));
  expect(columns.length).toBe(1);
  return columns[0]!;
}

test("values at the limits of their types are the same in every wider type", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  for (const [at, { sql, to, values: wanted }] of cases.entries()) {
    const path = directory.file(`${at}.parquet`);
    await duckdb.write(path, `SELECT unnest([${sql}]) AS x`);
    const scan = () => scanParquet(path, { schema: schemaOf(to) });
    const name = `${sql} as ${to}`;
    expect([name, String((await scan().schema()).fields[0])]).toEqual([name, `x: ${to}`]);
    expect([name, ...await values(scan())]).toEqual([name, ...wanted]);
  }
});

test("a file of the wide type and one of the narrow meet in the wide one", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const pairs = [
    ["TINYINT", "UTINYINT", "Int16"],
    ["INTEGER", "UINTEGER", "Int64"],
    ["SMALLINT", "BIGINT", "Int64"],
    ["FLOAT", "DOUBLE", "Float64"],
    ["DECIMAL(9, 2)", "DECIMAL(10, 4)", String(decimal(11, 4))],
    ["INTEGER", "DECIMAL(12, 1)", String(decimal(12, 1))],
    ["TIMESTAMP_MS", "TIMESTAMP_NS", "Timestamp<NANOSECOND>"],
  ] as const;
  for (const [index, [a, b, both]] of pairs.entries()) {
    const paths = [directory.file(`${index}-a.parquet`), directory.file(`${index}-b.parquet`)];
    const value = a.startsWith("T") && a.includes("STAMP") ? "TIMESTAMP '2020-01-01'" : "1";
    await duckdb.write(paths[0]!, `SELECT (${value})::${a} AS x`);
    await duckdb.write(paths[1]!, `SELECT (${value})::${b} AS x`);
    for (const order of [paths, paths.toReversed()]) {
      const scan = () => scanParquet(order, { schema: "union" });
      expect([a, b, String((await scan().schema()).fields[0]?.type)]).toEqual([a, b, both]);
      const [one, other, ...none] = await values(scan());
      expect([a, b, one, none]).toEqual([a, b, other, []]);
    }
  }
});

/** Columns of types that DuckDB doesn't write, and how many of the wider type make one. */
const ofFixture: readonly (readonly [column: string, to: DataType, ticks: bigint | null])[] = [
  ["time32_s_20", new TimeMillisecond(), 1_000n],
  ["time32_s_20", new TimeMicrosecond(), 1_000_000n],
  ["time32_ms_21", new TimeNanosecond(), 1_000_000n],
  ["time64_us_22", new TimeNanosecond(), 1_000n],
  ["float16_10", new Float32(), null],
  ["float16_10", new Float64(), null],
  ["utc_30", new TimestampMillisecond("UTC"), 1_000n],
  ["local_29", new TimestampMicrosecond(), 1_000_000n],
  ["decimal64_14", decimal(20, 7), 100_000n],
  ["null_0", new Utf8(), null],
  ["null_0", new Int64(), null],
];

test("times, seconds and half floats are the same in wider types", async () => {
  for (const [column, to, ticks] of ofFixture) {
    const own = await values(scanParquet(fixture("types"), { columns: [column] }));
    const schema = schemaOf(to, column);
    const wide = await values(scanParquet(fixture("types"), { schema }));
    const wanted = own.map((value) => typeof value === "bigint" ? value * (ticks ?? 1n) : value);
    expect(own.length).toBeGreaterThan(0);
    expect([column, `${to}`, ...wide]).toEqual([column, `${to}`, ...wanted]);
  }
});

/** What would lose something, or mean something else. */
const unsafe: readonly (readonly [sql: string, to: DataType])[] = [
  ["1::BIGINT", new Int32()],
  ["1::INTEGER", new Uint32()],
  ["1::TINYINT", new Uint8()],
  ["1::UTINYINT", new Int8()],
  ["1::UINTEGER", new Int32()],
  ["1::UBIGINT", new Int64()],
  ["1::BIGINT", new Float64()],
  ["1::DOUBLE", new Float32()],
  ["1::DOUBLE", new Int64()],
  ["1::BIGINT", decimal(18, 0)],
  ["1::INTEGER", decimal(11, 2)],
  ["1::DECIMAL(9, 2)", decimal(10, 4)],
  ["1::DECIMAL(9, 2)", decimal(20, 1)],
  ["1::DECIMAL(9, 0)", new Int64()],
  ["TIMESTAMP '2020-01-01'", new TimestampMillisecond()],
  ["TIMESTAMP '2020-01-01'", new TimestampMicrosecond("UTC")],
  ["TIMESTAMP '2020-01-01'", new DateDay()],
  ["DATE '2020-01-01'", new TimestampSecond("Europe/Berlin")],
  ["DATE '2020-01-01'", new Int32()],
  ["TIME '10:00'", new TimeMillisecond()],
  ["'1'", new Int64()],
  ["'1'", new Binary()],
  ["'1'::BLOB", new Utf8()],
  ["1::INTEGER", new Utf8()],
  ["true", new Int8()],
  ["1::INTEGER", new Dictionary(new Utf8(), new Int32())],
  ["[1::INTEGER]", new List(new Field("element", new Int64(), true))],
  ["{a: 1::INTEGER}", new Struct([new Field("a", new Int64(), true)])],
  ["{a: 1::INTEGER}", new Struct([new Field("b", new Int32(), true)])],
];

test("a type that can't hold all values is refused, with what differs", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  for (const [at, [sql, to]] of unsafe.entries()) {
    const path = directory.file(`${at}.parquet`);
    await duckdb.write(path, `SELECT ${sql} AS x`);
    const error = await scanParquet(path, { schema: schemaOf(to) }).schema()
      .catch((reason) => reason);
    expect([sql, `${to}`, error]).toEqual([sql, `${to}`, expect.any(SchemaMismatchError)]);
    expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", path, column: "x" });
    expect(error.mismatches).toEqual([{
      column: "x",
      path,
      found: expect.any(String),
      expectedBy: "the schema given",
      expected: expect.any(String),
    }]);
  }
});

test("a value beyond the wider type's range is an error, never another value", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const late = ["TIMESTAMP '3000-01-01'", "DATE '3000-01-01'", "TIMESTAMP_MS '1600-01-01'"];
  for (const [at, sql] of late.entries()) {
    const path = directory.file(`${at}.parquet`);
    await duckdb.write(path, `SELECT ${sql} AS x`);
    const stream = scanParquet(path, { schema: schemaOf(new TimestampNanosecond()) });
    const error = await values(stream).catch((reason) => reason);
    expect([sql, error]).toEqual([sql, expect.any(SchemaMismatchError)]);
    expect(error).toMatchObject({ path, column: "x", rowGroup: 0 });
  }
});
