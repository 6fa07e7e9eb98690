import { expect } from "@std/expect";
import { MemoryManager, type RecordBatchStream, scanParquet, type SpillwayBatch } from "spillway";
import { fixture } from "./support/fixtures.ts";
import { collectGarbage, test } from "./support/harness.ts";
import { evenSizes, expectSequence, expectSequences, sum } from "./support/sequence.ts";

const ROWS = 400_000;
const MB = 1_000_000;
/** Two columns of numbers and one of text are enough here, and seven would take the tests' time. */
const columns = ["id", "text", "maybe"];

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until decoding has come to rest: nothing new for a while. */
async function atRest(stream: RecordBatchStream): Promise<number> {
  let decoded = -1;
  for (let calm = 0; calm < 10;) {
    await sleep(10);
    const { batchesDecoded } = stream.stats();
    calm = batchesDecoded === decoded ? calm + 1 : 0;
    decoded = batchesDecoded;
  }
  return decoded;
}

/** Waits until the streams of this process hold no more than they did. */
async function streamBytesBackTo(before: number): Promise<number> {
  for (let round = 0; round < 200; round++) {
    await collectGarbage();
    if (MemoryManager.shared.currentUsage().streamBytes <= before) break;
  }
  return MemoryManager.shared.currentUsage().streamBytes;
}

/** What earlier tests have left, once the collector has been through. */
async function streamBytes(): Promise<number> {
  await collectGarbage();
  return MemoryManager.shared.currentUsage().streamBytes;
}

test("nothing is decoded before the first pull", async () => {
  const stream = scanParquet(fixture("one_row_group"));
  await stream.schema();
  await stream.explain();
  await sleep(50);
  const { batchesDecoded, rowsPlanned, queuedBytes, peakBytes } = stream.stats();
  expect({ batchesDecoded, queuedBytes, peakBytes }).toEqual({
    batchesDecoded: 0,
    queuedBytes: 0,
    peakBytes: 0,
  });
  expect(rowsPlanned).toBe(0);
  await stream.cancel();
});

for (const stopAfter of [1, 5]) {
  for (const batchSize of [1_000, undefined]) {
    test(`a consumer that stops after ${stopAfter} batches of ${batchSize ?? "any"} rows stops decoding`, async () => {
      const stream = scanParquet(fixture("one_row_group"), {
        columns,
        memoryLimit: "2MB",
        batchSize,
      });
      const reader = stream.getReader();
      let next = 0;
      for (let read = 0; read < stopAfter; read++) {
        using batch = (await reader.read()).value!;
        expectSequence(batch, next);
        next += batch.numRows;
      }

      const decoded = await atRest(stream);
      const stats = stream.stats();
      expect(stats.batches).toBe(stopAfter);
      expect(stats.rows).toBe(next);
      expect(stats.rowsPlanned).toBeLessThan(ROWS / 2);
      expect(stats.queuedBytes + stats.heldBytes).toBeLessThanOrEqual(2 * MB);
      await sleep(200);
      expect(stream.stats().batchesDecoded).toBe(decoded);

      // And it goes on where it stopped.
      reader.releaseLock();
      const rest = await expectSequences(stream, next);
      expect(next + sum(rest)).toBe(ROWS);
      expect(stream.stats().peakBytes).toBeLessThanOrEqual(2 * MB);
    });
  }
}

for (const memoryLimit of ["300KB", "2MB", "16MB"]) {
  test(`a scan within ${memoryLimit} never has more, whatever the consumer does with batches`, async () => {
    const consumers: Record<string, (batch: SpillwayBatch) => Promise<void> | void> = {
      releases: (batch) => batch.release(),
      forgets: () => {},
      "is slow at times": async (batch) => {
        if (batch.firstRow % 7 === 0) await sleep(2);
        batch.release();
      },
    };
    for (const [consumer, consume] of Object.entries(consumers)) {
      const stream = scanParquet(fixture("one_row_group"), {
        memoryLimit,
        columns,
      });
      let rows = 0;
      for await (const batch of stream) {
        expectSequence(batch, rows);
        rows += batch.numRows;
        await consume(batch);
      }
      const { peakBytes, limitBytes } = stream.stats();
      expect({ consumer, rows }).toEqual({ consumer, rows: ROWS });
      expect(peakBytes).toBeGreaterThan(0);
      expect(peakBytes).toBeLessThanOrEqual(limitBytes);
    }
  });
}

test("a consumer that keeps every batch gets copies past its share, and the scan ends", async () => {
  const stream = scanParquet(fixture("one_row_group"), { memoryLimit: "4MB", batchSize: 5_000 });
  const kept = await Array.fromAsync(stream);
  const { copiedBatches, copiedBytes, peakBytes, limitBytes } = stream.stats();
  expect(kept.map(({ numRows }) => numRows)).toEqual(evenSizes(ROWS, 5_000));
  kept.forEach((batch, at) => expectSequence(batch, at * 5_000));
  expect(copiedBatches).toBe(kept.filter(({ zeroCopy }) => !zeroCopy).length);
  expect(copiedBatches).toBeGreaterThan(0);
  expect(copiedBatches).toBeLessThan(kept.length);
  expect(copiedBytes).toBeGreaterThan(10 * MB);
  expect(peakBytes).toBeLessThanOrEqual(limitBytes);
});

test("copies do not count against the limit", async () => {
  const stream = scanParquet(fixture("sequence"), { memoryLimit: "2MB", zeroCopy: false });
  const kept = await Array.fromAsync(stream);
  expect(kept.every(({ zeroCopy }) => !zeroCopy)).toBe(true);
  let rows = 0;
  for (const batch of kept) {
    expectSequence(batch, rows);
    rows += batch.numRows;
  }
  expect(rows).toBe(100_000);
  expect(stream.stats().heldBytes).toBe(0);
  expect(stream.stats().copiedBatches).toBe(kept.length);
});

test("streams share the process's budget, in equal parts", async () => {
  MemoryManager.shared.setLimit("16MB");
  try {
    const streams = [1, 2].map(() =>
      scanParquet(fixture("one_row_group"), { columns, batchSize: 2_000 })
    );
    const readers = streams.map((stream) => stream.getReader());
    const firsts = await Promise.all(readers.map((reader) => reader.read()));
    firsts.forEach(({ value }) => value!.release());
    await Promise.all(streams.map(atRest));
    const both = streams.map((stream) => stream.stats());
    expect(both.map(({ limitBytes }) => limitBytes)).toEqual([8 * MB, 8 * MB]);
    for (const { peakBytes } of both) expect(peakBytes).toBeLessThanOrEqual(8 * MB);
    for (const { queuedBytes } of both) expect(queuedBytes).toBeGreaterThan(0);

    await readers[1]!.cancel();
    readers[0]!.releaseLock();
    const rest = await expectSequences(streams[0]!, 2_000);
    expect(sum(rest)).toBe(ROWS - 2_000);
    expect(streams[0]!.stats().limitBytes).toBe(16 * MB);
  } finally {
    MemoryManager.shared.setLimit(null);
  }
});

test("two streams that are read in turns both come to their end", async () => {
  MemoryManager.shared.setLimit("3MB");
  try {
    const turns = ["one_row_group", "one_row_group_no_index"].map((name) => ({
      reader: scanParquet(fixture(name), { columns }).getReader(),
      rows: 0,
      done: false,
    }));
    while (!turns.every(({ done }) => done)) {
      for (const turn of turns.filter(({ done }) => !done)) {
        const { done, value } = await turn.reader.read();
        turn.done = done;
        if (done) continue;
        expectSequence(value, turn.rows);
        turn.rows += value.numRows;
        value.release();
      }
    }
    expect(turns.map(({ rows }) => rows)).toEqual([ROWS, ROWS]);
  } finally {
    MemoryManager.shared.setLimit(null);
  }
});

test("a stream that nobody reads does not hold up another", async () => {
  MemoryManager.shared.setLimit("3MB");
  try {
    const idle = scanParquet(fixture("one_row_group")).getReader();
    const { value: held } = await idle.read();
    const sizes = await expectSequences(scanParquet(fixture("one_row_group"), { columns }));
    expect(sum(sizes)).toBe(ROWS);
    expectSequence(held!, 0);
    await idle.cancel();
  } finally {
    MemoryManager.shared.setLimit(null);
  }
});

const endings: Record<
  string,
  (stream: RecordBatchStream, abort: AbortController) => Promise<unknown>
> = {
  cancelled: async (stream) => {
    const reader = stream.getReader();
    (await reader.read()).value!.release();
    await reader.cancel();
  },
  aborted: async (stream, abort) => {
    const reader = stream.getReader();
    (await reader.read()).value!.release();
    abort.abort(new Error("no more"));
    await expect(reader.read()).rejects.toThrow("no more");
  },
  "left by break": async (stream) => {
    for await (using _ of stream) break;
  },
  "left by an error": async (stream) => {
    const failing = async () => {
      for await (using batch of stream) throw new Error(`failed on ${batch.numRows} rows`);
    };
    await expect(failing()).rejects.toThrow("failed on");
  },
  "piped into a sink that fails": async (stream) => {
    const sink = new WritableStream<SpillwayBatch>({
      write(batch) {
        batch.release();
        throw new Error("the sink failed");
      },
    });
    await expect(stream.pipeTo(sink)).rejects.toThrow("the sink failed");
  },
  "cancelled while it is waited for": async (stream) => {
    const reader = stream.getReader();
    const read = reader.read();
    await reader.cancel();
    (await read).value?.release();
  },
};

for (const [ending, end] of Object.entries(endings)) {
  test(`a stream that is ${ending} gives all memory back`, async () => {
    const before = await streamBytes();
    const abort = new AbortController();
    const stream = scanParquet(fixture("one_row_group"), {
      memoryLimit: "32MB",
      signal: abort.signal,
    });
    await end(stream, abort);
    expect(await streamBytesBackTo(before)).toBeLessThanOrEqual(before);
    const { rows, batchesDecoded } = stream.stats();
    expect(rows).toBeLessThan(ROWS);
    await sleep(20);
    expect(stream.stats().batchesDecoded).toBe(batchesDecoded);
  });
}

test("both branches of a tee get every batch", async () => {
  const stream = scanParquet(fixture("sequence"), { memoryLimit: "4MB", batchSize: 3_000 });
  const branches = await Promise.all(stream.tee().map((branch) => Array.fromAsync(branch)));
  for (const batches of branches) {
    expect(batches.map(({ numRows }) => numRows)).toEqual(evenSizes(100_000, 3_000));
    batches.forEach((batch, at) => expectSequence(batch, at * 3_000));
  }
  expect(branches[0]![7]).toBe(branches[1]![7]);
});

test("a branch of a tee goes on when the other is cancelled", async () => {
  const [one, two] = scanParquet(fixture("sequence"), { batchSize: 30_000 }).tee();
  const reader = one!.getReader();
  await reader.read();
  const cancelled = reader.cancel();
  const batches = await Array.fromAsync(two!);
  await cancelled;
  expect(batches.map(({ numRows }) => numRows)).toEqual([30_000, 30_000, 30_000, 10_000]);
});

test("a slow sink slows decoding down", async () => {
  const stream = scanParquet(fixture("one_row_group"), {
    columns,
    memoryLimit: "2MB",
    batchSize: 1_000,
  });
  const arrived: number[] = [];
  let transformed = 0;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const piped = stream.pipeThrough(
    new TransformStream<SpillwayBatch, number>({
      transform(batch, controller) {
        using _ = batch;
        expectSequence(batch, transformed);
        transformed += batch.numRows;
        controller.enqueue(batch.numRows);
      },
    }),
  ).pipeTo(
    new WritableStream<number>({
      async write(rows) {
        arrived.push(rows);
        if (arrived.length === 3) await gate;
      },
    }),
  );
  while (arrived.length < 3) await sleep(5);
  const decoded = await atRest(stream);
  expect(decoded).toBeLessThan(ROWS / 1_000 / 2);
  await sleep(100);
  expect(stream.stats().batchesDecoded).toBe(decoded);
  open();
  await piped;
  expect(arrived).toEqual(evenSizes(ROWS, 1_000));
});
