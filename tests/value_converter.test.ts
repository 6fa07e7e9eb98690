import { expect } from "@std/expect";
import {
  Binary,
  BinaryView,
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  DenseUnion,
  Dictionary,
  DurationMicrosecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Utf8View,
} from "apache-arrow";
import { fromRows } from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { test } from "./support/harness.ts";

const item = (type: DataType, nullable = true) => new Field("item", type, nullable);
const field = (name: string, type: DataType) => new Field(name, type, true);
const schemaOf = (type: DataType) => new Schema([field("value", type)]);
const rowsOf = (values: readonly unknown[]) => values.map((value) => ({ value }));

/** The values of a column as its bits say them: see `valuesOf`. */
async function stored(type: DataType, values: readonly unknown[]): Promise<unknown[]> {
  return columnsOf(await Array.fromAsync(fromRows(rowsOf(values), schemaOf(type))))["value"]!;
}

/** The values of a column as rows have them. */
async function given(type: DataType, values: readonly unknown[]): Promise<unknown[]> {
  const rows = await Array.fromAsync(fromRows(rowsOf(values), schemaOf(type)).rows());
  return rows.map(({ value }) => value);
}

const max = Number.MAX_SAFE_INTEGER;
const bytes = (...values: number[]) => Uint8Array.from(values);
const map = (key: DataType, value: DataType) => {
  const entry = new Struct<Record<string, DataType>>([
    new Field("key", key, false),
    field("value", value),
  ]);
  return new Map_(new Field("entries", entry, false) as ConstructorParameters<typeof Map_>[0]);
};

const kept: readonly [DataType, given: unknown[], stored: unknown[]][] = [
  [new Null(), [null, undefined], [null, null]],
  [new Bool(), [true, false, null], [true, false, null]],
  [new Int8(), [-128, 127, -128n, 127n], [-128n, 127n, -128n, 127n]],
  [new Int16(), [-32_768, 32_767], [-32_768n, 32_767n]],
  [new Int32(), [-(2 ** 31), 2 ** 31 - 1, -0], [-(2n ** 31n), 2n ** 31n - 1n, 0n]],
  [new Int64(), [-(2n ** 63n), 2n ** 63n - 1n, max, -max, null], [
    -(2n ** 63n),
    2n ** 63n - 1n,
    BigInt(max),
    -BigInt(max),
    null,
  ]],
  [new Uint8(), [0, 255], [0n, 255n]],
  [new Uint16(), [0, 65_535], [0n, 65_535n]],
  [new Uint32(), [0, 2 ** 32 - 1], [0n, 2n ** 32n - 1n]],
  [new Uint64(), [0, 2n ** 64n - 1n], [0n, 2n ** 64n - 1n]],
  [new Float64(), [0.1, -0, NaN, Infinity, 5n], [0.1, -0, NaN, Infinity, 5]],
  [new Float32(), [0.1, 3.4e38, -Infinity], [Math.fround(0.1), Math.fround(3.4e38), -Infinity]],
  [
    new Float16(),
    [0.1, 65_504, 65_519, 2_049, 2_051, -0, 6e-8, NaN, Infinity, 1n],
    [Math.f16round(0.1), 65_504, 65_504, 2_048, 2_052, -0, 2 ** -24, NaN, Infinity, 1],
  ],
  [new Utf8(), ["", "a", "日本", "😀", null], ["", "a", "日本", "😀", null]],
  [new LargeUtf8(), ["b", null], ["b", null]],
  [new Binary(), [bytes(), bytes(1, 255), bytes(7).buffer, null], ["", "01ff", "07", null]],
  [new LargeBinary(), [bytes(1)], ["01"]],
  [new FixedSizeBinary(2), [bytes(1, 2), null], ["0102", null]],
  [
    new Dictionary(new Utf8(), new Int8()),
    ["b", "a", null, "b", "__proto__"],
    ["b", "a", null, "b", "__proto__"],
  ],
  [new TimestampSecond(), [new Date(5_000), 7_000, 9n, -1_000, null], [5n, 7n, 9n, -1n, null]],
  [new TimestampMillisecond(), [new Date(-1), 1_700_000_000_123, 5n], [
    -1n,
    1_700_000_000_123n,
    5n,
  ]],
  [
    new TimestampMicrosecond("UTC"),
    [new Date(1), 1_700_000_000_123.456, 0.001, -0.001, -1.001, 2n ** 60n],
    [1_000n, 1_700_000_000_123_456n, 1n, -1n, -1_001n, 2n ** 60n],
  ],
  [
    new TimestampNanosecond(),
    [new Date(1_700_000_000_123), 1.000_001, 1_700_000_000_123_456_789n],
    [1_700_000_000_123_000_000n, 1_000_001n, 1_700_000_000_123_456_789n],
  ],
  [new DateDay(), [new Date(86_400_000), -86_400_000, 20_000n, new Date("2024-02-29")], [
    1n,
    -1n,
    20_000n,
    19_782n,
  ]],
  [new DateMillisecond(), [new Date(5), 7, 9n], [5n, 7n, 9n]],
  [new TimeSecond(), [5, 6n], [5n, 6n]],
  [new TimeMillisecond(), [5], [5n]],
  [new TimeMicrosecond(), [5, 6n], [5n, 6n]],
  [new TimeNanosecond(), [86_399_999_999_999n], [86_399_999_999_999n]],
  [new DurationMicrosecond(), [-5, 6n], [-5n, 6n]],
  [new List(item(new Int64())), [[1, null, 2n], [], null, Int32Array.of(3), new Set([4])], [
    [1n, null, 2n],
    [],
    null,
    [3n],
    [4n],
  ]],
  [new LargeList(item(new Utf8())), [["a", null], null], [["a", null], null]],
  [new FixedSizeList(2, item(new Utf8())), [["a", null], null, ["b", "c"]], [["a", null], null, [
    "b",
    "c",
  ]]],
  [
    new Struct([field("a", new Int64()), field("b", new List(item(new Utf8())))]),
    [{ a: 1n, b: ["x", null] }, null, { more: true }, { b: [] }],
    [{ a: 1n, b: ["x", null] }, null, { a: null, b: null }, { a: null, b: [] }],
  ],
  [
    new List(item(new Struct([field("at", new TimestampMicrosecond()), field("n", new Int64())]))),
    [[{ at: new Date(1), n: 2n ** 60n }, null, { n: null }], null],
    [[{ at: 1_000n, n: 2n ** 60n }, null, { at: null, n: null }], null],
  ],
  [
    map(new Utf8(), new Int64()),
    [{ a: 1, b: null }, new Map([["c", 2n]]), {}, null],
    [[{ key: "a", value: 1n }, { key: "b", value: null }], [{ key: "c", value: 2n }], [], null],
  ],
  [map(new Int32(), new Bool()), [new Map([[5, true]])], [[{ key: 5n, value: true }]]],
];

for (const [type, values, expected] of kept) {
  test(`values of type ${type} are kept`, async () => {
    expect(await stored(type, values)).toEqual(expected);
  });
}

test("decimals keep all their digits, from text, numbers and bigints", async () => {
  const texts = ["19.9", "-0.05", "+7", ".5", "5.", "1e3", "12E-1", "0.10", "-0", "1.500"];
  expect(await given(new Decimal(2, 10), [...texts, 3n, 2.25, -7, 1e3, null])).toEqual([
    ...["19.90", "-0.05", "7.00", "0.50", "5.00", "1000.00", "1.20", "0.10", "0.00", "1.50"],
    ...["3.00", "2.25", "-7.00", "1000.00", null],
  ]);
  const long = "1234567890123456789012345678.9012345678";
  expect(await given(new Decimal(10, 38), [long, `-${long}`])).toEqual([long, `-${long}`]);
  const most = "9".repeat(76);
  expect(await given(new Decimal(0, 76, 256), [most, `-${most}`])).toEqual([most, `-${most}`]);
  expect(await given(new Decimal(-2, 5), ["700", 700n, "7e2", 0])).toEqual([
    "700",
    "700",
    "700",
    "0",
  ]);
});

test("intervals are whole numbers, as rows have them", async () => {
  for (
    const [type, values] of [
      [new IntervalYearMonth(), [[1, 2], [-3, -4]]],
      [new IntervalDayTime(), [[1, 2], [-3, 4]]],
      [new IntervalMonthDayNano(), [[1, 2, 3, 4]]],
    ] as const
  ) {
    const back = await given(type, [...values, Int32Array.from(values[0]!), null]);
    expect(back.map((value) => value && Array.from(value as Int32Array)))
      .toEqual([...values, values[0], null]);
  }
});

test("views of text and bytes are kept, short and long", async () => {
  const texts = ["short", "long enough to be kept elsewhere", null, ""];
  expect(await given(new Utf8View(), texts)).toEqual(texts);
  const long = Uint8Array.from({ length: 40 }, (_, at) => at);
  const back = await given(new BinaryView(), [long, null, bytes(1)]);
  expect(back).toEqual([long, null, bytes(1)]);
});

test("dictionaries hold each value once", async () => {
  const words = Array.from({ length: 1_000 }, (_, at) => `word ${at % 7}`);
  const type = new Dictionary(new Utf8(), new Int8());
  const [batch] = await Array.fromAsync(fromRows(rowsOf(words), schemaOf(type)));
  expect(batch!.data.children[0]!.dictionary!.length).toBe(7);
  expect(Array.from(batch!.getChild("value")!)).toEqual(words);
});

const refused: readonly [DataType, values: Record<string, unknown>][] = [
  [new Null(), { "0": 0 }],
  [new Bool(), { "1": 1, '"true"': "true" }],
  [new Int8(), {
    "128": 128,
    "-129": -129,
    "128n": 128n,
    "1.5": 1.5,
    NaN: NaN,
    '"1"': "1",
    true: true,
  }],
  [new Uint8(), { "-1": -1, "256": 256, "-1n": -1n }],
  [new Int32(), { "2147483648": 2 ** 31, Infinity: Infinity, "an array": [1] }],
  [new Int64(), { "9223372036854775808n": 2n ** 63n, "0.5": 0.5, "9223372036854776000": 2 ** 63 }],
  [new Uint64(), { "-1": -1, "18446744073709551616n": 2n ** 64n }],
  [new Float64(), { '"1"': "1", "9007199254740993n": 2n ** 53n + 1n }],
  [new Float32(), { "1e+39": 1e39 }],
  [new Float16(), { "65520": 65_520 }],
  [new Utf8(), { "5": 5, '"\\ud800"': "\ud800", "an object of Uint8Array": bytes(1) }],
  [new Binary(), {
    '"text"': "text",
    "an array": [1, 2],
    "an object of Int32Array": Int32Array.of(1),
  }],
  [new FixedSizeBinary(2), { "an object of Uint8Array": bytes(1) }],
  [new Decimal(2, 5), {
    '"1.005"': "1.005",
    '"1000"': "1000",
    "1000n": 1_000n,
    '"1,5"': "1,5",
    '""': "",
    '"."': ".",
    '" 1"': " 1",
    '"0x10"': "0x10",
    '"1e999999999"': "1e999999999",
    '"1e-999999999"': "1e-999999999",
    NaN: NaN,
    "0.005": 0.005,
    true: true,
  }],
  [new TimestampSecond(), { "1": 1, "the Date 1970-01-01T00:00:00.001Z": new Date(1) }],
  [new TimestampMillisecond(), {
    "0.5": 0.5,
    "an invalid Date": new Date(NaN),
    '"2024-01-01"': "2024-01-01",
  }],
  [new TimestampMicrosecond(), { "0.0001": 0.0001, "NaN": NaN, "9223372036854775808n": 2n ** 63n }],
  [new TimestampNanosecond(), { "the Date 2300-01-01T00:00:00.000Z": new Date("2300-01-01") }],
  [new DateDay(), { "the Date 1970-01-01T01:00:00.000Z": new Date(3_600_000) }],
  [new TimeSecond(), { "0.5": 0.5, "the Date 1970-01-01T00:00:00.000Z": new Date(0) }],
  [new List(item(new Int64())), {
    '"text"': "text",
    "5": 5,
    "an object of Object": {},
    "an object of Map": new Map(),
  }],
  [new FixedSizeList(2, item(new Int64())), { "an array": [1] }],
  [new Struct([field("a", new Int64())]), {
    "5": 5,
    "an array": [1],
    "an object of Map": new Map(),
  }],
  [map(new Utf8(), new Int64()), { "an array": [["a", 1]], "5": 5 }],
  [new IntervalDayTime(), { "an array": [1], "5": 5 }],
  [new IntervalYearMonth(), { "an array": [1n, 2n] }],
];

for (const [type, values] of refused) {
  test(`what doesn't fit type ${type} is an error that names it`, async () => {
    for (const [text, value] of Object.entries(values)) {
      const reading = stored(type, [null, value]);
      await expect(reading).rejects.toThrow(TypeError);
      await expect(reading).rejects.toThrow(
        `Can't convert row 1: field value is ${text}, which doesn't fit type ${type}`,
      );
    }
  });
}

test("a date with a time of day says why it doesn't fit", async () => {
  await expect(stored(new DateDay(), [new Date(1)])).rejects.toThrow(
    "which doesn't fit type Date32<DAY>: it is no whole number of its units",
  );
});

test("what doesn't fit within lists, structs and maps is named by its path", async () => {
  const inner = new Struct([
    field("name", new Utf8()),
    field("at", new List(item(new Int8(), false))),
  ]);
  const type = new List(item(inner));
  const cases: [unknown, string][] = [
    [[{ name: "a" }, { name: 5 }], "field value[1].name is 5, which doesn't fit type Utf8"],
    [[{ at: [1, 2, 300] }], "field value[0].at[2] is 300, which doesn't fit type Int8"],
    [[{ at: [null] }], "field value[0].at[0] is null, and may not be null by its type Int8"],
    [["x"], 'field value[0] is "x", which doesn\'t fit type Struct'],
  ];
  for (const [value, text] of cases) await expect(stored(type, [value])).rejects.toThrow(text);
  await expect(stored(map(new Utf8(), new Int8()), [{ a: 1, b: 500 }]))
    .rejects.toThrow("field value[b] is 500, which doesn't fit type Int8");
  const twice = new Map<unknown, boolean>([[5, true], [5n, false]]);
  await expect(stored(map(new Int64(), new Bool()), [twice])).rejects.toThrow(
    ": two of its keys are the same",
  );
});

test("more values than a dictionary's keys count are an error", async () => {
  const words = Array.from({ length: 129 }, (_, at) => `word ${at}`);
  const type = new Dictionary(new Utf8(), new Int8());
  expect((await stored(type, words.slice(1))).length).toBe(128);
  await expect(stored(type, words)).rejects.toThrow(
    `Can't make a batch of rows: column value has 129 different values, more than the keys of its ` +
      `type ${type} count`,
  );
});

test("types that no values are made of are refused at once", () => {
  const union = new DenseUnion([0], [field("a", new Int32())]);
  const types = [
    union,
    new List(item(union)),
    new Dictionary(new TimestampMillisecond(), new Int32()),
    new Dictionary(new List(item(new Int32())) as unknown as Utf8, new Int32()),
  ];
  for (const type of types) {
    expect(() => fromRows([], schemaOf(type))).toThrow(TypeError);
    expect(() => fromRows([], schemaOf(type))).toThrow(
      "Can't make batches of rows: column value is of type",
    );
  }
});
