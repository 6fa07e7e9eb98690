import { expect } from "@std/expect";
import {
  type Data,
  type DataType,
  Decimal,
  Field,
  FixedSizeList,
  Int32,
  Int64,
  IntervalDayTime,
  List,
  makeData,
  Map_,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { Binary } from "apache-arrow";
import { plainRows } from "../src/rows/plain_rows.ts";
import { test } from "./support/harness.ts";

function rowsOf(type: DataType, values: readonly unknown[]): unknown[] {
  return rowsOfData(vectorFromArray(values, type).data[0]);
}

function rowsOfData(data: Data | undefined): unknown[] {
  if (data === undefined) throw new Error("No data");
  const schema = new Schema([new Field("a", data.type, true)]);
  const type = new Struct(schema.fields);
  const children = [data];
  const batch = new RecordBatch(schema, makeData({ type, length: data.length, children }));
  return Array.from(plainRows(batch), ({ a }) => a);
}

test("plain values are those of the column", () => {
  expect(rowsOf(new Int32(), [1, null, 3])).toEqual([1, null, 3]);
  expect(rowsOf(new Int64(), [2n ** 53n + 1n])).toEqual([2n ** 53n + 1n]);
  expect(rowsOf(new Utf8(), ["a", null, ""])).toEqual(["a", null, ""]);
});

test("timestamps are milliseconds, with the microseconds behind the point", () => {
  const data = makeData({
    type: new TimestampMicrosecond("UTC"),
    length: 2,
    data: BigInt64Array.of(1_700_000_000_123_456n, -1n),
  });
  expect(rowsOfData(data)).toEqual([1_700_000_000_123.456, -0.001]);
});

test("decimals are text with all their digits", () => {
  const decimals = (scale: number, ...unscaled: bigint[]): unknown[] => {
    const words = unscaled.flatMap((value) =>
      [0n, 32n, 64n, 96n].map((shift) => Number(value >> shift & 0xffff_ffffn))
    );
    const type = new Decimal(scale, 38);
    return rowsOfData(makeData({ type, length: unscaled.length, data: Uint32Array.from(words) }));
  };
  expect(decimals(2, 12_345n, -12_345n, 5n, -5n, 0n))
    .toEqual(["123.45", "-123.45", "0.05", "-0.05", "0.00"]);
  expect(decimals(0, 7n, -7n)).toEqual(["7", "-7"]);
  expect(decimals(-2, 7n, 0n)).toEqual(["700", "0"]);
  expect(decimals(10, 12_345_678_901_234_567_890_123_456_789_012_345_678n))
    .toEqual(["1234567890123456789012345678.9012345678"]);
  expect(decimals(0, -(2n ** 127n))).toEqual([String(-(2n ** 127n))]);
});

test("bytes are copies", () => {
  const vector = vectorFromArray([Uint8Array.of(1, 2), null], new Binary());
  const [bytes, none] = rowsOfData(vector.data[0]) as (Uint8Array | null)[];
  expect(bytes).toEqual(Uint8Array.of(1, 2));
  expect(bytes?.buffer === vector.data[0]?.values.buffer).toBe(false);
  expect(none).toBe(null);
  const [interval] = rowsOf(new IntervalDayTime(), [Int32Array.of(3, 4)]);
  expect(Array.from(interval as Int32Array)).toEqual([3, 4]);
});

test("lists are arrays, also within lists, and keep their nulls", () => {
  const item = new Field("item", new Int32(), true);
  expect(rowsOf(new List(item), [[1, null], null, []])).toEqual([[1, null], null, []]);
  expect(rowsOf(new FixedSizeList(2, item), [[1, 2], null, [3, 4]])).toEqual([[1, 2], null, [
    3,
    4,
  ]]);
  const lists = new List(new Field("item", new List(item), true));
  expect(rowsOf(lists, [[[1], [2, 3]], [null]])).toEqual([[[1], [2, 3]], [null]]);
});

test("structs are objects, and keep their nulls", () => {
  const type = new Struct([new Field("x", new Int32(), true), new Field("y", new Utf8(), true)]);
  expect(rowsOf(type, [{ x: 1, y: "a" }, null, { x: null, y: "b" }]))
    .toEqual([{ x: 1, y: "a" }, null, { x: null, y: "b" }]);
});

test("maps are objects where their keys are text, else Maps", () => {
  const map = (key: DataType) =>
    new Map_(
      new Field(
        "entries",
        new Struct<{ key: DataType; value: DataType }>([
          new Field("key", key, false),
          new Field("value", new Int32(), true),
        ]),
        false,
      ),
    );
  expect(rowsOf(map(new Utf8()), [new Map([["k", 1], ["l", null]]), null, new Map()]))
    .toEqual([{ k: 1, l: null }, null, {}]);
  expect(rowsOf(map(new Int32()), [new Map([[5, 1]])])).toEqual([new Map([[5, 1]])]);
});

test("slices of a batch give their own rows", () => {
  const vector = vectorFromArray(["a", "b", "c"], new Utf8()).slice(1, 3);
  expect(vector).toBeInstanceOf(Vector);
  expect(rowsOfData(vector.data[0])).toEqual(["b", "c"]);
});
