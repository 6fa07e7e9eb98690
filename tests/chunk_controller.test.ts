import { expect } from "@std/expect";
import type { ChunkContext, ChunkSample, ChunkStrategy } from "spillway";
import { ChunkController, type HandedBatch } from "../src/chunks/chunk_controller.ts";
import { test } from "./support/harness.ts";

/** A strategy that remembers what it was told. */
class Recorder implements ChunkStrategy {
  readonly contexts: ChunkContext[] = [];
  readonly samples: ChunkSample[] = [];
  rows = 100;
  reason = "recorded";

  calculateChunkSize(context: ChunkContext): number {
    this.contexts.push(context);
    return this.rows;
  }

  adjust(sample: ChunkSample): void {
    this.samples.push(sample);
  }
}

function batch(sequence: number, changes: Partial<HandedBatch> = {}): HandedBatch {
  return {
    sequence,
    rows: 100,
    bytes: 1_600,
    decodeMs: 2,
    endedBy: "strategy",
    bytesPerRow: 16,
    remainingRows: 900,
    heldBytes: 3_200,
    queuedBytes: 4_800,
    limitBytes: 64_000,
    ...changes,
  };
}

test("before the file is open, what is unknown says so", () => {
  const strategy = new Recorder();
  const controller = new ChunkController(strategy, 64_000, () => 5);
  expect(controller.firstRows()).toBe(100);
  expect(strategy.contexts[0]).toEqual({
    availableMemoryBytes: Infinity,
    heldBytes: 0,
    queuedBytes: 0,
    limitBytes: 64_000,
    bytesPerRow: 0,
    remainingRows: Infinity,
    desiredSize: null,
    consumerStarved: false,
    batches: 0,
  });
});

test("the context of a pull tells of the last batch, and the sample what it cost", () => {
  const strategy = new Recorder();
  const controller = new ChunkController(strategy, 64_000, () => 1e9);
  controller.pulled(0, 1_000);
  expect(strategy.samples).toEqual([]);
  // Waited for 5 ms, of which 1 ms was handing over; the consumer then took 20 ms.
  controller.handed(batch(0), 1, 1_005);
  controller.pulled(0, 1_025);
  expect(strategy.samples).toEqual([
    { rows: 100, bytes: 1_600, decodeMs: 2, consumerMs: 20, waitMs: 4, handoverMs: 1 },
  ]);
  expect(strategy.contexts.at(-1)).toEqual({
    availableMemoryBytes: 1e9,
    heldBytes: 3_200,
    queuedBytes: 4_800,
    limitBytes: 64_000,
    bytesPerRow: 16,
    remainingRows: 900,
    desiredSize: 0,
    consumerStarved: true,
    batches: 1,
  });
  expect(controller.times).toEqual({ consumerMs: 20, waitMs: 4 });
});

test("a consumer starves when it waits for over a tenth of the time", () => {
  for (const [waitMs, starved] of [[0, false], [1, false], [3, true]] as const) {
    const strategy = new Recorder();
    const controller = new ChunkController(strategy, 64_000, () => 1e9);
    controller.pulled(0, 0);
    controller.handed(batch(0), 0, waitMs);
    controller.pulled(0, waitMs + 20);
    expect(strategy.contexts.at(-1)?.consumerStarved).toBe(starved);
  }
});

test("a consumer that waits for every other batch starves, since batches come in twos", () => {
  const strategy = new Recorder();
  const controller = new ChunkController(strategy, 64_000, () => 1e9);
  const starved: unknown[] = [];
  let now = 0;
  for (const [sequence, waitMs] of [3, 0, 3, 0, 0].entries()) {
    controller.pulled(0, now);
    now += waitMs;
    controller.handed(batch(sequence), 0, now);
    now += 10;
    controller.pulled(0, now);
    starved.push(strategy.contexts.at(-1)?.consumerStarved);
  }
  expect(starved).toEqual([true, true, true, true, false]);
});

test("the system's memory is asked for twice a second at most", () => {
  let asked = 0;
  const controller = new ChunkController(new Recorder(), 64_000, () => ++asked);
  for (let now = 0; now <= 2_000; now += 10) controller.pulled(0, now);
  expect(asked).toBeLessThanOrEqual(5);
  expect(asked).toBeGreaterThanOrEqual(4);
});

test("each batch is a decision, and the last 256 are kept", () => {
  const strategy = new Recorder();
  const controller = new ChunkController(strategy, 64_000, () => 1e9);
  for (let sequence = 0; sequence < 300; sequence++) {
    controller.pulled(0, sequence);
    controller.handed(batch(sequence, { rows: 50, endedBy: "byte cap" }), 0, sequence);
  }
  const { decisions } = controller;
  expect(decisions.length).toBe(256);
  expect(decisions.at(-1)).toEqual({
    sequence: 299,
    rows: 50,
    bytes: 1_600,
    bytesPerRow: 16,
    endedBy: "byte cap",
    requestedRows: 100,
    reason: "recorded",
  });
});

test("a strategy can't change what the controller knows", () => {
  const strategy = new Recorder();
  strategy.calculateChunkSize = (context) => context.limitBytes = 7;
  const controller = new ChunkController(strategy, 64_000, () => 1e9);
  expect(controller.firstRows()).toBe(7);
  strategy.calculateChunkSize = ({ limitBytes }) => limitBytes;
  expect(controller.pulled(0, 0)).toBe(64_000);
});
