import { expect } from "@std/expect";
import { Schema } from "apache-arrow";
import {
  col,
  MemoryManager,
  type RecordBatchStream,
  scanParquet,
  select,
  type SpillwayBatch,
  tap,
  where,
} from "spillway";
import {
  CountedBatches,
  idsOf,
  numberedBatches,
  range,
  settle,
} from "./support/counted_batches.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { expectSequences, sum } from "./support/sequence.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

const file = fixture("sequence");
const ROWS = 100_000;

test("each batch is shown with its place, and goes on as the same object", async () => {
  const seen: [SpillwayBatch, number][] = [];
  const scan = scanParquet(file, { batchSize: 30_000 });
  const given = await Array.fromAsync(scan.pipeThrough(tap((batch, at) => seen.push([batch, at]))));
  expect(seen.map(([, at]) => at)).toEqual([0, 1, 2, 3]);
  expect(seen.map(([batch]) => batch.numRows)).toEqual([30_000, 30_000, 30_000, 10_000]);
  expect(given.every((batch, at) => batch === seen[at]![0])).toBe(true);
});

test("batches of apache-arrow's are shown as this library's", async () => {
  const seen: SpillwayBatch[] = [];
  const { stream } = new CountedBatches(numberedBatches([2, 0, 1]));
  const given = await Array.fromAsync(stream.pipeThrough(tap((batch) => seen.push(batch))));
  expect(idsOf(given)).toEqual([0, 1, 2]);
  expect(given.map(({ numRows }) => numRows)).toEqual([2, 0, 1]);
  expect(seen.map(({ released }) => released)).toEqual([false, false, false]);
  expect(seen.every((batch, at) => batch === given[at])).toBe(true);
});

test("a stream without batches shows nothing", async () => {
  let calls = 0;
  const stream = scanParquet(file, { limit: 0 }).pipeThrough(tap(() => calls++));
  expect((await stream.collect()).schema.names.length).toBe(7);
  expect(calls).toBe(0);
});

test("a promise is awaited before the batch goes on", async () => {
  const counted = new CountedBatches(numberedBatches([1, 1, 1, 1, 1]));
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const log: string[] = [];
  const stream = counted.stream.pipeThrough(tap(async (_, at) => {
    log.push(`shown ${at}`);
    if (at === 0) await gate;
    log.push(`done ${at}`);
  }));
  const reader = stream.getReader();
  const first = reader.read().then(() => log.push("given 0"));
  await settle();
  expect(log).toEqual(["shown 0"]);
  // One for the function, and one that the pipe takes ahead.
  expect(counted.pulled).toBeLessThanOrEqual(2);
  open();
  await first;
  await reader.read();
  expect(log).toEqual(["shown 0", "done 0", "given 0", "shown 1", "done 1"]);
});

test("nothing is shown before it is asked for", async () => {
  let shown = 0;
  const counted = new CountedBatches(numberedBatches([1, 1, 1]));
  const reader = counted.stream.pipeThrough(tap(() => shown++)).getReader();
  await settle();
  expect([shown, counted.pulled <= 1]).toEqual([0, true]);
  await reader.read();
  await settle();
  expect([shown, counted.pulled <= 2]).toEqual([1, true]);
});

for (
  const [how, fail] of [
    ["throws", (error: Error) => {
      throw error;
    }],
    ["rejects", (error: Error) => Promise.reject(error)],
  ] as const
) {
  test(`a function that ${how} ends the stream with that, and the source is cancelled`, async () => {
    const error = new Error("no more");
    const counted = new CountedBatches(numberedBatches(new Array(9).fill(3)));
    const reader = counted.stream.pipeThrough(tap((_, at) => at < 2 || fail(error))).getReader();
    expect(idsOf([(await reader.read()).value!])).toEqual([0, 1, 2]);
    expect(idsOf([(await reader.read()).value!])).toEqual([3, 4, 5]);
    await expect(reader.read()).rejects.toBe(error);
    await settle();
    expect(counted.cancelled).toEqual([error]);
    expect(counted.pulled).toBeLessThanOrEqual(4);
  });
}

test("a batch that the function fails on is released", async () => {
  const before = await streamBytes();
  let failedOn: SpillwayBatch | undefined;
  const stream = scanParquet(file, { batchSize: 1_000 }).pipeThrough(tap((batch) => {
    failedOn = batch;
    throw new Error("no more");
  }));
  await expect(Array.fromAsync(stream)).rejects.toThrow("no more");
  expect(failedOn!.released).toBe(true);
  await expectStreamBytesBackTo(before);
});

test("a batch that is shown while the stream is cancelled is released", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let shown: SpillwayBatch | undefined;
  const stream = scanParquet(file, { batchSize: 1_000 }).pipeThrough(tap((batch) => {
    shown = batch;
    return gate;
  }));
  const reader = stream.getReader();
  const read = reader.read();
  while (shown === undefined) await settle();
  await reader.cancel();
  open();
  expect((await read).done).toBe(true);
  await settle();
  expect(shown.released).toBe(true);
});

test("cancelling behind it reaches the source with its reason", async () => {
  const counted = new CountedBatches(numberedBatches([1, 1, 1]));
  const reader = counted.stream.pipeThrough(tap(() => {})).getReader();
  await reader.read();
  await reader.cancel("enough");
  expect(counted.cancelled).toEqual(["enough"]);
});

test("an error of the source goes through untouched", async () => {
  const error = new Error("the disk is gone");
  const { stream } = new CountedBatches(numberedBatches([1]), { error });
  const reading = Array.fromAsync(stream.pipeThrough(tap(() => {})));
  await expect(reading).rejects.toBe(error);
});

test("steps behind it see what it showed, and tell the schema and their own counts", async () => {
  let rows = 0;
  const scan = scanParquet(file, { batchSize: 10_000, columns: ["id", "text"] });
  const tapped = scan.pipeThrough(tap((batch) => rows += batch.numRows));
  const odd = tapped.pipeThrough(where(col("id").mod(2).eq(1))).pipeThrough(select("id"));
  expect((await tapped.schema()).names).toEqual(["id", "text"]);
  expect([scan, tapped, odd].map(({ planned }) => planned)).toEqual([true, false, false]);
  expect(await odd.count()).toBe(ROWS / 2);
  expect(rows).toBe(ROWS);
  expect(tapped.stats()).toMatchObject({ rows: ROWS, batches: 10 });
  expect(odd.stats()).toMatchObject({ rows: ROWS / 2, batches: 10 });
});

test("steps before it are still part of the scan", async () => {
  let rows = 0;
  const scan = scanParquet(file).pipeThrough(where(col("id").ge(95_000)));
  const stream = scan.pipeThrough(tap((batch) => rows += batch.numRows));
  expect(sum(await expectSequences(stream, 95_000))).toBe(5_000);
  expect(rows).toBe(5_000);
  expect((await scan.explain()).rows).toBeLessThan(ROWS / 2);
});

test("both branches of a tee behind it get the batches", async () => {
  const [left, right] = scanParquet(file, { batchSize: 20_000, columns: ["id"] })
    .pipeThrough(tap(() => {})).tee();
  const kept = async (branch: ReadableStream<SpillwayBatch>, rest: number) => {
    let rows = 0;
    const some = branch.pipeThrough(where(col("id").mod(3).eq(rest))) as RecordBatchStream;
    for await (using batch of some) rows += batch.numRows;
    return rows;
  };
  expect(await Promise.all([kept(left, 0), kept(right, 1)])).toEqual([33_334, 33_333]);
});

test("a collected stream is in memory that JavaScript owns", async () => {
  const before = await streamBytes();
  const table = await scanParquet(file, { columns: ["id"] }).pipeThrough(tap(() => {})).collect();
  expect(MemoryManager.shared.currentUsage().streamBytes).toBe(before);
  expect(Array.from(table.getChild("id")!, Number)).toEqual(range(0, ROWS));
});

test("the schema of batches from elsewhere is known once one has come", async () => {
  const tapped = new CountedBatches(numberedBatches([1, 1])).stream
    .pipeThrough(tap(() => {})) as RecordBatchStream;
  await expect(tapped.schema()).rejects.toThrow("Can't tell the schema before a batch came");
  await tapped.getReader().read();
  expect(await tapped.schema()).toBeInstanceOf(Schema);
});

test("what is no function is refused", () => {
  expect(() => tap(undefined as unknown as () => void)).toThrow(TypeError);
});
