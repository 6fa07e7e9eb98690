import { expect } from "@std/expect";
import { progress, scanParquet, type SpillwayBatch, type StreamProgress } from "spillway";
import { ProgressClock } from "../src/scan/progress_clock.ts";
import {
  CountedBatches,
  idsOf,
  numberedBatches,
  range,
  settle,
} from "./support/counted_batches.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";

const counts = ({ rows, batches, done }: StreamProgress) => ({ rows, batches, done });

test("a clock says at once, and then once in each interval, that a report is due", () => {
  const clock = new ProgressClock(1_000, 50);
  const due = [1_000, 1_001, 1_049, 1_050, 1_099, 1_180, 1_229, 1_230];
  expect(due.filter((now) => clock.isDue(now))).toEqual([1_000, 1_050, 1_180, 1_230]);
  const usual = new ProgressClock(0);
  expect([0, 99, 100].filter((now) => usual.isDue(now))).toEqual([0, 100]);
  const always = new ProgressClock(0, 0);
  expect([5, 5].filter((now) => always.isDue(now))).toEqual([5, 5]);
});

test("a clock counts from its start", () => {
  const clock = new ProgressClock(1_000);
  expect(clock.pace(300, 9_000, 1_500)).toEqual({
    elapsedMs: 500,
    rowsPerSecond: 600,
    bytesPerSecond: 18_000,
  });
  expect(clock.pace(1, 1, 1_000)).toEqual({ elapsedMs: 0, rowsPerSecond: 0, bytesPerSecond: 0 });
});

test("every batch is told where no time has to pass between reports, and then the end", async () => {
  const told: StreamProgress[] = [];
  const { stream } = new CountedBatches(numberedBatches([3, 0, 4]));
  const transform = progress((now) => told.push(now), { intervalMs: 0 });
  const batches = await Array.fromAsync(stream.pipeThrough(transform));
  expect(idsOf(batches)).toEqual(range(0, 7));
  expect(told.map(counts)).toEqual([
    { rows: 3, batches: 1, done: false },
    { rows: 3, batches: 2, done: false },
    { rows: 7, batches: 3, done: false },
    { rows: 7, batches: 3, done: true },
  ]);
  const bytes = batches.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { bytes: last, elapsedMs, rowsPerSecond, bytesPerSecond } = told.at(-1)!;
  expect(last).toBe(bytes);
  expect(rowsPerSecond).toBeCloseTo(7_000 / elapsedMs, 6);
  expect(bytesPerSecond).toBeCloseTo(1_000 * bytes / elapsedMs, 3);
  expect(told.map(({ elapsedMs }) => elapsedMs)).toEqual(
    told.map(({ elapsedMs }) => elapsedMs).toSorted((a, b) => a - b),
  );
});

test("within an interval only the first batch and the end are told", async () => {
  const told: StreamProgress[] = [];
  const transform = progress((now) => told.push(now), { intervalMs: 1e9 });
  const scan = scanParquet(fixture("sequence"), { batchSize: 10_000 });
  for await (using _ of scan.pipeThrough(transform));
  expect(told.map(counts)).toEqual([
    { rows: 10_000, batches: 1, done: false },
    { rows: 100_000, batches: 10, done: true },
  ]);
  expect(told[1]!.bytes).toBe(scan.stats().bytes);
});

test("the end is told once, however a stream ends", async () => {
  const error = new Error("the disk is gone");
  const endings: Record<string, (reader: ReadableStreamDefaultReader<SpillwayBatch>) => unknown> = {
    "at its end": async (reader) => {
      while (!(await reader.read()).done);
    },
    cancelled: (reader) => reader.cancel("enough"),
    failed: (reader) => expect(reader.read()).rejects.toBe(error),
  };
  for (const [name, end] of Object.entries(endings)) {
    const told: StreamProgress[] = [];
    const { stream } = new CountedBatches(
      numberedBatches([5]),
      name === "failed" ? { error } : {},
    );
    const reader = stream.pipeThrough(progress((now) => told.push(now))).getReader();
    await reader.read();
    await end(reader);
    await settle();
    expect({ name, told: told.map(counts) }).toEqual({
      name,
      told: [{ rows: 5, batches: 1, done: false }, { rows: 5, batches: 1, done: true }],
    });
  }
});

test("a stream that is never read tells the end all the same", async () => {
  const told: StreamProgress[] = [];
  const counted = new CountedBatches(numberedBatches([5]));
  await counted.stream.pipeThrough(progress((now) => told.push(now))).cancel();
  expect(told).toEqual([
    {
      rows: 0,
      batches: 0,
      bytes: 0,
      elapsedMs: 0,
      rowsPerSecond: 0,
      bytesPerSecond: 0,
      done: true,
    },
  ]);
});

test("a failure that comes while nobody reads is told at once", async () => {
  const error = new Error("the disk is gone");
  const told: StreamProgress[] = [];
  const { readable, writable } = progress((now) => told.push(now));
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  await Promise.all([writer.write(numberedBatches([5])[0]!), reader.read()]);
  await writer.abort(error);
  await expect(reader.closed).rejects.toBe(error);
  await settle();
  expect(told.at(-1)).toMatchObject({ rows: 5, done: true });
  await expect(reader.read()).rejects.toBe(error);
});

test("what the function throws ends the stream: after a batch, or at the end", async () => {
  for (const last of [false, true]) {
    const error = new Error(`done: ${last}`);
    const counted = new CountedBatches(numberedBatches([1, 1]));
    const stream = counted.stream.pipeThrough(progress(({ done }) => {
      if (done === last) throw error;
    }, { intervalMs: 0 }));
    await expect(Array.fromAsync(stream)).rejects.toBe(error);
  }
});

test("wrong arguments are refused", () => {
  expect(() => progress(null as unknown as () => void)).toThrow(TypeError);
  for (const intervalMs of [-1, NaN, "soon" as unknown as number]) {
    expect(() => progress(() => {}, { intervalMs })).toThrow(RangeError);
  }
});
