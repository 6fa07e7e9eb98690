import { expect } from "@std/expect";
import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int64,
  Int8,
  List,
  Map_,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from "apache-arrow";
import { type NdjsonScanOptions, type PlainRow, scanNdjson } from "spillway";
import { test } from "./support/harness.ts";
import { textFiles } from "./support/ndjson.ts";

/** The schema and the rows of these lines. */
async function read(
  lines: readonly string[],
  options: NdjsonScanOptions = {},
): Promise<{ fields: string[]; rows: PlainRow[] }> {
  using files = textFiles({ "types.ndjson": lines.join("\n") });
  const scan = () => scanNdjson(files.file("types.ndjson"), options);
  const { fields } = await scan().schema();
  return { fields: fields.map(String), rows: await Array.fromAsync(scan().rows()) };
}

/** What is inferred of a field with these values, and the values as they are read. */
async function values(...values: string[]): Promise<[type: string, ...unknown[]]> {
  const { fields, rows } = await read(values.map((value) => `{"v":${value}}`));
  return [fields[0]!.slice("v: ".length), ...rows.map(({ v }) => v)];
}

test("integers are exact, however large", async () => {
  expect(await values("9007199254740993", "-1")).toEqual(["Int64", 9007199254740993n, -1n]);
  expect(await values("9223372036854775807", "-9223372036854775808")).toEqual([
    "Int64",
    9223372036854775807n,
    -9223372036854775808n,
  ]);
  expect(await values("18446744073709551615", "0")).toEqual(["Uint64", 18446744073709551615n, 0n]);
  const [type, ...large] = await values("18446744073709551616", "-5");
  expect(type).toMatch(/^Decimal\[38/);
  expect(large).toEqual(["18446744073709551616", "-5"]);
  expect(await values("1".repeat(39), "2")).toEqual(["Utf8", "1".repeat(39), "2"]);
});

test("whole numbers among floats are floats only where that is exact", async () => {
  expect(await values("1", "0.5", "9007199254740992")).toEqual(["Float64", 1, 0.5, 2 ** 53]);
  expect(await values("9007199254740993", "0.5")).toEqual(["Utf8", "9007199254740993", "0.5"]);
  expect(await values("1e400", "1")).toEqual(["Utf8", "1e400", "1"]);
});

test("floats are the nearest ones", async () => {
  const texts = ["0.1", "5e-324", "1.7976931348623157e308", "5.960464477539063e-8", "-0.0"];
  expect(await values(...texts)).toEqual(["Float64", ...texts.map(Number)]);
});

test("texts have their escapes resolved", async () => {
  const texts = ["", 'a"b\\c/d', "\b\f\n\r\t", "ü😀\u{10ffff}", "\u0000", "é".repeat(1_000)];
  expect(await values(...texts.map((text) => JSON.stringify(text)))).toEqual(["Utf8", ...texts]);
  expect(await values('"\\u00fc\\uD83D\\uDE00"')).toEqual(["Utf8", "ü😀"]);
  await expect(values('"\\ud83d"')).rejects.toThrow("half of a surrogate pair stands alone");
});

test("values that share no type come as JSON", async () => {
  expect(await values('"a"', "1.50", '{"x": [1, "ü"]}', "null", "true")).toEqual([
    "Utf8",
    '"a"',
    "1.50",
    '{"x": [1, "ü"]}',
    null,
    "true",
  ]);
  using files = textFiles({ "mixed.ndjson": '{"v":1}\n{"v":"x"}\n' });
  const { fields: [field] } = await scanNdjson(files.file("mixed.ndjson")).schema();
  expect(field?.metadata.get("ARROW:extension:name")).toBe("arrow.json");
});

test("a field of nulls only is JSON, so that whatever comes later fits", async () => {
  const { fields, rows } = await read(['{"v":null}', '{"v":{"a":1}}', '{"v":"x"}'], {
    inferRows: 1,
  });
  expect(fields).toEqual(["v: Utf8"]);
  expect(rows).toEqual([{ v: null }, { v: '{"a":1}' }, { v: '"x"' }]);
});

test("fields are those of all records, and missing ones null", async () => {
  const { fields, rows } = await read(['{"a":1}', '{"b":{"c":true}}', '{"b":{"d":"x"},"a":2}']);
  expect(fields).toEqual(["a: Int64", "b: Struct<{c:Bool, d:Utf8}>"]);
  expect(rows).toEqual([
    { a: 1n, b: null },
    { a: null, b: { c: true, d: null } },
    { a: 2n, b: { c: null, d: "x" } },
  ]);
});

test("lists nest, may be null and empty, and hold objects", async () => {
  const { fields, rows } = await read([
    '{"l":[[1],[],null,[2,null]],"o":[{"a":1},{"a":null},null]}',
    '{"l":[],"o":null}',
  ]);
  expect(fields).toEqual(["l: List<List<Int64>>", "o: List<Struct<{a:Int64}>>"]);
  expect(rows).toEqual([
    { l: [[1n], [], null, [2n, null]], o: [{ a: 1n }, { a: null }, null] },
    { l: [], o: null },
  ]);
});

test("a schema that is given says how values are read", async () => {
  const schema = new Schema([
    new Field("small", new Int8(), false),
    new Field("price", new Decimal(2, 10), true),
    new Field("day", new DateDay(), true),
    new Field("at", new TimestampMillisecond("UTC"), true),
    new Field("ratio", new Float64(), true),
    new Field("id", new Utf8(), true),
    new Field(
      "counts",
      new Map_(
        new Field(
          "entries",
          new Struct([new Field("key", new Utf8(), false), new Field("value", new Int64(), true)]),
          false,
        ) as never,
      ),
      true,
    ),
    new Field("absent", new List(new Field("item", new Bool(), true)), true),
  ]);
  const { rows } = await read([
    '{"small":"-128","price":1234.5,"day":"2026-03-01","at":"2026-03-01T01:00:00+01:00","ratio":"NaN","id":7,"counts":{"a":1,"b":null},"other":1}',
    '{"small":1.0e1,"price":"0.01","day":1,"at":1.5e3,"ratio":9007199254740993,"id":"x","counts":{}}',
  ], { schema });
  expect(rows).toEqual([
    {
      small: -128,
      price: "1234.50",
      day: new Date("2026-03-01").getTime(),
      at: Date.parse("2026-03-01T00:00:00Z"),
      ratio: NaN,
      id: "7",
      counts: { a: 1n, b: null },
      absent: null,
    },
    {
      small: 10,
      price: "0.01",
      day: 86_400_000,
      at: 1_500,
      ratio: 2 ** 53,
      id: "x",
      counts: {},
      absent: null,
    },
  ]);
});

const unfit = {
  '{"small":128}': "small",
  '{"small":1.5}': "small",
  '{"price":0.001}': "price",
  '{"price":123456789}': "price",
  '{"day":"2026-02-30"}': "day",
  '{"id":{}}': "id",
};

for (const [line, column] of Object.entries(unfit)) {
  test(`${line} does not fit its column`, async () => {
    const schema = new Schema([
      new Field("small", new Int8(), true),
      new Field("price", new Decimal(2, 9), true),
      new Field("day", new DateDay(), true),
      new Field("id", new Utf8(), true),
    ]);
    const error = await read([line], { schema }).catch((error) => error);
    expect(error).toMatchObject({ code: "MALFORMED_DATA", column, line: 1 });
    expect((await read([line], { schema, onBadRecord: "skip" })).rows).toEqual([]);
  });
}

test("a type that JSON is not read to is told at once", async () => {
  const schema = new Schema([new Field("d", new Dictionary(new Utf8(), new Int8()), true)]);
  const error = await read(["{}"], { schema }).catch((error) => error);
  expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE", column: "d" });
});

test("objects whose keys are data need a schema", async () => {
  const lines = Array.from({ length: 10_001 }, (_, at) => `{"k":{"key${at}":1}}`);
  const error = await read(lines, { inferRows: 20_000 }).catch((error) => error);
  expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE" });
  expect(error.message).toContain("give a `schema`, with a map for such objects");
});
