import { expect } from "@std/expect";
import { type DataType, Field, Int32, Int64, Schema, Utf8 } from "apache-arrow";
import { col, fromRows, limit, MemoryManager, merge, rebatch, where } from "spillway";
import { range, settle } from "./support/counted_batches.ts";
import { test } from "./support/harness.ts";
import { evenSizes } from "./support/sequence.ts";

const schemaOf = (types: Readonly<Record<string, DataType>>, nullable = true) =>
  new Schema(Object.entries(types).map(([name, type]) => new Field(name, type, nullable)));

const numbered = (rows: number) => range(0, rows).map((id) => ({ id }));

/** Rows that count how many were taken, and know how they were left. */
class CountedRows {
  taken = 0;
  left: unknown = "not at all";
  readonly #rows: readonly unknown[];

  constructor(rows: readonly unknown[]) {
    this.#rows = rows;
  }

  *iterable(): Generator<object> {
    try {
      for (const row of this.#rows) {
        this.taken++;
        yield row as object;
      }
      this.left = "at the end";
    } finally {
      if (this.left !== "at the end") this.left = "early";
    }
  }

  async *asynchronous(): AsyncGenerator<object> {
    for (const row of this.iterable()) {
      await Promise.resolve();
      yield row;
    }
  }

  stream(): ReadableStream<object> {
    const rows = this.#rows.values();
    return new ReadableStream<object>({
      pull: (controller) => {
        const { done, value } = rows.next();
        if (done) {
          this.left = "at the end";
          return controller.close();
        }
        this.taken++;
        controller.enqueue(value as object);
      },
      cancel: () => void (this.left = "early"),
    }, { highWaterMark: 0 });
  }
}

const kinds = ["iterable", "asynchronous", "stream"] as const;

for (const rows of [0, 1, 9, 10, 11, 20, 25]) {
  test(`${rows} rows become batches of 10, whatever gives them`, async () => {
    for (const kind of kinds) {
      const counted = new CountedRows(numbered(rows));
      const stream = fromRows(counted[kind](), null, { batchRows: 10 });
      const batches = await Array.fromAsync(stream);
      expect(batches.map(({ numRows }) => numRows)).toEqual(evenSizes(rows, 10));
      expect(batches.map(({ firstRow }) => firstRow)).toEqual(batches.map((_, at) => 10 * at));
      expect(batches.flatMap((batch) => Array.from(batch.getChild("id")!, Number)))
        .toEqual(range(0, rows));
      expect([kind, counted.left]).toEqual([kind, "at the end"]);
      expect(stream.stats()).toMatchObject({ rows, batches: batches.length });
    }
  });
}

test("batches have 8,192 rows by default", async () => {
  const sizes = await Array.fromAsync(fromRows(numbered(10_000)), ({ numRows }) => numRows);
  expect(sizes).toEqual([8_192, 1_808]);
});

for (const kind of kinds) {
  test(`rows are read on demand, a batch at a time, of ${kind} rows`, async () => {
    const counted = new CountedRows(numbered(100));
    const reader = fromRows(counted[kind](), null, { batchRows: 10 }).getReader();
    await settle();
    expect(counted.taken).toBe(0);
    for (const expected of [10, 20, 30]) {
      await reader.read();
      await settle();
      expect(counted.taken).toBe(expected);
    }
    await reader.cancel("enough");
    expect([counted.taken, counted.left]).toEqual([30, "early"]);
  });

  test(`a row that doesn't fit ends the stream and stops the source, of ${kind} rows`, async () => {
    const counted = new CountedRows([...numbered(15), { id: "x" }, ...numbered(50)]);
    const reader = fromRows(counted[kind](), null, { batchRows: 10 }).getReader();
    await reader.read();
    await expect(reader.read()).rejects.toThrow(
      "Can't convert row 15: field id is \"x\", which doesn't fit type Int64. The schema was inferred " +
        "from the first 10 rows: give one if this is wanted",
    );
    await settle();
    expect([counted.taken, counted.left]).toEqual([20, "early"]);
  });
}

test("a source's error comes untouched, and ends the stream", async () => {
  const error = new Error("the socket is closed");
  function* failing() {
    yield { id: 1 };
    throw error;
  }
  const failingStream = () =>
    new ReadableStream<object>({
      pull(controller) {
        controller.error(error);
      },
    }, { highWaterMark: 0 });
  for (const rows of [failing(), failingStream()]) {
    await expect(Array.fromAsync(fromRows(rows))).rejects.toBe(error);
  }
  let controller: ReadableStreamDefaultController<object>;
  const idle = new ReadableStream<object>({ start: (c) => void (controller = c) });
  const { closed } = fromRows(idle).getReader();
  controller!.error(error);
  await expect(closed).rejects.toBe(error);
});

test("cancelling while rows are waited for ends the wait", async () => {
  const reasons: unknown[] = [];
  const rows = new ReadableStream<object>({ cancel: (reason) => void reasons.push(reason) });
  const reader = fromRows(rows).getReader();
  const read = reader.read();
  await settle();
  await reader.cancel("enough");
  expect((await read).done).toBe(true);
  expect(reasons).toEqual(["enough"]);
});

test("the schema is known before any row where it is given, and after the first batch's otherwise", async () => {
  const schema = schemaOf({ id: new Int32() });
  const known = new CountedRows(numbered(30));
  expect(await fromRows(known.iterable(), schema).schema()).toBe(schema);
  expect(known.taken).toBe(0);

  const unknown = new CountedRows(numbered(30));
  const stream = fromRows(unknown.iterable(), undefined, { batchRows: 10 });
  const [first, again, rows] = await Promise.all([
    stream.schema(),
    stream.schema(),
    Array.fromAsync(stream.rows()),
  ]);
  expect(first.fields.map(String)).toEqual(["id: Int64"]);
  expect(again).toBe(first);
  expect(rows).toEqual(range(0, 30).map((id) => ({ id: BigInt(id) })));
});

test("no rows at all have no columns, or those of the schema", async () => {
  expect((await fromRows([]).collect()).numCols).toBe(0);
  const table = await fromRows([], schemaOf({ id: new Int32() })).collect();
  expect([table.numRows, table.schema.names]).toEqual([0, ["id"]]);
});

test("rows without fields are rows all the same", async () => {
  expect(await fromRows([{}, {}, {}]).count()).toBe(3);
  expect(await Array.fromAsync(fromRows([{}, {}]).rows())).toEqual([{}, {}]);
});

test("fields that a row doesn't have are null, and those that the schema doesn't have are left out", async () => {
  const schema = schemaOf({ id: new Int32(), name: new Utf8() });
  const rows = [{ id: 1 }, { name: "b", more: 5 }, { id: undefined, name: null }];
  expect(await Array.fromAsync(fromRows(rows, schema).rows())).toEqual([
    { id: 1, name: null },
    { id: null, name: "b" },
    { id: null, name: null },
  ]);
});

test("what every object has is no field, unless a row has one of that name", async () => {
  const schema = schemaOf({ constructor: new Utf8(), toString: new Utf8() });
  const rows = [{}, { constructor: "a" }, Object.create(null)];
  expect(await Array.fromAsync(fromRows(rows, schema).rows())).toEqual([
    { constructor: null, toString: null },
    { constructor: "a", toString: null },
    { constructor: null, toString: null },
  ]);
});

test("objects of classes are rows too", async () => {
  class Reading {
    at = 1;
    get twice() {
      return 2 * this.at;
    }
  }
  const schema = schemaOf({ at: new Int32(), twice: new Int32() });
  expect(await Array.fromAsync(fromRows([new Reading()], schema).rows())).toEqual([{
    at: 1,
    twice: 2,
  }]);
});

test("what is no row is an error that names its place", async () => {
  for (
    const [row, text] of [
      [null, "null"],
      [5, "5"],
      ["text", '"text"'],
      [[1], "an array"],
      [new Date(0), "an object of Date"],
      [new Map([["id", 1]]), "an object of Map"],
      [Promise.resolve({}), "an object of Promise"],
    ] as const
  ) {
    for (const schema of [null, schemaOf({ id: new Int32() })]) {
      const rows = [{ id: 1 }, row as object];
      await expect(Array.fromAsync(fromRows(rows, schema))).rejects.toThrow(
        `Can't convert row 1: it must be an object with fields, not ${text}`,
      );
    }
  }
});

test("a field that must not be null is an error where a row doesn't have it", async () => {
  const schema = schemaOf({ id: new Int64() }, false);
  await expect(Array.fromAsync(fromRows([{ id: 1 }, {}], schema))).rejects.toThrow(
    "Can't convert row 1: field id is undefined, and may not be null by its type Int64",
  );
  await expect(Array.fromAsync(fromRows([{ id: null }], schema))).rejects.toThrow(
    "field id is null",
  );
});

test("rows stay numbered from batch to batch", async () => {
  const schema = schemaOf({ id: new Int32() });
  const rows = [...numbered(25), { id: 2 ** 31 }];
  const reader = fromRows(rows, schema, { batchRows: 10 }).getReader();
  await reader.read();
  await reader.read();
  await expect(reader.read()).rejects.toThrow(
    "Can't convert row 25: field id is 2147483648, which doesn't fit type Int32",
  );
});

test("transforms go on behind it", async () => {
  const even = fromRows(numbered(1_000), null, { batchRows: 64 })
    .pipeThrough(where(col("id").mod(2).eq(0))).pipeThrough(rebatch(100)).pipeThrough(limit(250));
  const ids = await Array.fromAsync(even.rows(), ({ id }) => Number(id));
  expect(ids).toEqual(range(0, 250).map((id) => 2 * id));
  const both = merge(fromRows(numbered(10)), fromRows(numbered(20)));
  expect(await both.count()).toBe(30);
});

test("batches are JavaScript's, and a released one says so", async () => {
  const before = MemoryManager.shared.currentUsage().streamBytes;
  const [batch] = await Array.fromAsync(fromRows(numbered(5)));
  expect([batch!.zeroCopy, MemoryManager.shared.currentUsage().streamBytes]).toEqual([
    false,
    before,
  ]);
  const owned = batch!.toOwned();
  batch!.release();
  expect(() => batch!.getChild("id")).toThrow("it was released");
  expect(Array.from(owned.getChild("id")!, Number)).toEqual(range(0, 5));
});

test("timers have their turn while rows come without waiting", async () => {
  function* endless() {
    for (;;) yield { id: 1 };
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  for await (const _ of fromRows(endless(), null, { batchRows: 100 })) if (turns > 1) break;
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});

test("wrong arguments are refused at once", () => {
  const wrong = (rows: unknown, schema?: unknown, options?: object) => () =>
    fromRows(rows as object[], schema as Schema, options);
  for (const rows of [null, undefined, 5, "rows", { id: 1 }, () => []]) {
    expect(wrong(rows)).toThrow("Rows must be a stream or an iterable of objects, not");
  }
  expect(wrong([], { id: "Int32" })).toThrow("schema must be a Schema of apache-arrow");
  for (const batchRows of [0, -1, 1.5, NaN]) {
    expect(wrong([], null, { batchRows })).toThrow(RangeError);
  }
  const locked = new ReadableStream<object>();
  locked.getReader();
  expect(wrong(locked)).toThrow(TypeError);
  const free = new ReadableStream<object>();
  expect(wrong(free, null, { batchRows: 0 })).toThrow(RangeError);
  expect(free.locked).toBe(false);
});
