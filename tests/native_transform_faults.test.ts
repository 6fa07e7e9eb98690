import { expect } from "@std/expect";
import {
  Bool,
  type Data,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float64,
  Int32,
  Int64,
  LargeUtf8,
  List,
  makeData,
  Struct,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { NativeTransform } from "../ffi/transform.ts";
import { plainRows } from "../src/rows/plain_rows.ts";
import { batchOf } from "./support/batch_of.ts";
import { test } from "./support/harness.ts";

const numbers = vectorFromArray([0, 1, 2], new Int32());
const steps = [{
  where: {
    call: "gt",
    arguments: [{ column: ["n"] }, { literal: { type: "number", value: 0 } }],
  },
}];

/** Data of three values as apache-arrow would never make it. */
function broken(type: DataType, parts: Record<string, unknown>): Data {
  const data = makeData({ type: new Int32(), length: 3, data: new Int32Array(3) });
  return Object.assign(data.clone(type as Int32), { values: undefined }, parts) as unknown as Data;
}

const int32 = vectorFromArray([1, 2, 3], new Int32()).data[0]!;
const utf8 = new Uint8Array([0xc3, 0xa4, 0x62, 0x63]);
const item = new Field("item", new Int32(), true);
const words = new Dictionary(new Utf8(), new Int32());
const dictionary = vectorFromArray(["a", "b"], new Utf8());

const cases: readonly [name: string, data: Data, message: RegExp][] = [
  ["too few values", broken(new Int32(), { values: new Int32Array(2) }), /12 bytes/],
  ["no values", broken(new Float64(), {}), /24 bytes/],
  ["a detached buffer", broken(new Float64(), { values: detached(3) }), /24 bytes/],
  ["too few words of a decimal", broken(new Decimal(0, 9), { values: new Uint32Array(8) }), /48/],
  [
    "too few bits",
    broken(new Bool(), { values: new Uint8Array(1), offset: 6 }),
    /at least 2 bytes/,
  ],
  [
    "a short bitmap",
    broken(new Int32(), {
      values: new Int32Array(3),
      offset: 14,
      _nullCount: 1,
      nullBitmap: new Uint8Array(2),
    }),
    /bitmap of 17 values has 2 bytes, not 3/,
  ],
  [
    "more rows than the batch",
    broken(new Int32(), { values: new Int32Array(9), length: 9 }),
    /9 values/,
  ],
  [
    "an endless length",
    broken(new Int32(), { values: new Int32Array(9), length: Infinity }),
    /length is no count/,
  ],
  [
    "a length of no use",
    broken(new Int64(), { values: new BigInt64Array(9), length: 2 ** 62 }),
    /values are too many/,
  ],
  [
    "short fixed-size values",
    broken(new FixedSizeBinary(4), { values: new Uint8Array(11) }),
    /12 bytes/,
  ],
  ["no offsets", broken(new Utf8(), { values: utf8 }), /12 bytes/],
  [
    "one offset too few",
    broken(new Utf8(), { values: utf8, valueOffsets: Int32Array.of(0, 1, 2) }),
    /offset|16 bytes/i,
  ],
  [
    "offsets past the values",
    broken(new Utf8(), { values: utf8, valueOffsets: Int32Array.of(0, 2, 3, 5) }),
    /offset/i,
  ],
  [
    "negative offsets",
    broken(new Utf8(), { values: utf8, valueOffsets: Int32Array.of(-1, 2, 3, 4) }),
    /offset/i,
  ],
  [
    "offsets that go back",
    broken(new Utf8(), { values: utf8, valueOffsets: Int32Array.of(0, 3, 2, 4) }),
    /offset/i,
  ],
  [
    "large offsets past the values",
    broken(new LargeUtf8(), {
      values: utf8,
      valueOffsets: BigInt64Array.of(0n, 2n, 3n, 2n ** 60n),
    }),
    /offset/i,
  ],
  [
    "an offset within a character",
    broken(new Utf8(), { values: utf8, valueOffsets: Int32Array.of(0, 1, 3, 4) }),
    /utf-?8|boundary/i,
  ],
  [
    "bytes that are no UTF-8",
    broken(new Utf8(), {
      values: Uint8Array.of(0x61, 0xff, 0xfe),
      valueOffsets: Int32Array.of(0, 1, 2, 3),
    }),
    /utf-?8/i,
  ],
  [
    "list offsets past the items",
    broken(new List(item), { valueOffsets: Int32Array.of(0, 1, 2, 4), children: [int32] }),
    /offset/i,
  ],
  [
    "list offsets that go back",
    broken(new List(item), { valueOffsets: Int32Array.of(0, 3, 2, 3), children: [int32] }),
    /offset/i,
  ],
  ["a list without items", broken(new List(item), { valueOffsets: new Int32Array(4) }), /children/],
  ["a short child", broken(new FixedSizeList(2, item), { children: [int32] }), /6|length/i],
  [
    "a short field",
    broken(new Struct([item]), { children: [int32.slice(0, 2)] }),
    /length|child/i,
  ],
  ["a struct without its fields", broken(new Struct([item]), {}), /children/],
];

for (const [name, data, message] of cases) {
  test(`a column with ${name} is an error that names it, and never a crash`, () => {
    const nulls = vectorFromArray([null, null, null], data.type);
    const batch = batchOf({ n: numbers, "the column": nulls });
    // The constructor of a batch would put some of it right.
    batch.data.children[1] = data;
    const transform = new NativeTransform(steps, batch.schema);
    let caught: unknown;
    try {
      transform.apply(batch);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(RangeError);
    expect(String(caught)).toContain("column 'the column' of batch 0");
    expect(String(caught)).toMatch(message);
    const good = batchOf({ n: numbers, "the column": nulls });
    expect([...plainRows(transform.apply(good)!)].length).toBe(2);
    transform.close();
  });
}

test("a key past its dictionary is an error where the dictionary is decoded", () => {
  const keys = (...data: number[]) =>
    makeData({ type: words, data: Int32Array.from(data), dictionary });
  const equal = {
    where: {
      call: "eq",
      arguments: [{ column: ["w"] }, { literal: { type: "string", value: "b" } }],
    },
  };
  const batch = batchOf({ w: keys(0, 1, 1) });
  const transform = new NativeTransform([equal], batch.schema);
  expect(transform.apply(batch)!.numRows).toBe(2);
  for (const wrong of [2, -1, 2 ** 31 - 1]) {
    expect(() => transform.apply(batchOf({ w: keys(0, 1, wrong) }))).toThrow(/column 'w' of batch/);
  }
  const null1 = makeData({
    type: words,
    data: Int32Array.of(0, 99, 1),
    dictionary,
    nullBitmap: Uint8Array.of(0b101),
  });
  expect([...plainRows(transform.apply(batchOf({ w: null1 }))!)]).toEqual([{ w: "b" }]);
  transform.close();
});

test("a released batch can't be lent", () => {
  const batch = batchOf({ n: numbers });
  const transform = new NativeTransform(steps, batch.schema);
  const result = transform.apply(batch);
  if (result === null || !("release" in result)) throw new Error("No native batch");
  (result as RecordBatchLike).release();
  expect(() => transform.apply(result)).toThrow("released");
  transform.close();
});
interface RecordBatchLike {
  release(): void;
}

/** A view whose buffer was given away. */
function detached(length: number): Float64Array {
  const view = new Float64Array(length);
  view.buffer.transfer();
  return view;
}
