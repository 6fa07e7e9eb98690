import { expect } from "@std/expect";
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { scanParquet, SpillwayBatch, UnknownColumnError, UnsupportedFeatureError } from "spillway";
import { NativeTransform } from "../ffi/transform.ts";
import { plainRows } from "../src/rows/plain_rows.ts";
import { batchOf } from "./support/batch_of.ts";
import { columnSamples, sampleBatch } from "./support/column_samples.ts";
import { collectGarbage, test } from "./support/harness.ts";
import { throughIpc } from "./support/through_ipc.ts";

const col = (...path: string[]) => ({ column: path });
const number = (value: number) => ({ literal: { type: "number", value } });
const text = (value: string) => ({ literal: { type: "string", value } });
const call = (name: string, ...args: unknown[]) => ({ call: name, arguments: args });
const where = (name: string, ...args: unknown[]) => ({ where: call(name, ...args) });
/** Rows 4 to 9, 12 and 30 to the last. */
const someRows = where(
  "or",
  call("and", call("gt", col("n"), number(3)), call("lt", col("n"), number(10))),
  call("eq", col("n"), number(12)),
  call("ge", col("n"), number(30)),
);
const passes = (n: unknown): boolean => {
  const row = Number(n);
  return (row > 3 && row < 10) || row === 12 || row >= 30;
};

/** What a new transform makes of one batch. */
function transformed(steps: readonly unknown[], batch: RecordBatch): RecordBatch | null {
  const transform = new NativeTransform(steps, batch.schema);
  try {
    return transform.apply(batch);
  } finally {
    transform.close();
  }
}

for (const sample of columnSamples) {
  const [name] = sample;
  test(`rows of type ${name} are filtered as plain rows would be`, () => {
    const whole = sampleBatch(sample, 45);
    for (const batch of [whole, whole.slice(3, 20), whole.slice(1, 42).slice(7)]) {
      const expected = [...plainRows(batch)].filter(({ n }) => passes(n));
      const result = transformed([someRows], batch);
      expect([...plainRows(result!)]).toEqual(expected);
      expect(result!.schema).toBe(batch.schema);
      expect(result!.getChild(name)!.nullCount)
        .toBe(expected.filter((row) => row[name] === null).length);
      const again = throughIpc([result!]).batches[0];
      expect([...plainRows(again!)]).toEqual(expected);
    }
  });

  test(`a column of type ${name} passes beside a computed one, in memory of its own`, () => {
    const batch = sampleBatch(sample, 21).slice(2, 19);
    const expected = [...plainRows(batch)];
    const steps = [{ withColumns: [["twice", call("mul", col("n"), number(2))]] }];
    const result = transformed(steps, batch)!;
    overwrite(batch);
    const rows = [...plainRows(result)];
    expect(rows.map(({ twice }) => Number(twice))).toEqual(expected.map(({ n }) => Number(n) * 2));
    expect(rows.map(({ twice: _, ...row }) => row)).toEqual(expected);
  });
}

/** Writes over all that a batch holds, but for its dictionaries. */
function overwrite(batch: RecordBatch): void {
  const visit = (data: RecordBatch["data"]["children"][number]): void => {
    for (const view of [data.values, data.valueOffsets, data.nullBitmap]) {
      if (ArrayBuffer.isView(view)) new Uint8Array(view.buffer).fill(0xa5);
    }
    data.children.forEach(visit);
  };
  batch.data.children.forEach(visit);
}

const letters = batchOf({
  n: vectorFromArray([0, 1, 2, 3, 4], new Int32()),
  letter: vectorFromArray(["a", null, "c", "", "e"], new Utf8()),
});

test("all rows that pass unchanged give the batch itself", () => {
  expect(transformed([where("ge", col("n"), number(0))], letters)).toBe(letters);
  expect(transformed([], letters)).toBe(letters);
  expect(transformed([{ select: ["n", "letter"] }], letters)).toBe(letters);
});

test("no row that passes gives null, and so does an empty batch", () => {
  expect(transformed([where("gt", col("n"), number(9))], letters)).toBe(null);
  expect(transformed([where("ge", col("n"), number(0))], letters.slice(0, 0))).toBe(null);
  expect(transformed([where("ge", col("n"), number(0))], letters.slice(2, 2))).toBe(null);
});

test("null is not true", () => {
  const result = transformed([where("ne", col("letter"), text("a"))], letters)!;
  expect([...plainRows(result)].map(({ letter }) => letter)).toEqual(["c", "", "e"]);
  const nulls = transformed([where("isNull", col("letter"))], letters)!;
  expect([...plainRows(nulls)]).toEqual([{ n: 1, letter: null }]);
});

test("several steps work one on the columns of the other", () => {
  const steps = [
    where("gt", col("n"), number(0)),
    { rename: [["letter", "l"], ["n", "number"]] },
    { withColumns: [["half", call("mul", col("number"), number(0.5))], ["l2", col("l")]] },
    where("lt", col("half"), number(2)),
    { select: ["l2", "half"] },
  ];
  const result = transformed(steps, letters)!;
  expect([...plainRows(result)]).toEqual([
    { l2: null, half: 0.5 },
    { l2: "c", half: 1 },
    { l2: "", half: 1.5 },
  ]);
  expect(String(result.schema)).toBe("Schema<{ 0: l2: Utf8, 1: half: Float64 }>");
});

test("columns that are only chosen are copied", () => {
  const batch = batchOf({
    a: vectorFromArray([1, 2], new Int32()),
    b: vectorFromArray([3, 4], new Int32()),
  });
  const result = transformed([{ select: ["a"] }], batch)!;
  overwrite(batch);
  expect([...plainRows(result)]).toEqual([{ a: 1 }, { a: 2 }]);
});

test("a computed column that is an input as it is doesn't share its memory", () => {
  const batch = batchOf({ a: vectorFromArray([1, 2, null], new Int32()) });
  const steps = [{ withColumns: [["b", call("coalesce", col("a"))]] }];
  const result = transformed(steps, batch)!;
  overwrite(batch);
  expect([...plainRows(result)]).toEqual([{ a: 1, b: 1 }, { a: 2, b: 2 }, { a: null, b: null }]);
});

test("a batch of no columns keeps its rows", () => {
  const schema = new Schema([]);
  const data = makeData({ type: new Struct([]), length: 7, children: [], nullCount: 0 });
  const batch = new RecordBatch(schema, data);
  const always = { where: call("eq", { literal: { type: "boolean", value: true } }, literalTrue) };
  expect(transformed([always], batch)).toBe(batch);
});
const literalTrue = { literal: { type: "boolean", value: true } };

test("columns that no step needs may be of any type", () => {
  const view = makeData({
    type: new Utf8View(),
    length: 2,
    views: new Uint8Array(32),
    variadicBuffers: [],
  });
  const batch = batchOf({ a: vectorFromArray([1, 2], new Int32()), view });
  const steps = [where("gt", col("a"), number(1)), { select: ["a"] }];
  expect([...plainRows(transformed(steps, batch)!)]).toEqual([{ a: 2 }]);
  expect(() => transformed(steps.slice(0, 1), batch)).toThrow(UnsupportedFeatureError);
  expect(() => transformed(steps.slice(0, 1), batch)).toThrow(/column 'view'.*Utf8View/);
});

const words = new Dictionary(new Utf8(), new Int32());
const word = vectorFromArray(["x", "y", null, "x", "z", "y"], words);

test("a dictionary that only passes is the result's as it is", () => {
  const batch = batchOf({ n: vectorFromArray([0, 1, 2, 3, 4, 5], new Int32()), word });
  const result = transformed([where("gt", col("n"), number(1))], batch)!;
  expect([...plainRows(result)].map(({ word }) => word)).toEqual([null, "x", "z", "y"]);
  expect(result.data.children[1]!.dictionary).toBe(word.data[0]!.dictionary);
  expect(result.schema.dictionaries.get(words.id)).toBe(words.dictionary);
});

test("a dictionary is decoded to be tested, and passes as a dictionary", () => {
  const batch = batchOf({ word, other: word });
  const result = transformed([where("eq", col("word"), text("y"))], batch)!;
  expect([...plainRows(result)]).toEqual([{ word: "y", other: "y" }, { word: "y", other: "y" }]);
  expect(result.data.children[0]!.dictionary).toBe(word.data[0]!.dictionary);
  const upper = { withColumns: [["upper", call("upper", col("word"))], ["same", col("word")]] };
  const computed = transformed([upper], batch)!;
  expect([...plainRows(computed)].map(({ upper }) => upper)).toEqual([
    "X",
    "Y",
    null,
    "X",
    "Z",
    "Y",
  ]);
  expect(String(computed.schema.fields[2]!.type)).toBe("Utf8");
  expect([...plainRows(computed)].map(({ same }) => same)).toEqual([...word]);
});

test("a dictionary may be of several chunks, and columns of one id may have several", () => {
  const dictionary = vectorFromArray(["x"], new Utf8()).concat(
    vectorFromArray(["y", "z"], new Utf8()),
  );
  const keys = (...data: number[]) =>
    makeData({ type: words, data: Int32Array.from(data), dictionary });
  const batch = batchOf({ a: word.slice(0, 4), b: keys(2, 1, 0, 2) });
  const steps = [where("ne", col("b"), text("x"))];
  expect([...plainRows(transformed(steps, batch)!)])
    .toEqual([{ a: "x", b: "z" }, { a: "y", b: "y" }, { a: "x", b: "z" }]);
});

test("dictionaries within lists and structs pass too", () => {
  const type = new Struct([new Field("w", words, true), new Field("n", new Int32(), true)]);
  const struct = makeData({
    type,
    length: 6,
    nullCount: 0,
    children: [
      word.data[0]!,
      vectorFromArray([0, 1, 2, 3, 4, 5], new Int32()).data[0]!,
    ],
  });
  const list = makeData({
    type: new List(new Field("item", words, true)),
    length: 6,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, 1, 2, 2, 4, 5, 6),
    child: word.data[0]!,
  });
  const batch = batchOf({ struct, list });
  for (
    const steps of [
      [where("gt", col("struct.n"), number(2))],
      [where("gt", col("struct", "n"), number(2))],
    ]
  ) {
    const rows = [...plainRows(transformed(steps, batch)!)];
    expect(rows).toEqual([...plainRows(batch)].slice(3));
    expect(rows[1]).toEqual({ struct: { w: "z", n: 4 }, list: ["z"] });
  }
});

test("what is declared without nulls may hold some all the same", () => {
  const fields = [new Field("a", new Int32(), false)];
  const column = vectorFromArray([1, null, 3], new Int32()).data[0]!;
  const data = makeData({ type: new Struct(fields), length: 3, nullCount: 0, children: [column] });
  const result = transformed(
    [where("isNull", col("a"))],
    new RecordBatch(new Schema(fields), data),
  )!;
  expect([...plainRows(result)]).toEqual([{ a: null }]);
});

test("bytes at odd addresses and in shared memory are read", () => {
  const odd = new Uint8Array(8 * 5 + 1);
  const aligned = Float64Array.of(1, 2, 3, 4, 5);
  odd.set(new Uint8Array(aligned.buffer), 1);
  const shared = new Float64Array(new SharedArrayBuffer(40));
  shared.set(aligned);
  const data = makeData({ type: new Float64(), length: 5, data: aligned });
  const misaligned = data.clone();
  Object.assign(misaligned, { values: odd.subarray(1) });
  const result = transformed(
    [where("gt", col("a"), number(3))],
    batchOf({
      a: misaligned,
      b: makeData({ type: new Float64(), length: 5, data: shared }),
    }),
  )!;
  expect([...result.getChild("b")!]).toEqual([4, 5]);
  expect([...result.getChild("a")!]).toEqual([4, 5]);
});

test("a transform takes many batches, of schema objects that are alike", () => {
  const transform = new NativeTransform([where("gt", col("n"), number(2))], letters.schema);
  for (let round = 0; round < 5; round++) {
    const batch = throughIpc([letters]).batches[0]!;
    expect([...plainRows(transform.apply(batch)!)])
      .toEqual([{ n: 3, letter: "" }, { n: 4, letter: "e" }]);
  }
  transform.close();
  transform.close();
  expect(() => transform.apply(letters)).toThrow("closed");
});

test("a batch of another schema is refused by its number, with both schemas", () => {
  const transform = new NativeTransform([where("gt", col("n"), number(2))], letters.schema);
  transform.apply(letters);
  const other = batchOf({ n: vectorFromArray([1], new Float64()) });
  expect(() => transform.apply(other)).toThrow(TypeError);
  expect(() => transform.apply(other)).toThrow(
    "Can't take steps on batch 2: its columns are n: Float64, and the steps were made for " +
      "n: Int32, letter: Utf8. Give batches of one schema",
  );
  expect([...plainRows(transform.apply(letters)!)].length).toBe(2);
  transform.close();
});

test("steps that make no sense with the schema are errors of their kind", () => {
  const steps = [where("gt", col("m"), number(2))];
  expect(() => new NativeTransform(steps, letters.schema)).toThrow(UnknownColumnError);
  expect(() => new NativeTransform([{ nonsense: 1 }], letters.schema)).toThrow(TypeError);
  const list = batchOf({ l: vectorFromArray([[1]], new List(new Field("i", new Int32(), true))) });
  const impossible = [where("gt", col("l"), number(2))];
  expect(() => new NativeTransform(impossible, list.schema)).toThrow(TypeError);
  expect(() => new NativeTransform([{ where: col("n") }], letters.schema)).toThrow(TypeError);
  const twice = new Schema([...letters.schema.fields, ...letters.schema.fields]);
  expect(() => new NativeTransform([], twice)).toThrow("two columns 'n'");
});

test("more columns than a descriptor holds at first are given all the same", () => {
  const columns = Array.from({ length: 600 }, (_, index) => [`c${index}`, letters.getChild("n")!]);
  const batch = batchOf(Object.fromEntries(columns));
  const result = transformed([where("ge", col("c599"), number(3))], batch)!;
  expect(result.schema.fields.length).toBe(600);
  for (const column of result.schema.names) expect([...result.getChild(column)!]).toEqual([3, 4]);
});

test("native batches and copies can be lent, and results live on when they are released", async () => {
  for (const zeroCopy of [true, false]) {
    let given = 0;
    let expected = 0;
    const kept: RecordBatch[] = [];
    let transform: NativeTransform | null = null;
    for await (
      using batch of scanParquet("tests/data/readings.parquet", { zeroCopy, dictionary: true })
    ) {
      transform ??= new NativeTransform([where("gt", col("celsius"), number(20))], batch.schema);
      expected += [...batch.getChild("celsius")!].filter((celsius) => celsius > 20).length;
      const result = transform.apply(batch);
      if (result !== null && result !== batch) kept.push(result);
      given += result?.numRows ?? 0;
    }
    transform?.close();
    await collectGarbage();
    expect(given).toBe(expected);
    expect(given).toBeGreaterThan(0);
    for (const batch of kept) {
      for (const celsius of batch.getChild("celsius")!) expect(celsius).toBeGreaterThan(20);
    }
  }
});

test("a result is a batch that can be released, kept or given as a copy", () => {
  const result = transformed([where("gt", col("n"), number(3))], letters);
  expect(result).toBeInstanceOf(SpillwayBatch);
  if (!(result instanceof SpillwayBatch)) return;
  expect(result.zeroCopy).toBe(true);
  const owned = result.toOwned();
  result.release();
  expect(() => result.getChild("n")).toThrow("released");
  expect([...owned.getChild("n")!]).toEqual([4]);
  const copying = new NativeTransform([where("gt", col("n"), number(3))], letters.schema, {
    zeroCopy: false,
  });
  const copy = copying.apply(letters);
  expect(copy instanceof SpillwayBatch && copy.zeroCopy).toBe(false);
  expect([...copy!.getChild("letter")!]).toEqual(["e"]);
  copying.close();
  const again = new Vector([letters.data.children[0]!]);
  expect([...again]).toEqual([0, 1, 2, 3, 4]);
});
