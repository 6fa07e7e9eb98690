import { expect } from "@std/expect";
import {
  DataType,
  Dictionary,
  Field,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { UnsupportedFeatureError } from "spillway";
import { BatchReader } from "../ffi/batch_reader.ts";
import { copyFlag } from "../ffi/descriptor.ts";
import { batchOf } from "./support/batch_of.ts";
import { type ColumnSample, columnSamples, sampleVector } from "./support/column_samples.ts";
import { FakeNative } from "./support/fake_native.ts";
import { test } from "./support/harness.ts";
import { throughIpc } from "./support/through_ipc.ts";

const ROWS = 7;

const samples: readonly ColumnSample[] = [
  // Dictionaries come as codes, and are tested on their own.
  ...columnSamples.filter(([, type]) => !DataType.isDictionary(type)),
  ["empty texts", new Utf8(), () => ""],
  ["nothing but nulls", new Int32(), () => null],
];

for (const sample of samples) {
  const [name] = sample;
  test(`a column of type ${name} has the same values as apache-arrow's own`, () => {
    const vector = sampleVector(sample, ROWS);
    const batch = batchOf({ [name]: vector });
    for (const zeroCopy of [true, false]) {
      const native = new FakeNative();
      const read = new BatchReader(batch.schema, native).read(native.describe(batch), zeroCopy);
      expect(read).toBeInstanceOf(RecordBatch);
      expect(plain(read.getChild(name))).toEqual(plain(vector));
      expect(read.getChildAt(0)?.nullCount).toBe(vector.nullCount);
      expect(read.zeroCopy).toBe(zeroCopy);
      expect(roundTrip(read)).toEqual(plain(vector));
    }
  });
}

test("several columns share one walk over nodes and buffers", () => {
  const vectors = samples.map((sample) => [sample[0], sampleVector(sample, ROWS)] as const);
  const batch = batchOf(Object.fromEntries(vectors));
  const native = new FakeNative();
  const read = new BatchReader(batch.schema, native).read(native.describe(batch), true);
  expect(read.numRows).toBe(ROWS);
  for (const [name, vector] of vectors) expect(plain(read.getChild(name))).toEqual(plain(vector));
  expect(native.copied).toBe(0);
  expect(native.weighed).toBe(1);
});

test("batches of a stream have the very same schema", () => {
  const batch = batchOf({ a: vectorFromArray([1, 2], new Int32()) });
  const native = new FakeNative();
  const reader = new BatchReader(batch.schema, native);
  const first = reader.read(native.describe(batch), true);
  const second = reader.read(native.describe(batch), true);
  expect(first.schema).toBe(second.schema);
  expect(new Table(reader.schema, [first, second]).numRows).toBe(4);
});

test("a batch without columns keeps its rows", () => {
  const native = new FakeNative();
  const schema = new Schema([]);
  const data = makeData({ type: new Struct([]), length: 7, children: [], nullCount: 0 });
  const descriptor = native.describe(new RecordBatch(schema, data));
  descriptor[2] = 7;
  expect(new BatchReader(schema, native).read(descriptor, true).numRows).toBe(7);
});

test("the flag in the descriptor, the option and a runtime without adoption make copies", () => {
  const batch = batchOf({ a: vectorFromArray([1, 2], new Int32()) });
  const cases = [
    { adopts: true, zeroCopy: true, flags: copyFlag },
    { adopts: true, zeroCopy: false, flags: 0 },
    { adopts: false, zeroCopy: true, flags: 0 },
  ];
  for (const { adopts, zeroCopy, flags } of cases) {
    const native = new FakeNative({ adopts });
    const reader = new BatchReader(batch.schema, native);
    const read = reader.read(native.describe(batch, { flags }), zeroCopy);
    expect(read.zeroCopy).toBe(false);
    expect([native.adopted, native.copied, native.weighed]).toEqual([0, 1, 0]);
  }
});

test("a runtime that fails to adopt a buffer gets copies of it and of what follows", () => {
  const batch = batchOf({
    a: vectorFromArray([1, 2], new Int32()),
    b: vectorFromArray([3, 4], new Int32()),
  });
  const native = new FakeNative({ failsAfter: 1 });
  const read = new BatchReader(batch.schema, native).read(native.describe(batch), true);
  expect([native.adopted, native.copied]).toEqual([1, 1]);
  expect(read.zeroCopy).toBe(false);
  expect(plain(read.getChild("b"))).toEqual([3, 4]);
});

const dictionaryType = new Dictionary(new Utf8(), new Int32(), 7);

/** A batch of codes into dictionary 7, which its schema says nothing more about. */
function codes(...values: (number | null)[]): RecordBatch {
  const indices = vectorFromArray(values, new Int32()).data[0];
  const { nullBitmap, nullCount, length } = indices ?? {};
  const data = makeData({
    type: dictionaryType,
    length: length ?? 0,
    nullCount: nullCount ?? 0,
    nullBitmap,
    data: indices?.values,
    dictionary: vectorFromArray([""], new Utf8()),
  });
  return batchOf({ word: data });
}

function gain(...words: string[]): { id: number; values: Vector["data"][number] } {
  const [values] = vectorFromArray(words, new Utf8()).data;
  if (values === undefined) throw new Error("No values");
  return { id: 7, values };
}

test("a dictionary grows over the stream, and earlier batches stay right", () => {
  const native = new FakeNative();
  const reader = new BatchReader(codes(0).schema, native);
  const first = reader.read(native.describe(codes(1, 0, null), { gains: [gain("a", "b")] }), true);
  const second = reader.read(native.describe(codes(0, 2), { gains: [gain("c")] }), true);
  const third = reader.read(native.describe(codes(2, 1)), true);
  expect(plain(first.getChild("word"))).toEqual(["b", "a", null]);
  expect(plain(second.getChild("word"))).toEqual(["a", "c"]);
  expect(plain(third.getChild("word"))).toEqual(["c", "b"]);
  expect(plain(first.getChild("word"))).toEqual(["b", "a", null]);
  expect(third.data.children[0]?.dictionary).toBe(second.data.children[0]?.dictionary);
});

test("a dictionary's memory is copied and outlives the batches", () => {
  const native = new FakeNative();
  const reader = new BatchReader(codes(0).schema, native);
  const first = reader.read(native.describe(codes(0), { gains: [gain("a")] }), true);
  expect(native.copied).toBe(2);
  first.release();
  const second = reader.read(native.describe(codes(0)), true);
  expect(plain(second.getChild("word"))).toEqual(["a"]);
});

test("a batch of nulls may come before its dictionary has any value", () => {
  const native = new FakeNative();
  const reader = new BatchReader(codes(0).schema, native);
  const first = reader.read(native.describe(codes(null, null)), true);
  expect(plain(first.getChild("word"))).toEqual([null, null]);
  const second = reader.read(native.describe(codes(0), { gains: [gain("a")] }), true);
  expect(plain(second.getChild("word"))).toEqual(["a"]);
});

test("a table of batches whose dictionary grew survives an IPC stream and file", () => {
  const native = new FakeNative();
  const reader = new BatchReader(codes(0).schema, native);
  const first = reader.read(native.describe(codes(0, 1), { gains: [gain("a", "b")] }), true);
  const second = reader.read(native.describe(codes(2, 0), { gains: [gain("c")] }), true);
  for (const format of ["stream", "file"] as const) {
    const again = throughIpc([first, second], format);
    expect(plain(again.getChild("word"))).toEqual(["a", "b", "c", "a"]);
  }
});

test("dictionaries of more values than are kept decoded are read all the same", () => {
  const words = Array.from({ length: 70_000 }, (_, index) => `w${index}`);
  const native = new FakeNative();
  const reader = new BatchReader(codes(0).schema, native);
  const descriptor = native.describe(codes(0, 65_535, 65_536, 69_999), { gains: [gain(...words)] });
  expect(plain(reader.read(descriptor, true).getChild("word")))
    .toEqual(["w0", "w65535", "w65536", "w69999"]);
});

test("a type that no scan gives is refused when the stream begins", () => {
  const schema = new Schema([new Field("view", new Utf8View())]);
  expect(() => new BatchReader(schema, new FakeNative())).toThrow(UnsupportedFeatureError);
});

/** Values that compare by what they say, whatever objects hold them. */
function plain(vector: Vector | null): unknown[] {
  return Array.from(vector ?? [], plainValue);
}

function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as Iterable<unknown>, String);
  }
  if (value instanceof Vector) return plain(value);
  return JSON.stringify(value);
}

function roundTrip(batch: RecordBatch): unknown[] {
  return plain(throughIpc([batch]).getChildAt(0));
}
