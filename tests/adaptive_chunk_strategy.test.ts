import { expect } from "@std/expect";
import { AdaptiveChunkStrategy, type ChunkContext } from "spillway";
import { ChunkController } from "../src/chunks/chunk_controller.ts";
import { test } from "./support/harness.ts";

const MiB = 2 ** 20;

/** A consumer, a decoder and a memory, simulated batch by batch. */
interface World {
  /** Milliseconds that the consumer takes for a row. */
  consumerMsPerRow: number;
  /** Milliseconds that the consumer takes for a batch, whatever its rows. */
  consumerMsPerBatch: number;
  /** Milliseconds that decoding takes for a row, over all threads. */
  decodeMsPerRow: number;
  /** What handing a batch over takes. */
  handoverMs: number;
  bytesPerRow: number;
  limitBytes: number;
  availableMemoryBytes: number;
  /** Batches that are decoded or queued ahead, so that decisions show so many batches later. */
  ahead: number;
  /** Batches that JavaScript holds at any time. */
  kept: number;
  /** Rows that a batch can't exceed, whatever is asked for. */
  mostRows: number;
}

const world: World = {
  consumerMsPerRow: 1e-5,
  consumerMsPerBatch: 0,
  decodeMsPerRow: 5e-5,
  handoverMs: 0.03,
  bytesPerRow: 160,
  limitBytes: 4_096 * MiB,
  availableMemoryBytes: 16_384 * MiB,
  ahead: 4,
  kept: 1,
  mostRows: Infinity,
};

/** Runs a strategy in a world that may change, and gives the rows and reasons of each decision. */
function simulate(
  strategy: AdaptiveChunkStrategy,
  batches: number,
  worldAt: (batch: number) => Partial<World>,
): { rows: number[]; reasons: string[] } {
  let now = 0;
  let sampledBytesPerRow = 0;
  const at = (batch: number): World => ({ ...world, ...worldAt(batch) });
  const { limitBytes } = at(0);
  const controller = new ChunkController(
    strategy,
    limitBytes,
    () => at(Math.max(0, rows.length - 1)).availableMemoryBytes,
  );
  const rows: number[] = [];
  const reasons: string[] = [];
  const queue = Array.from({ length: at(0).ahead }, () => controller.firstRows());
  const held: number[] = [];
  let idleMs = 0;
  for (let batch = 0; batch < batches; batch++) {
    const w = at(batch);
    queue.push(Math.min(w.mostRows, controller.pulled(0, now)));
    rows.push(queue.at(-1) ?? 0);
    reasons.push(strategy.reason);
    const taken = queue.shift() ?? 0;
    // Decoding went on while the consumer worked: only the rest is waited for.
    now += Math.max(0, taken * w.decodeMsPerRow - idleMs) + w.handoverMs;
    held.push(taken * w.bytesPerRow);
    while (held.length > w.kept) held.shift();
    sampledBytesPerRow = w.bytesPerRow;
    controller.handed(
      {
        sequence: batch,
        rows: taken,
        bytes: taken * w.bytesPerRow,
        decodeMs: taken * w.decodeMsPerRow,
        endedBy: "strategy",
        bytesPerRow: at(batch + w.ahead).bytesPerRow,
        remainingRows: Infinity,
        heldBytes: held.reduce((sum, bytes) => sum + bytes, 0),
        queuedBytes: 0,
        limitBytes: w.limitBytes,
      },
      w.handoverMs,
      now,
    );
    idleMs = taken * w.consumerMsPerRow + w.consumerMsPerBatch;
    now += idleMs;
  }
  expect(sampledBytesPerRow).toBeGreaterThan(0);
  return { rows, reasons };
}

/** How often the size changed its direction. */
function turns(rows: readonly number[]): number {
  const steps = rows.slice(1).map((size, index) => Math.sign(size - (rows[index] ?? 0)))
    .filter((step) => step !== 0);
  return steps.filter((step, index) => index > 0 && step !== steps[index - 1]).length;
}

test("the first chunk is small, within the bounds", () => {
  const first = (options = {}) =>
    new AdaptiveChunkStrategy(options).calculateChunkSize(unknownContext());
  expect(first()).toBe(8_192);
  expect(first({ minChunkSize: 20_000 })).toBe(20_000);
  expect(first({ maxChunkSize: 2_000 })).toBe(2_000);
});

test("a starved consumer gets batches that double until their cost is under 1 %, then rest", () => {
  const { rows, reasons } = simulate(new AdaptiveChunkStrategy(), 400, () => ({ bytesPerRow: 16 }));
  const last = rows.at(-1) ?? 0;
  expect(last).toBeGreaterThan(100_000);
  expect(turns(rows)).toBe(0);
  expect(new Set(rows.slice(-200)).size).toBe(1);
  expect(reasons).toContain("starved consumer");
  expect(reasons.at(-1)).toBe("overhead under 1 %");
  // One batch takes over 100 times what its handing over costs.
  expect(last * world.decodeMsPerRow).toBeGreaterThanOrEqual(100 * 0.1);
});

test("batches whose cost is over 4 % grow fourfold, and where memory allows no more, twofold", () => {
  const second = (limitBytes: number) => {
    const { rows } = simulate(new AdaptiveChunkStrategy(), 100, (batch) => ({
      bytesPerRow: 16,
      kept: 20,
      limitBytes,
      // Until 20 batches are kept, the consumer doesn't wait.
      consumerMsPerRow: batch < 20 ? 1e-3 : world.consumerMsPerRow,
    }));
    return rows.find((size) => size !== rows[0]);
  };
  expect(second(1024 * MiB)).toBe(32_768);
  // 20 batches of 128 KiB: twice as much is under 80 % of 12 MiB, four times is not.
  expect(second(12 * MiB)).toBe(16_384);
});

test("batches grow up to the byte cap, unless little is missing", () => {
  const largest = (bytesPerRow: number) => {
    const { rows, reasons } = simulate(
      new AdaptiveChunkStrategy(),
      200,
      () => ({ bytesPerRow, decodeMsPerRow: 1e-4, limitBytes: 1024 * MiB }),
    );
    expect(reasons.at(-1)).toBe("byte cap");
    return rows.at(-1);
  };
  expect(largest(150)).toBe(Math.floor(8 * MiB / 150));
  // 40,000 rows would be under the cap.
  expect(largest(8 * MiB / 40_000)).toBe(32_768);
});

test("one growth at a time is under way, however late it shows", () => {
  for (const ahead of [0, 1, 4, 12]) {
    const { rows } = simulate(new AdaptiveChunkStrategy(), 200, () => ({ ahead, bytesPerRow: 8 }));
    const [grown = 0, again = 0] = rows.flatMap((size, index) =>
      index > 0 && size !== rows[index - 1] ? [index] : []
    );
    expect(again - grown).toBeGreaterThan(ahead);
    expect(turns(rows)).toBe(0);
  }
});

test("a consumer that is kept busy keeps its size", () => {
  const { rows, reasons } = simulate(
    new AdaptiveChunkStrategy(),
    200,
    () => ({ consumerMsPerRow: 1e-3 }),
  );
  expect(new Set(rows)).toEqual(new Set([8_192]));
  expect(reasons.at(-1)).toBe("consumer kept busy");
});

test("a slow consumer gets smaller batches, until they take it under 100 ms, then the same", () => {
  const { rows, reasons } = simulate(
    new AdaptiveChunkStrategy(),
    200,
    () => ({ consumerMsPerRow: 0.05 }),
  );
  const last = rows.at(-1) ?? 0;
  expect(last * 0.05).toBeLessThanOrEqual(100);
  expect(last * 0.05).toBeGreaterThan(50);
  expect(turns(rows)).toBe(0);
  expect(reasons).toContain("slow consumer");
});

test("a size never falls below the floor, where a batch's cost is 5 % of the time", () => {
  // All memory is always in use, and the consumer is fast: only the floor holds the size.
  const { rows, reasons } = simulate(
    new AdaptiveChunkStrategy({ minChunkSize: 1 }),
    300,
    () => ({ kept: 1_000, limitBytes: 64 * MiB, bytesPerRow: 100, decodeMsPerRow: 2e-4 }),
  );
  const last = rows.at(-1) ?? 0;
  expect(reasons.at(-1)).toBe("memory pressure, at the floor");
  const cycleMs = last * 2e-4 + world.handoverMs;
  expect(0.1 / cycleMs).toBeLessThanOrEqual(0.05 * 1.1);
  expect(turns(rows)).toBeLessThanOrEqual(1);
});

test("memory in use over the target halves the size, and less than half of it lets it grow", () => {
  const strategy = new AdaptiveChunkStrategy({ targetMemoryRatio: 0.5 });
  const { rows, reasons } = simulate(strategy, 600, (batch) => ({
    // 160 bytes and 16,384 rows: 2.6 MB a batch, of which so many are kept.
    kept: batch >= 200 && batch < 400 ? 60 : 1,
    limitBytes: 128 * MiB,
    decodeMsPerRow: 1e-3,
  }));
  const before = rows[199] ?? 0;
  const during = Math.min(...rows.slice(200, 400));
  expect(during).toBeLessThan(before);
  expect(reasons.slice(200, 400)).toContain("memory pressure");
  expect(rows.at(-1)).toBeGreaterThan(during);
  // Down once and up once: no to and fro in between.
  expect(turns(rows)).toBe(2);
});

test("the byte cap bounds batches, also below the least size, and at once", () => {
  const strategy = new AdaptiveChunkStrategy();
  const limitBytes = 64 * MiB;
  const cap = strategy.maxBatchBytes(limitBytes);
  expect(cap).toBe(Math.floor(limitBytes * 0.8 / 16));
  // Short rows are followed by rows of 1 MiB, which the metadata announces.
  const { rows, reasons } = simulate(
    strategy,
    200,
    (batch) => ({ limitBytes, bytesPerRow: batch < 100 ? 50 : MiB, ahead: 2 }),
  );
  expect(rows[110]).toBe(3);
  expect(reasons[110]).toBe("byte cap");
  for (const size of rows.slice(102)) expect(size * MiB).toBeLessThanOrEqual(cap);
});

test("the cap doesn't wind the size up: when long rows end, the size is what it was", () => {
  const { rows } = simulate(
    new AdaptiveChunkStrategy(),
    300,
    (batch) => ({
      limitBytes: 256 * MiB,
      bytesPerRow: batch >= 100 && batch < 200 ? MiB : 100,
      ahead: 1,
      // Neither starved nor slow once it is settled.
      consumerMsPerRow: 1e-4,
    }),
  );
  expect(rows[99]).toBe(rows[250]);
});

test("a cap of 8 MiB holds however much memory there is", () => {
  expect(new AdaptiveChunkStrategy().maxBatchBytes(2 ** 40)).toBe(8 * MiB);
  expect(new AdaptiveChunkStrategy().maxBatchBytes(1)).toBe(1);
});

test("sizes stay within the bounds in any world", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomNumbers(seed);
    const strategy = new AdaptiveChunkStrategy({ minChunkSize: 2_000, maxChunkSize: 40_000 });
    const { rows } = simulate(strategy, 150, () => ({
      consumerMsPerRow: 10 ** (-6 + 5 * random()),
      decodeMsPerRow: 10 ** (-6 + 4 * random()),
      kept: Math.floor(30 * random()),
      limitBytes: 512 * MiB,
    }));
    for (const size of rows) {
      expect(size).toBeGreaterThanOrEqual(2_000);
      expect(size).toBeLessThanOrEqual(40_000);
    }
  }
});

test("noise makes no more than one step to and fro in a steady world", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomNumbers(seed);
    const noise = () => 0.7 + 0.6 * random();
    const { rows } = simulate(new AdaptiveChunkStrategy(), 400, () => ({
      consumerMsPerRow: 2e-5 * noise(),
      decodeMsPerRow: 5e-5 * noise(),
      handoverMs: 0.03 * noise(),
    }));
    expect(turns(rows)).toBeLessThanOrEqual(1);
    expect(new Set(rows.slice(200)).size).toBeLessThanOrEqual(2);
  }
});

test("a growth that can't show, because batches end earlier, doesn't block the next", () => {
  const { rows, reasons } = simulate(
    new AdaptiveChunkStrategy(),
    200,
    () => ({ mostRows: 9_000, decodeMsPerRow: 5e-5, bytesPerRow: 40 }),
  );
  expect(Math.max(...rows)).toBe(9_000);
  expect(reasons.filter((reason) => reason === "starved consumer").length).toBeGreaterThan(1);
});

test("when the system has no memory left for a batch, batches shrink", () => {
  const { reasons } = simulate(
    new AdaptiveChunkStrategy({ minChunkSize: 1 }),
    40,
    () => ({ availableMemoryBytes: 1, decodeMsPerRow: 1e-3 }),
  );
  expect(reasons).toContain("memory pressure");
});

test("bounds that make no sense are RangeErrors", () => {
  for (
    const options of [
      { minChunkSize: 0 },
      { minChunkSize: 1.5 },
      { maxChunkSize: NaN },
      { minChunkSize: 10, maxChunkSize: 9 },
      { targetMemoryRatio: 0 },
      { targetMemoryRatio: 1.1 },
      { targetMemoryRatio: NaN },
    ]
  ) {
    expect(() => new AdaptiveChunkStrategy(options)).toThrow(RangeError);
  }
});

function unknownContext(): ChunkContext {
  return {
    availableMemoryBytes: Infinity,
    heldBytes: 0,
    queuedBytes: 0,
    limitBytes: 4_096 * MiB,
    bytesPerRow: 0,
    remainingRows: Infinity,
    desiredSize: 0,
    consumerStarved: false,
    batches: 0,
  };
}

/** Numbers from 0 to 1, the same for the same seed (Mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
