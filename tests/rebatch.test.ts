import { expect } from "@std/expect";
import { Float64, Int32, type RecordBatch, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import process from "node:process";
import {
  BatchReleasedError,
  col,
  limit,
  MemoryManager,
  rebatch,
  type RecordBatchStream,
  scanParquet,
  type SpillwayBatch,
  tableToStream,
  where,
} from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
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
import { evenSizes, expectSequence, expectSequences, sum } from "./support/sequence.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

/** Set to what a failed run printed, it makes the same batches again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** 100,000 rows in row groups of 10,000. */
const file = fixture("sequence");
const ROWS = 100_000;

function rebatched(sizes: readonly number[], rows: number): ReadableStream<SpillwayBatch> {
  return new CountedBatches(numberedBatches(sizes)).stream.pipeThrough(rebatch(rows));
}

/** What streams hold at this moment, by no collector's grace. */
const bytesNow = () => MemoryManager.shared.currentUsage().streamBytes;

const sizesOf = (batches: readonly RecordBatch[]) => batches.map(({ numRows }) => numRows);

test(`every batch but the last has the rows asked for, and none is lost (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40), { maxLength: 12 }),
      fc.integer({ min: 1, max: 50 }),
      async (sizes, rows) => {
        const batches = await Array.fromAsync(rebatched(sizes, rows));
        expect(sizesOf(batches)).toEqual(evenSizes(sum(sizes), rows));
        expect(columnsOf(batches)).toEqual(
          columnsOf(numberedBatches(sizes).filter((b) => b.numRows)),
        );
        for (const [at, { schema }] of batches.entries()) {
          if (at > 0) expect(schema).toBe(batches[0]!.schema);
        }
      },
    ),
    { seed, numRuns: 200 },
  );
});

for (
  const [sizes, rows, expected] of [
    [[], 5, []],
    [[0], 5, []],
    [[0, 0, 1, 0], 5, [1]],
    [[5], 5, [5]],
    [[5, 5], 5, [5, 5]],
    [[10], 5, [5, 5]],
    [[11], 5, [5, 5, 1]],
    [[4, 1, 5], 5, [5, 5]],
    [[1, 1, 1], 1, [1, 1, 1]],
    [[2, 3], 1, [1, 1, 1, 1, 1]],
    [[3, 4], 100, [7]],
  ] as const
) {
  test(`batches of [${sizes}] rows become batches of [${expected}]`, async () => {
    const batches = await Array.fromAsync(rebatched(sizes, rows));
    expect(sizesOf(batches)).toEqual([...expected]);
    expect(idsOf(batches)).toEqual(range(0, sum(sizes)));
  });
}

test("a batch of the right size goes through as it is", async () => {
  const scan = scanParquet(file, { batchSize: 10_000 });
  const before: SpillwayBatch[] = [];
  const seen = scan.pipeThrough(
    new TransformStream<SpillwayBatch, SpillwayBatch>({
      transform(batch, controller) {
        before.push(batch);
        controller.enqueue(batch);
      },
    }),
  );
  const after = await Array.fromAsync(seen.pipeThrough(rebatch(10_000)));
  expect(after.every((batch, at) => batch === before[at])).toBe(true);
  expect(after.length).toBe(10);
  for (const batch of after) batch.release();
});

test("parts of a larger batch are views of its memory", async () => {
  const before = await streamBytes();
  const scan = scanParquet(file, { batchSize: 10_000, columns: ["id"], limit: 10_000 });
  const parts = await Array.fromAsync(scan.pipeThrough(rebatch(2_500)));
  expect(sizesOf(parts)).toEqual([2_500, 2_500, 2_500, 2_500]);
  expect(parts.map(({ firstRow }) => firstRow)).toEqual([0, 2_500, 5_000, 7_500]);
  expect(parts.map(({ zeroCopy }) => zeroCopy)).toEqual([true, true, true, true]);
  const buffers = new Set(parts.map(({ data }) => data.children[0]!.values.buffer));
  expect(buffers.size).toBe(1);
  expect(sum(parts.map(({ byteLength }) => byteLength))).toBe(scan.stats().bytes);
  // Each can be read until it is released itself, and the last one frees the memory.
  for (const [at, part] of parts.entries()) {
    expect(bytesNow()).toBeGreaterThan(before);
    expectSequence(part, 2_500 * at);
    part.release();
    expect(() => part.getChild("id")).toThrow(BatchReleasedError);
  }
  expect(bytesNow()).toBe(before);
});

test("joined batches are copies, and what they were made of is released", async () => {
  const before = await streamBytes();
  const scan = scanParquet(file, { batchSize: 1_000, columns: ["id", "text"], limit: 9_000 });
  const joined: SpillwayBatch[] = [];
  for await (const batch of scan.pipeThrough(rebatch(2_500))) joined.push(batch);
  expect(sizesOf(joined)).toEqual([2_500, 2_500, 2_500, 1_500]);
  expect(joined.map(({ firstRow }) => firstRow)).toEqual([0, 2_500, 5_000, 7_500]);
  expect(joined.every(({ zeroCopy }) => !zeroCopy)).toBe(true);
  expect(bytesNow()).toBe(before);
  joined.forEach((batch, at) => expectSequence(batch, 2_500 * at));
  joined[0]!.release();
  expect(() => joined[0]!.getChild("id")).toThrow(BatchReleasedError);
  expectSequence(joined[1]!, 2_500);
});

test("all columns of a scan survive being cut and joined", async () => {
  for (const rows of [333, 7_000, 25_000]) {
    const before = await streamBytes();
    const scan = scanParquet(file, { batchSize: 3_000 });
    const sizes = await expectSequences(scan.pipeThrough(rebatch(rows)));
    expect(sizes).toEqual(evenSizes(ROWS, rows));
    expect(bytesNow()).toBe(before);
  }
});

test("what a rebatched scan holds stays small, however much goes through", async () => {
  const scan = scanParquet(file, { batchSize: 1_000, columns: ["id", "text"], memoryLimit: "2MB" });
  let most = 0;
  let rows = 0;
  for await (using batch of scan.pipeThrough(rebatch(2_500))) {
    rows += batch.numRows;
    most = Math.max(most, scan.stats().heldBytes);
  }
  expect(rows).toBe(ROWS);
  // The rows of two batches held back, the one that is being cut, and one that the pipe reads ahead.
  expect(most).toBeLessThanOrEqual(4 * scan.stats().bytes / (ROWS / 1_000));
});

test("rows that the memory limit has no room for are held all the same", async () => {
  const scan = scanParquet(file, { memoryLimit: "300KB" });
  const sizes = await expectSequences(scan.pipeThrough(rebatch(60_000)));
  expect(sizes).toEqual([60_000, 40_000]);
  expect(scan.stats().peakBytes).toBeLessThanOrEqual(300_000);
});

test("a table keeps its batches, whoever releases the parts", async () => {
  const table = await scanParquet(file, { batchSize: 4_000, columns: ["id"] }).collect();
  for (const rows of [1_500, 4_000, 9_000]) {
    const sizes = await expectSequences(
      tableToStream(table).pipeThrough(rebatch(rows)) as RecordBatchStream,
    );
    expect(sizes).toEqual(evenSizes(ROWS, rows));
  }
  expect(table.getChild("id")!.length).toBe(ROWS);
  expect(Number(table.getChild("id")!.get(ROWS - 1))).toBe(ROWS - 1);
});

test("both branches of a tee can be rebatched", async () => {
  const branches = scanParquet(file, { batchSize: 4_000 }).pipeThrough(rebatch(3_000)).tee();
  const [small, large] = await Promise.all([
    Array.fromAsync(branches[0].pipeThrough(rebatch(1_000))),
    Array.fromAsync(branches[1].pipeThrough(rebatch(7_000))),
  ]);
  expect(sizesOf(small)).toEqual(evenSizes(ROWS, 1_000));
  expect(sizesOf(large)).toEqual(evenSizes(ROWS, 7_000));
  small.forEach((batch, at) => expectSequence(batch, 1_000 * at));
  large.forEach((batch, at) => expectSequence(batch, 7_000 * at));
});

test("steps of this library go on behind it, and the schema is known before", async () => {
  const stream = scanParquet(file, { batchSize: 4_000, columns: ["id", "text"] })
    .pipeThrough(rebatch(1_500));
  expect(stream.planned).toBe(false);
  expect((await stream.schema()).names).toEqual(["id", "text"]);
  await expect(stream.explain()).rejects.toThrow(
    "Can't explain what it reads: this stream isn't a scan's",
  );
  const even = stream.pipeThrough(where(col("id").mod(2).eq(0))).pipeThrough(limit(1_000));
  const ids: number[] = [];
  for await (using batch of even) ids.push(...Array.from(batch.getChild("id")!, Number));
  expect(ids).toEqual(Array.from({ length: 1_000 }, (_, at) => 2 * at));
  // Two batches have these rows; the pipe may take one ahead.
  const { batches } = stream.stats();
  expect([2, 3]).toContain(batches);
});

test("a collected stream is in memory that JavaScript owns", async () => {
  const before = await streamBytes();
  const scan = scanParquet(file, { batchSize: 10_000, columns: ["id", "text"] });
  const table = await scan.pipeThrough(rebatch(4_000)).collect();
  expect(table.batches.map(({ numRows }) => numRows)).toEqual(evenSizes(ROWS, 4_000));
  expect(table.batches.every((batch) => !(batch as SpillwayBatch).zeroCopy)).toBe(true);
  expect(bytesNow()).toBe(before);
  table.batches.forEach((batch, at) => expectSequence(batch, 4_000 * at));
  // Each copy has the bytes of its own rows, not of the batch that it was cut from.
  const texts = table.batches.map(({ data }) => data.children[1]!.values.length);
  expect(Math.max(...texts)).toBeLessThan(4_000 * 10 + 1);
});

test("nothing is read beyond what is asked for and what the pipe takes ahead", async () => {
  const counted = new CountedBatches(numberedBatches(new Array(20).fill(10)));
  const reader = counted.stream.pipeThrough(rebatch(25)).getReader();
  await settle();
  expect(counted.pulled).toBeLessThanOrEqual(1);
  expect((await reader.read()).value!.numRows).toBe(25);
  await settle();
  expect(counted.pulled).toBeLessThanOrEqual(4);
  // Five rows are left of the third batch.
  expect((await reader.read()).value!.numRows).toBe(25);
  await settle();
  expect(counted.pulled).toBeLessThanOrEqual(6);
});

test("a large batch is cut on demand: nothing more is read before it is used up", async () => {
  const counted = new CountedBatches(numberedBatches([100, 100, 100]));
  const reader = counted.stream.pipeThrough(rebatch(10)).getReader();
  for (let part = 0; part < 10; part++) {
    expect(idsOf([(await reader.read()).value!])).toEqual(range(10 * part, 10 * part + 10));
  }
  await settle();
  expect(counted.pulled).toBeLessThanOrEqual(2);
  await reader.cancel("enough");
  expect(counted.cancelled).toEqual(["enough"]);
});

test("cancelling in the middle gives all memory back", async () => {
  for (
    const [batchSize, rows, batches] of [[1_000, 2_500, 0], [1_000, 2_500, 2], [9_000, 2_000, 3]]
  ) {
    const before = await streamBytes();
    const scan = scanParquet(file, { batchSize: batchSize!, columns: ["id", "text"] });
    const reader = scan.pipeThrough(rebatch(rows!)).getReader();
    for (let read = 0; read < batches!; read++) (await reader.read()).value!.release();
    await reader.cancel("enough");
    await expectStreamBytesBackTo(before);
  }
});

test("cancelling releases the batch that is being cut, and leaves its parts alone", async () => {
  const before = await streamBytes();
  const batches = await Array.fromAsync(scanParquet(file, { limit: 100, columns: ["id"] }));
  const reader = new CountedBatches(batches).stream.pipeThrough(rebatch(10)).getReader();
  const { value: part } = await reader.read();
  await reader.cancel();
  expect(batches.map(({ released }) => released)).toEqual([true]);
  expectSequence(part!, 0);
  expect(bytesNow()).toBeGreaterThan(before);
  part!.release();
  expect(bytesNow()).toBe(before);
});

test("an error of the source reaches the consumer, and the rows held back are released", async () => {
  const error = new Error("the disk is gone");
  const before = await streamBytes();
  const batches = await Array.fromAsync(scanParquet(file, { batchSize: 1_000, limit: 3_000 }));
  const counted = new CountedBatches(batches, { error });
  const reader = counted.stream.pipeThrough(rebatch(10_000)).getReader();
  await expect(reader.read()).rejects.toBe(error);
  await settle();
  expect(batches.map(({ released }) => released)).toEqual([true, true, true]);
  await expectStreamBytesBackTo(before);
});

test("an error in the consumer reaches the source", async () => {
  const counted = new CountedBatches(numberedBatches([10, 10, 10]));
  const reason = new Error("the disk is full");
  const sink = new WritableStream<SpillwayBatch>({
    write() {
      throw reason;
    },
  });
  await expect(counted.stream.pipeThrough(rebatch(4)).pipeTo(sink)).rejects.toBe(reason);
  expect(counted.cancelled).toEqual([reason]);
});

test("an abort ends it with its reason", async () => {
  const reason = new Error("too late");
  const abort = new AbortController();
  const scan = scanParquet(file, { batchSize: 1_000, signal: abort.signal });
  const reader = scan.pipeThrough(rebatch(1_500)).getReader();
  (await reader.read()).value!.release();
  abort.abort(reason);
  // What was ready may still come.
  const readOn = async () => {
    while (!(await reader.read()).done);
  };
  await expect(readOn()).rejects.toBe(reason);
  expect(scan.stats().rows).toBeLessThan(ROWS / 2);
});

test("batches of other columns are an error that names the batch and the columns", async () => {
  const other = batchOf({
    id: vectorFromArray([1, 2], new Float64()),
    more: vectorFromArray([1, 2], new Int32()),
  });
  const counted = new CountedBatches([numberedBatch(10), ...new Array(5).fill(other)]);
  const reading = Array.fromAsync(counted.stream.pipeThrough(rebatch(6)));
  await expect(reading).rejects.toThrow(TypeError);
  await expect(reading).rejects.toThrow(
    "Can't join batches of different columns: in batch 1 column id is Float64 and not Int32, column " +
      "text is missing, column more is additional, as in batch 0",
  );
  await settle();
  expect(counted.cancelled.length).toBe(1);
});

test("a batch that was released before is an error", async () => {
  const [batch] = await Array.fromAsync(scanParquet(file, { limit: 10 }));
  batch!.release();
  const reading = Array.fromAsync(new CountedBatches([batch!]).stream.pipeThrough(rebatch(4)));
  await expect(reading).rejects.toThrow(BatchReleasedError);
});

test("sizes that are no whole number from 1 are refused", () => {
  for (const rows of [0, -1, 1.5, NaN, Infinity, "10" as unknown as number]) {
    expect(() => rebatch(rows)).toThrow(RangeError);
  }
  expect(() => rebatch(0)).toThrow("rebatch must be a whole number of rows from 1, not 0");
});
