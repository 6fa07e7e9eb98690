import { expect } from "@std/expect";
import {
  Data,
  type DataType,
  DenseUnion,
  Dictionary,
  Field,
  Int32,
  Int8,
  SparseUnion,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import { concatColumns } from "../src/batches/concat_columns.ts";
import { valuesOf } from "./support/arrow_values.ts";
import { batchOf } from "./support/batch_of.ts";
import { generatedBatch } from "./support/generated_batch.ts";
import { test } from "./support/harness.ts";
import { throughIpc } from "./support/through_ipc.ts";

/** Set to what a failed run printed, it makes the same columns again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** A column cut at some rows, wherever these are. */
function cut(data: Data, places: readonly number[]): Data[] {
  const rows = places.map((place) => place % (data.length + 1)).toSorted((a, b) => a - b);
  const bounds = [0, ...rows, data.length];
  return bounds.slice(1).map((to, at) => data.slice(bounds[at]!, to - bounds[at]!));
}

test(`a column that was cut and joined is the same, whatever its type (seed ${seed})`, () => {
  fc.assert(
    fc.property(generatedBatch, fc.array(fc.nat(), { maxLength: 4 }), (batch, places) => {
      for (const data of batch.data.children) {
        const buffers: ArrayBuffer[] = [];
        const joined = concatColumns(cut(data, places), buffers);
        expect(valuesOf(joined)).toEqual(valuesOf(data));
        expect([joined.offset, joined.length, joined.type]).toEqual([0, data.length, data.type]);
        expect(joined.nullCount).toBe(Array.from(valuesOf(data)).filter((v) => v === null).length);
        expect(new Set(buffers).size).toBe(buffers.length);
      }
    }),
    { seed, numRuns: 400 },
  );
});

test("what was joined can be written and read again", () => {
  fc.assert(
    fc.property(generatedBatch, fc.array(fc.nat(), { maxLength: 4 }), (batch, places) => {
      fc.pre(batch.numCols > 0);
      const columns = batch.data.children.map((data) => concatColumns(cut(data, places), []));
      const joined = batchOf(Object.fromEntries(columns.map((data, at) => [`c${at}`, data])), {
        rows: batch.numRows,
      });
      const [read] = throughIpc([joined]).batches;
      for (const [at, data] of batch.data.children.entries()) {
        expect(valuesOf(read!.data.children[at]!)).toEqual(valuesOf(data));
      }
    }),
    { seed, numRuns: 100 },
  );
});

test("what was joined shares no memory with its parts", () => {
  const data = vectorFromArray(["a", "b", null], new Utf8()).data[0]!;
  const joined = concatColumns([data, data.slice(0, 1)], []);
  data.values.fill(0);
  data.valueOffsets.fill(0);
  expect(valuesOf(joined)).toEqual(["a", "b", null, "a"]);
});

test("only the bytes of a slice's rows are copied", () => {
  const words = Array.from({ length: 1_000 }, (_, at) => `word ${at}`);
  const slice = vectorFromArray(words, new Utf8()).data[0]!.slice(500, 2);
  const joined = concatColumns([slice], []);
  expect(valuesOf(joined)).toEqual(["word 500", "word 501"]);
  expect(joined.values.length).toBe(16);
  expect(Array.from(joined.valueOffsets)).toEqual([0, 8, 16]);
});

test("parts without rows add nothing, and without any the column is empty", () => {
  const data = vectorFromArray([1, 2], new Int32()).data[0]!;
  const empty = data.slice(0, 0);
  expect(valuesOf(concatColumns([empty, data, empty], []))).toEqual([1n, 2n]);
  expect(concatColumns([empty, empty], []).length).toBe(0);
});

test("views keep what they show", () => {
  const texts = ["short", null, "long enough to be kept elsewhere", "and another one that is long"];
  const one = vectorFromArray(texts, new Utf8View()).data[0]!;
  const two = vectorFromArray(["a third that isn't kept within the view"], new Utf8View()).data[0]!;
  const joined = new Vector([concatColumns([one.slice(1, 2), two, one], [])]);
  expect(Array.from(joined)).toEqual([
    null,
    texts[2],
    "a third that isn't kept within the view",
    ...texts,
  ]);
});

const words = (values: readonly (string | null)[], indices: Int8 | Int32 = new Int8()) =>
  vectorFromArray(values, new Dictionary(new Utf8(), indices, 7)).data[0]!;

test("dictionaries that differ become one, with each value once", () => {
  const joined = concatColumns([words(["a", "b", null]), words(["b", "c", "b"]), words(["a"])], []);
  expect(Array.from(new Vector([joined]))).toEqual(["a", "b", null, "b", "c", "b", "a"]);
  expect(Array.from(joined.dictionary!)).toEqual(["a", "b", "c"]);
});

test("a dictionary that has grown stays as it is", () => {
  const before = words(["a", "b"]);
  const after = words(["b", "c", "a"]);
  const grown = new Vector([...before.dictionary!.data, after.dictionary!.data[0]!.slice(1, 1)]);
  const later = before.clone();
  later.dictionary = grown;
  for (const parts of [[before, later], [later, before]]) {
    const joined = concatColumns(parts, []);
    expect(joined.dictionary).toBe(grown);
    expect(Array.from(new Vector([joined]))).toEqual(["a", "b", "a", "b"]);
  }
});

test("more values than keys can count are an error that says so", () => {
  const some = (from: number) => words(Array.from({ length: 100 }, (_, at) => `word ${from + at}`));
  expect(() => concatColumns([some(0), some(90)], [])).toThrow(
    "Can't join batches: a column of type Dictionary<Int8, Utf8> would have 190 different values in " +
      "one batch, more than the 128 that its keys count. Ask for smaller batches",
  );
  expect(concatColumns([some(0), some(28)], []).dictionary?.length).toBe(128);
});

for (const [name, Union] of [["dense", DenseUnion], ["sparse", SparseUnion]] as const) {
  test(`a ${name} union that was cut and joined has its values`, () => {
    const fields = [new Field("n", new Int32(), true), new Field("t", new Utf8(), true)];
    const numbers = vectorFromArray([1, 2, 3, 4], new Int32()).data[0]!;
    const texts = vectorFromArray(["a", "b", "c", "d"], new Utf8()).data[0]!;
    const offsets = name === "dense" ? Int32Array.of(0, 0, 1, 1) : undefined;
    const buffers = { 0: offsets, 3: Int8Array.of(0, 1, 1, 0) };
    const type: DataType = new Union([0, 1], fields);
    const data = new Data(type, 0, 4, -1, buffers, [numbers, texts]);
    const values = Array.from(new Vector([data]));
    expect(values).toEqual(name === "dense" ? [1, "a", "b", 2] : [1, "b", "c", 4]);
    const joined = concatColumns([data.slice(1, 3), data, data.slice(0, 1)], []);
    expect(Array.from(new Vector([joined]))).toEqual([...values.slice(1), ...values, values[0]]);
  });
}
