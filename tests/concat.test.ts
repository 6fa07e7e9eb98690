import { expect } from "@std/expect";
import { Float64, Utf8, vectorFromArray } from "apache-arrow";
import {
  col,
  concat,
  limit,
  RecordBatchStream,
  scanParquet,
  tableToStream,
  UnknownColumnError,
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
import { evenSizes, expectSequences } from "./support/sequence.ts";
import { SlowBatches } from "./support/slow_batches.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

const file = fixture("sequence");
const ROWS = 100_000;

const streamsOf = (...sizes: number[][]) => {
  let first = 0;
  return sizes.map((some) =>
    new CountedBatches(some.map((rows) => numberedBatch(rows, (first += rows) - rows)))
  );
};

test("the batches of all streams come, one stream after another", async () => {
  const streams = streamsOf([1, 2], [], [0], [3], [4, 1]).map(({ stream }) => stream);
  const batches = await Array.fromAsync(concat(...streams));
  expect(batches.map(({ numRows }) => numRows)).toEqual([1, 2, 0, 3, 4, 1]);
  expect(idsOf(batches)).toEqual(range(0, 11));
});

test("scans are read one after another, and each opens its files then", async () => {
  const parts = [0, 30_000, 60_000].map((offset) =>
    scanParquet(file, { offset, limit: offset === 60_000 ? 40_000 : 30_000, batchSize: 30_000 })
  );
  const all = concat(...parts);
  expect(all).toBeInstanceOf(RecordBatchStream);
  const reader = all.getReader();
  (await reader.read()).value!.release();
  await settle();
  expect(parts.map((part) => part.stats().rowsPlanned > 0)).toEqual([true, false, false]);
  reader.releaseLock();
  expect(await expectSequences(all, 30_000)).toEqual([30_000, 30_000, 10_000]);
  expect(all.stats()).toMatchObject({ rows: ROWS, batches: 4 });
});

test("nothing is read without demand, nor before its turn", async () => {
  const counted = streamsOf([1, 1], [1, 1]);
  const reader = concat(...counted.map(({ stream }) => stream)).getReader();
  const pulled = () => counted.map(({ pulled }) => pulled);
  await settle();
  expect(pulled()).toEqual([0, 0]);
  for (const expected of [[1, 0], [2, 0], [3, 1], [3, 2], [3, 3]]) {
    await reader.read();
    await settle();
    expect(pulled()).toEqual(expected);
  }
});

test("one stream and none can be concatenated", async () => {
  const [one] = streamsOf([2, 3]);
  expect(idsOf(await Array.fromAsync(concat(one!.stream)))).toEqual(range(0, 5));
  expect(await Array.fromAsync(concat())).toEqual([]);
  expect((await concat().collect()).numCols).toBe(0);
});

test("a table and a scan go together, and the table keeps its batches", async () => {
  const table = await scanParquet(file, { limit: 40_000, batchSize: 20_000 }).collect();
  const all = concat(
    tableToStream(table),
    scanParquet(file, { offset: 40_000, batchSize: 20_000 }),
  );
  expect(await expectSequences(all)).toEqual(evenSizes(ROWS, 20_000));
  expect(table.getChild("text")!.get(39_999)).toBe("row 39999");
});

test("streams of other columns are an error that names the stream and the columns", async () => {
  const other = batchOf({
    id: vectorFromArray([1], new Float64()),
    text: vectorFromArray(["a"], new Utf8()),
  });
  const [one, three] = streamsOf([1], [1]);
  const two = new CountedBatches([other, other]);
  const reading = Array.fromAsync(concat(one!.stream, two.stream, three!.stream));
  await expect(reading).rejects.toThrow(TypeError);
  await expect(reading).rejects.toThrow(
    "Can't concat streams of different columns: in stream 2 column id is Float64 and not Int32, as in " +
      "stream 1",
  );
  await settle();
  expect([two.cancelled.length, three!.cancelled.length, three!.pulled]).toEqual([1, 1, 0]);
});

test("cancelling cancels the stream whose turn it is and those that follow", async () => {
  const counted = streamsOf([1], [1, 1], [1]);
  const reader = concat(...counted.map(({ stream }) => stream)).getReader();
  await reader.read();
  await reader.read();
  await reader.cancel("enough");
  expect(counted.map(({ cancelled }) => cancelled)).toEqual([[], ["enough"], ["enough"]]);
  expect(counted.map(({ pulled }) => pulled)).toEqual([2, 1, 0]);
});

test("an error of a stream in its turn ends it, and cancels those that follow", async () => {
  const error = new Error("the disk is gone");
  const failing = new CountedBatches(numberedBatches([1]), { error });
  const [next] = streamsOf([1]);
  const reader = concat(failing.stream, next!.stream).getReader();
  await reader.read();
  await expect(reader.read()).rejects.toBe(error);
  await settle();
  expect(next!.cancelled).toEqual([error]);
});

test("an error is told at once in a stream's turn, and in its turn otherwise", async () => {
  const error = new Error("the disk is gone");
  const [one, two] = streamsOf([1, 1], [1]);
  const reader = concat(one!.stream, two!.stream).getReader();
  await reader.read();
  two!.fail(error);
  await reader.read();
  await expect(reader.read()).rejects.toBe(error);

  const [three] = streamsOf([1, 1]);
  const closed = concat(three!.stream).getReader().closed;
  three!.fail(error);
  await expect(closed).rejects.toBe(error);
});

test("a scan that can't be opened fails in its turn", async () => {
  const ids = scanParquet(file, { columns: ["id"], batchSize: 50_000 });
  const reader = concat(ids, scanParquet(file, { columns: ["idd"] })).getReader();
  for (let read = 0; read < 2; read++) (await reader.read()).value!.release();
  await expect(reader.read()).rejects.toThrow(UnknownColumnError);
});

test("left early it gives all memory back", async () => {
  const before = await streamBytes();
  const scans = range(0, 2).map(() => scanParquet(file, { batchSize: 1_000, memoryLimit: "1MB" }));
  for await (using batch of concat(...scans)) {
    expect(batch.numRows).toBe(1_000);
    break;
  }
  await expectStreamBytesBackTo(before);
});

test("a batch that comes while it is cancelled is released", async () => {
  const [batch] = await Array.fromAsync(scanParquet(file, { limit: 10 }));
  const slow = new SlowBatches();
  const reader = concat(slow.stream).getReader();
  const read = reader.read();
  await settle();
  slow.give(batch!);
  await reader.cancel();
  const { done } = await read;
  await settle();
  expect([done, batch!.released]).toEqual([true, true]);
});

test("steps go on behind it, and the schema is the first stream's", async () => {
  const all = concat(...[0, 1].map(() => scanParquet(file, { columns: ["id", "text"] })));
  expect((await all.schema()).names).toEqual(["id", "text"]);
  const some = all.pipeThrough(where(col("id").ge(99_990))).pipeThrough(limit(15));
  expect(idsOf(await Array.fromAsync(some)).map(Number)).toEqual([
    ...range(99_990, 100_000),
    ...range(99_990, 99_995),
  ]);
});

test("streams that can't be read are refused", () => {
  const good = new CountedBatches([]).stream;
  expect(() => concat(good, good)).toThrow("Can't concat stream 2: it is stream 1 too");
  expect(good.locked).toBe(false);
});
