import { expect } from "@std/expect";
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  type RecordBatch,
  Schema,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import {
  BatchReleasedError,
  col,
  limit,
  MemoryManager,
  merge,
  RecordBatchStream,
  scanParquet,
  type SpillwayBatch,
  where,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import {
  CountedBatches,
  idsOf,
  numberedBatch,
  numberedBatches,
  range,
  settle,
} from "./support/counted_batches.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { SlowBatches } from "./support/slow_batches.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

const file = fixture("sequence");
const ROWS = 100_000;

const firstIds = (batches: readonly RecordBatch[]) =>
  batches.map((batch) => batch.getChild("id")!.get(0));

test("all batches of all streams come, those of each in order", async () => {
  const scans = [0, 1, 2].map((at) =>
    scanParquet(file, { batchSize: 1_000 + at, columns: ["id"], where: col("id").mod(3).eq(at) })
  );
  const ids: number[][] = [[], [], []];
  const merged = merge(...scans);
  expect(merged).toBeInstanceOf(RecordBatchStream);
  for await (using batch of merged) {
    for (const id of batch.getChild("id")!) ids[Number(id) % 3]!.push(Number(id));
  }
  for (const [at, some] of ids.entries()) {
    expect(some).toEqual(range(0, ROWS).filter((id) => id % 3 === at));
  }
  expect(merged.stats().rows).toBe(ROWS);
  expect(merged.stats().batches).toBeGreaterThan(90);
});

test("streams that are always ready take turns", async () => {
  const streams = [0, 1_000, 2_000].map((first) =>
    new CountedBatches(range(0, 4).map((at) => numberedBatch(1, first + at))).stream
  );
  const merged = await Array.fromAsync(merge(...streams));
  expect(firstIds(merged)).toEqual([
    ...[0, 1_000, 2_000],
    ...[1, 1_001, 2_001],
    ...[2, 1_002, 2_002],
    ...[3, 1_003, 2_003],
  ]);
});

test("a stream that isn't ready doesn't hold up the others", async () => {
  const slow = new SlowBatches();
  const reader = merge(slow.stream, new CountedBatches(numberedBatches([1, 1, 1])).stream)
    .getReader();
  for (const id of [0, 1, 2]) expect(firstIds([(await reader.read()).value!])).toEqual([id]);
  const last = reader.read();
  await settle();
  expect(slow.waiting).toBe(1);
  slow.give(numberedBatch(1, 77));
  expect(firstIds([(await last).value!])).toEqual([77]);
  const end = reader.read();
  await settle();
  slow.end();
  expect((await end).done).toBe(true);
});

test("what came meanwhile is given before anything else is read", async () => {
  const [one, two] = [new SlowBatches(), new SlowBatches()];
  const reader = merge(one.stream, two.stream).getReader();
  const first = reader.read();
  await settle();
  one.give(numberedBatch(1, 1));
  await first;
  two.give(numberedBatch(1, 2));
  await settle();
  expect([one.waiting, two.waiting]).toEqual([0, 0]);
  expect(firstIds([(await reader.read()).value!])).toEqual([2]);
  await settle();
  expect([one.waiting, two.waiting]).toEqual([0, 0]);
  await reader.cancel();
});

test("nothing is read without demand, and one batch of a stream with it", async () => {
  const counted = range(0, 3).map((at) => new CountedBatches(numberedBatches([at, 1, 1, 1])));
  const reader = merge(...counted.map(({ stream }) => stream)).getReader();
  const pulled = () => counted.map(({ pulled }) => pulled);
  await settle();
  expect(pulled()).toEqual([0, 0, 0]);
  for (const expected of [[1, 1, 1], [1, 1, 1], [1, 1, 1], [2, 2, 2], [2, 2, 2]]) {
    await reader.read();
    await settle();
    expect(pulled()).toEqual(expected);
  }
  await reader.cancel();
});

test("one stream, none, and streams without batches can be merged", async () => {
  expect(idsOf(await Array.fromAsync(merge(new CountedBatches(numberedBatches([2, 3])).stream))))
    .toEqual(range(0, 5));
  expect(await Array.fromAsync(merge())).toEqual([]);
  expect((await merge().schema()).fields).toEqual([]);
  expect((await merge().collect()).numRows).toBe(0);
  const streams = [[], [1], []].map((sizes) => new CountedBatches(numberedBatches(sizes)).stream);
  expect((await Array.fromAsync(merge(...streams))).length).toBe(1);
});

test("all batches have the schema of the first, the ids of dictionaries included", async () => {
  const words = (id: number, values: string[]) =>
    batchOf({ word: vectorFromArray(values, new Dictionary(new Utf8(), new Int32(), id)) }, {
      metadata: new Map([["id", String(id)]]),
    });
  const merged = merge(
    new CountedBatches([words(1, ["a", "b"])]).stream,
    new CountedBatches([words(2, ["b", "c"])]).stream,
  );
  const table = await merged.collect();
  expect(table.batches[1]!.schema).toBe(table.batches[0]!.schema);
  expect(table.batches[1]!.data.children[0]!.type).toBe(table.schema.fields[0]!.type);
  expect(Array.from(table.getChild("word")!)).toEqual(["a", "b", "b", "c"]);
  expect(await merged.schema()).toBe(table.schema);
});

test("streams of other columns are an error that names the stream and the columns", async () => {
  const other = batchOf({
    id: vectorFromArray([1], new Float64()),
    text: vectorFromArray(["a"], new Utf8()),
  });
  const [one, two, three] = [
    new CountedBatches(numberedBatches([1, 1, 1])),
    new CountedBatches([other, other]),
    new CountedBatches(numberedBatches([1, 1, 1])),
  ];
  const reading = Array.fromAsync(merge(one.stream, two.stream, three.stream));
  await expect(reading).rejects.toThrow(TypeError);
  await expect(reading).rejects.toThrow(
    "Can't merge streams of different columns: in stream 2 column id is Float64 and not Int32, as in " +
      "stream 1. Select, rename or cast columns before, so that all have the same",
  );
  await settle();
  expect([one, two, three].map(({ cancelled }) => cancelled.length)).toEqual([1, 1, 1]);
});

test("columns in another order are other columns", async () => {
  const [batch] = numberedBatches([1]);
  const [id, text] = batch!.data.children;
  const turned = batchOf({ text: text!, id: id! });
  const reading = Array.fromAsync(
    merge(new CountedBatches([batch!]).stream, new CountedBatches([turned]).stream),
  );
  await expect(reading).rejects.toThrow(
    "in stream 2 the columns are text, id and not id, text, as in stream 1",
  );
});

test("a column that may have nulls goes with one that may not, unless it has some", async () => {
  const never = new Schema([new Field("n", new Int32(), false)]);
  const made = (schema: Schema, values: (number | null)[]) => {
    const { data } = batchOf({ n: vectorFromArray(values, new Int32()) });
    const batch = numberedBatch(0);
    return Object.assign(Object.create(Object.getPrototypeOf(batch)), batch, {
      schema,
      data,
    }) as RecordBatch;
  };
  const nullable = new Schema([new Field("n", new Int32(), true)]);
  const merged = (values: (number | null)[]) =>
    Array.fromAsync(
      merge(
        new CountedBatches([made(never, [1])]).stream,
        new CountedBatches([made(nullable, values)]).stream,
      ),
    );
  const [, second] = await merged([2]);
  expect(second!.schema).toBe(never);
  await expect(merged([null])).rejects.toThrow(
    "Can't merge streams: column n has nulls in stream 2, and may not have any in stream 1",
  );
});

test("cancelling cancels all streams with its reason, whatever they are at", async () => {
  const slow = new SlowBatches();
  const counted = range(0, 2).map(() => new CountedBatches(numberedBatches([1, 1, 1])));
  const reader = merge(slow.stream, ...counted.map(({ stream }) => stream)).getReader();
  await reader.read();
  await reader.cancel("enough");
  expect([slow.cancelled, ...counted.map(({ cancelled }) => cancelled)])
    .toEqual([["enough"], ["enough"], ["enough"]]);
});

test("a read that waits ends when it is cancelled", async () => {
  const slow = new SlowBatches();
  const reader = merge(slow.stream).getReader();
  const read = reader.read();
  await settle();
  await reader.cancel();
  expect((await read).done).toBe(true);
});

test("a batch that comes while it is cancelled is released", async () => {
  const [batch] = await Array.fromAsync(scanParquet(file, { limit: 10 }));
  const slow = new SlowBatches();
  const reader = merge(slow.stream).getReader();
  const read = reader.read();
  await settle();
  slow.give(batch!);
  await reader.cancel();
  const { done } = await read;
  await settle();
  expect([done, batch!.released]).toEqual([true, true]);
});

test("a stream that can't be cancelled doesn't keep the others from it", async () => {
  const error = new Error("stuck");
  const stuck = new ReadableStream<RecordBatch>({ cancel: () => Promise.reject(error) });
  const counted = new CountedBatches(numberedBatches([1]));
  await expect(merge(stuck, counted.stream).cancel("enough")).rejects.toBe(error);
  expect(counted.cancelled).toEqual(["enough"]);
});

test("an error of one stream is that of all, and cancels the others with it", async () => {
  const error = new Error("the disk is gone");
  const failing = new CountedBatches(numberedBatches([1]), { error });
  const slow = new SlowBatches();
  const reader = merge(failing.stream, slow.stream).getReader();
  await reader.read();
  await expect(reader.read()).rejects.toBe(error);
  expect(slow.cancelled).toEqual([error]);
});

test("an error that comes while nobody reads is told at once", async () => {
  const error = new Error("the disk is gone");
  const [one, two] = [0, 1].map(() => new CountedBatches(numberedBatches([1, 1])));
  const reader = merge(one!.stream, two!.stream).getReader();
  await reader.read();
  two!.fail(error);
  await expect(reader.closed).rejects.toBe(error);
  expect(one!.cancelled).toEqual([error]);
});

test("batches that nobody gets are released", async () => {
  for (const end of ["cancelled", "failed"]) {
    const before = await streamBytes();
    const batches = await Array.fromAsync(scanParquet(file, { batchSize: 1_000, limit: 3_000 }));
    const streams = batches.map((batch) => new CountedBatches([batch]));
    const reader = merge(...streams.map(({ stream }) => stream)).getReader();
    expect((await reader.read()).value).toBe(batches[0]);
    await settle();
    if (end === "cancelled") await reader.cancel();
    else streams[2]!.fail(new Error("the disk is gone"));
    await settle();
    await reader.closed.catch(() => {});
    expect(batches.map(({ released }) => released)).toEqual([false, true, true]);
    batches[0]!.release();
    expect(() => batches[1]!.getChild("id")).toThrow(BatchReleasedError);
    await expectStreamBytesBackTo(before);
  }
});

test("a merged scan that is left early gives all memory back", async () => {
  const before = await streamBytes();
  const scans = range(0, 3).map(() => scanParquet(file, { batchSize: 1_000, memoryLimit: "1MB" }));
  for await (using batch of merge(...scans)) {
    expect(batch.numRows).toBe(1_000);
    break;
  }
  await expectStreamBytesBackTo(before);
  for (const scan of scans) expect(scan.stats().rows).toBeLessThanOrEqual(1_000);
});

test("an abort of one scan ends the stream with its reason", async () => {
  const reason = new Error("too late");
  const abort = new AbortController();
  const scans = [scanParquet(file), scanParquet(file, { signal: abort.signal })];
  const reader = merge(...scans).getReader();
  (await reader.read()).value!.release();
  abort.abort(reason);
  await expect(reader.read()).rejects.toBe(reason);
  expect((await scans[0]!.explain()).rows).toBe(ROWS);
});

test("steps go on behind it, the schema is known before, and both branches of a tee have all", async () => {
  const merged = merge(...[0, 1].map(() => scanParquet(file, { columns: ["id"] })));
  expect((await merged.schema()).names).toEqual(["id"]);
  expect(merged.stats().batches).toBe(0);
  const [left, right] = merged.pipeThrough(where(col("id").lt(10))).tee();
  const count = async (stream: ReadableStream<SpillwayBatch>) =>
    idsOf(await Array.fromAsync(stream)).length;
  expect(await Promise.all([count(left), count(right.pipeThrough(limit(15)))])).toEqual([20, 15]);
});

test("collecting it gives a table that JavaScript owns", async () => {
  const before = await streamBytes();
  const table = await merge(...[0, 1].map(() => scanParquet(file, { columns: ["id"] }))).collect();
  expect(table.numRows).toBe(2 * ROWS);
  expect(MemoryManager.shared.currentUsage().streamBytes).toBe(before);
});

test("streams that can't be read are refused before any is locked", () => {
  const good = new CountedBatches([]).stream;
  const locked = new CountedBatches([]).stream;
  locked.getReader();
  expect(() => merge(good, locked)).toThrow("Can't merge stream 2: it is locked");
  expect(() => merge(good, good)).toThrow("Can't merge stream 2: it is stream 1 too");
  expect(() => merge(good, [] as unknown as typeof good)).toThrow(
    "Can't merge stream 2: it must be a ReadableStream, not an array",
  );
  expect(good.locked).toBe(false);
});
