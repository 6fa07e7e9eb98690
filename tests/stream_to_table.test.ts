import { expect } from "@std/expect";
import { Int32, vectorFromArray } from "apache-arrow";
import {
  limit,
  MemoryLimitError,
  MemoryManager,
  scanParquet,
  type SpillwayBatch,
  streamToTable,
  tableToStream,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { CountedBatches, numberedBatches, range } from "./support/counted_batches.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { evenSizes, expectSequence } from "./support/sequence.ts";
import { streamBytes } from "./support/stream_bytes.ts";

const file = fixture("sequence");
const ROWS = 100_000;

const through = (stream: ReadableStream<SpillwayBatch>) =>
  stream.pipeThrough(new TransformStream<SpillwayBatch, SpillwayBatch>());

test("the batches of any stream become a table, in order", async () => {
  for (const sizes of [[1], [2, 3], [0, 4, 0]]) {
    const table = await streamToTable(new CountedBatches(numberedBatches(sizes)).stream);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual(sizes);
    expect(Array.from(table.getChild("id")!)).toEqual(range(0, table.numRows));
    expect(table.getChild("text")!.get(table.numRows - 1)).toBe(
      table.numRows === 1 ? null : `row ${table.numRows - 1}`,
    );
  }
});

test("a scan's batches are copied, and all its memory is given back", async () => {
  for (const how of [through, (stream: ReadableStream<SpillwayBatch>) => stream]) {
    const before = await streamBytes();
    const scan = scanParquet(file, { batchSize: 30_000, memoryLimit: "4MB" });
    const table = await streamToTable(how(scan));
    expect(MemoryManager.shared.currentUsage().streamBytes).toBe(before);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual(evenSizes(ROWS, 30_000));
    table.batches.forEach((batch, at) => expectSequence(batch, 30_000 * at));
  }
});

test("a stream without batches becomes a table without rows", async () => {
  const none = await streamToTable(new CountedBatches([]).stream);
  expect([none.numRows, none.numCols]).toEqual([0, 0]);
  const scan = await streamToTable(scanParquet(file, { limit: 0, columns: ["id"] }));
  expect([scan.numRows, scan.schema.names]).toEqual([0, ["id"]]);
});

test("a table that was streamed is the same table again", async () => {
  const table = await scanParquet(file, { batchSize: 30_000, columns: ["id", "text"] }).collect();
  const again = await streamToTable(tableToStream(table));
  expect(again.schema).toBe(table.schema);
  again.batches.forEach((batch, at) => expectSequence(batch, 30_000 * at));
  const some = await streamToTable(tableToStream(table).pipeThrough(limit(40_000)));
  expect(some.numRows).toBe(40_000);
  table.batches.forEach((batch, at) => expectSequence(batch, 30_000 * at));
});

test("more than maxBytes is an error, and the stream is cancelled", async () => {
  const counted = new CountedBatches(numberedBatches([100, 100, 100, 100]));
  const reading = streamToTable(counted.stream, { maxBytes: 2_500 });
  await expect(reading).rejects.toThrow(MemoryLimitError);
  await expect(reading).rejects.toThrow("Can't collect a stream: its rows take over");
  expect(counted.pulled).toBeLessThan(4);
  expect(counted.cancelled.length).toBe(1);

  const before = await streamBytes();
  const scan = scanParquet(file, { batchSize: 1_000 });
  await expect(streamToTable(through(scan), { maxBytes: "100KB" })).rejects.toThrow(
    MemoryLimitError,
  );
  expect(await streamBytes()).toBeLessThanOrEqual(before);
  expect(scan.stats().rows).toBeLessThan(ROWS / 2);
});

test("a wrong maxBytes is told before anything is read", async () => {
  const counted = new CountedBatches(numberedBatches([1]));
  await expect(streamToTable(counted.stream, { maxBytes: "much" })).rejects.toThrow(TypeError);
  expect(counted.pulled).toBe(0);
});

test("an error of the stream goes through untouched", async () => {
  const error = new Error("the disk is gone");
  const { stream } = new CountedBatches(numberedBatches([1, 1]), { error });
  await expect(streamToTable(stream)).rejects.toBe(error);
});

test("batches of different columns make no table", async () => {
  const other = batchOf({ n: vectorFromArray([1], new Int32()) });
  const { stream } = new CountedBatches([...numberedBatches([1]), other]);
  await expect(streamToTable(stream)).rejects.toThrow(TypeError);
});

test("a locked stream is an error", async () => {
  const { stream } = new CountedBatches([]);
  stream.getReader();
  await expect(streamToTable(stream)).rejects.toThrow(TypeError);
});
