import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import {
  BatchReleasedError,
  col,
  MemoryManager,
  type PlainRow,
  scanParquet,
  type SpillwayBatch,
  tableToStream,
  toRows,
  where,
} from "spillway";
import { CountedBatches, numberedBatches, range, settle } from "./support/counted_batches.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

const file = fixture("sequence");

/** Both ways to ask for rows. */
const ways = {
  "as a transform": (stream: ReadableStream<RecordBatch>) => stream.pipeThrough(toRows()),
  "of a stream": (stream: ReadableStream<RecordBatch>) => toRows(stream),
} satisfies Record<string, (stream: ReadableStream<RecordBatch>) => ReadableStream<PlainRow>>;

/** Batches of a scan, one by one, of which it is known what became of them. */
async function scanned(rows: number, batchSize: number): Promise<SpillwayBatch[]> {
  return await Array.fromAsync(scanParquet(file, { limit: rows, batchSize }));
}

const bytesNow = () => MemoryManager.shared.currentUsage().streamBytes;

for (const [how, rowsOf] of Object.entries(ways)) {
  test(`rows are those of the batches, in order, ${how}`, async () => {
    for (const sizes of [[], [0], [1], [0, 2, 0, 1], [3, 3]]) {
      const rows = await Array.fromAsync(rowsOf(new CountedBatches(numberedBatches(sizes)).stream));
      expect(rows).toEqual(
        range(0, sizes.reduce((sum, size) => sum + size, 0)).map((id) => ({
          id,
          text: id % 5 === 0 ? null : `row ${id}`,
        })),
      );
    }
  });

  test(`values are those of a stream's rows(), ${how}`, async () => {
    const scan = () => scanParquet(file, { limit: 250, batchSize: 100 });
    const expected = await Array.fromAsync(scan().rows());
    expect(await Array.fromAsync(rowsOf(scan()))).toEqual(expected);
    expect(expected[7]!["point"]).toEqual({ x: 7, in: { word: "w7" } });
  });

  test(`a batch is released with its last row, and not before, ${how}`, async () => {
    const before = await streamBytes();
    const batches = await scanned(20, 10);
    const reader = rowsOf(new CountedBatches(batches).stream).getReader();
    for (let row = 0; row < 9; row++) await reader.read();
    expect(batches.map(({ released }) => released)).toEqual([false, false]);
    const { value } = await reader.read();
    expect(batches.map(({ released }) => released)).toEqual([true, false]);
    expect(value!["text"]).toBe("row 9");
    for (let row = 0; row < 10; row++) await reader.read();
    expect(batches.map(({ released }) => released)).toEqual([true, true]);
    expect(bytesNow()).toBe(before);
    expect((await reader.read()).done).toBe(true);
  });

  test(`nothing is read before it is asked for, ${how}`, async () => {
    const counted = new CountedBatches(numberedBatches([3, 3, 3]));
    const ahead = how === "of a stream" ? 0 : 1;
    const reader = rowsOf(counted.stream).getReader();
    await settle();
    expect(counted.pulled).toBeLessThanOrEqual(ahead);
    for (let row = 0; row < 3; row++) await reader.read();
    await settle();
    expect(counted.pulled).toBeLessThanOrEqual(1 + ahead);
    await reader.read();
    await settle();
    expect(counted.pulled).toBeLessThanOrEqual(2 + ahead);
  });

  test(`nothing is converted before it is asked for, ${how}`, async () => {
    const [batch] = await scanned(10, 10);
    const reader = rowsOf(new CountedBatches([batch!]).stream).getReader();
    await reader.read();
    await settle();
    batch!.release();
    // Only this row finds out.
    await expect(reader.read()).rejects.toThrow(BatchReleasedError);
  });

  test(`cancelling releases the batch and reaches the source, ${how}`, async () => {
    const before = await streamBytes();
    const batches = await scanned(20, 10);
    const counted = new CountedBatches(batches);
    const reader = rowsOf(counted.stream).getReader();
    await reader.read();
    await reader.cancel("enough");
    expect(counted.cancelled).toEqual(["enough"]);
    expect(batches[0]!.released).toBe(true);
    batches[1]!.release();
    await expectStreamBytesBackTo(before);
  });

  test(`leaving a loop early gives all memory of a scan back, ${how}`, async () => {
    const before = await streamBytes();
    const scan = scanParquet(file, { batchSize: 1_000, memoryLimit: "1MB" });
    let rows = 0;
    for await (const _ of rowsOf(scan)) if (++rows === 1_500) break;
    await expectStreamBytesBackTo(before);
    expect(scan.stats().rows).toBeLessThanOrEqual(4_000);
  });

  test(`an error of the source comes untouched, ${how}`, async () => {
    const error = new Error("the disk is gone");
    const { stream } = new CountedBatches(numberedBatches([2]), { error });
    const rows: PlainRow[] = [];
    const reading = (async () => {
      for await (const row of rowsOf(stream)) rows.push(row);
    })();
    await expect(reading).rejects.toBe(error);
    expect(rows.length).toBe(2);
  });

  test(`a batch that was released before is an error, and the source is cancelled, ${how}`, async () => {
    const batches = await scanned(50, 10);
    batches[0]!.release();
    const counted = new CountedBatches(batches);
    await expect(Array.fromAsync(rowsOf(counted.stream))).rejects.toThrow(BatchReleasedError);
    await settle();
    expect(counted.cancelled.length).toBe(1);
    expect(counted.cancelled[0]).toBeInstanceOf(BatchReleasedError);
    for (const batch of batches) batch.release();
  });

  test(`a table keeps its batches, ${how}`, async () => {
    const table = await scanParquet(file, { limit: 100, batchSize: 40 }).collect();
    for (let round = 0; round < 2; round++) {
      const rows = await Array.fromAsync(rowsOf(tableToStream(table)));
      expect(rows.map(({ text }) => text)).toEqual(range(0, 100).map((row) => `row ${row}`));
    }
  });

  test(`timers have their turn while rows come without waiting, ${how}`, async () => {
    const counted = new CountedBatches(numberedBatches([100_000]));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for await (const _ of rowsOf(counted.stream)) if (turns > 1) break;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
}

test("it ends a chain of this library's transforms", async () => {
  const rows = scanParquet(file).pipeThrough(where(col("id").between(998, 1_001)))
    .pipeThrough(toRows());
  expect((await Array.fromAsync(rows)).map(({ text }) => text))
    .toEqual(["row 998", "row 999", "row 1000", "row 1001"]);
});

test("an error that comes while nobody reads is told at once, and the batch released", async () => {
  const error = new Error("the disk is gone");
  const [batch] = await scanned(10, 10);
  const counted = new CountedBatches([batch!]);
  const reader = toRows(counted.stream).getReader();
  await reader.read();
  counted.fail(error);
  await expect(reader.closed).rejects.toBe(error);
  expect(batch!.released).toBe(true);
});

test("batches of a tee aren't released: the other branch has them too", async () => {
  const [left, right] = scanParquet(file, { limit: 30, batchSize: 10 }).tee();
  const [one, two] = await Promise.all(
    [left, right].map((branch) => Array.fromAsync(toRows(branch))),
  );
  expect(one!.length).toBe(30);
  expect(one).toEqual(two);
});

test("a locked stream is an error", () => {
  const { stream } = new CountedBatches([]);
  stream.getReader();
  expect(() => toRows(stream)).toThrow(TypeError);
});
