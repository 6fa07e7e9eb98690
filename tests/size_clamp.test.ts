import { expect } from "@std/expect";
import { type ChunkStrategy, scanCsv, scanParquet, writeCsv } from "spillway";
import { SizeClamp } from "../src/chunks/size_clamp.ts";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { expectSequences, sum } from "./support/sequence.ts";

const rows = 1_000;

/** A strategy as a program without types may have it. */
function answering(size: unknown, bytes?: unknown): ChunkStrategy {
  const strategy = { calculateChunkSize: () => size, adjust() {}, maxBatchBytes: () => bytes };
  return strategy as unknown as ChunkStrategy;
}

/** What is answered, and the batch that comes of it. */
const absurd: readonly (readonly [answer: unknown, taken: number])[] = [
  [0, 1],
  [-1, 1],
  [-Infinity, 1],
  [0.5, 1],
  [700.9, 700],
  [1e12, 2 ** 31 - 1],
  [Number.MAX_VALUE, 2 ** 31 - 1],
  [Infinity, 2 ** 31 - 1],
  [NaN, 8_192],
  ["1000", 8_192],
  [undefined, 8_192],
  [null, 8_192],
  [10n, 8_192],
  [Promise.resolve(5), 8_192],
];

test("the nearest size that makes sense is taken, and the first of each kind is told", () => {
  for (const [answer, taken] of absurd) {
    const clamp = new SizeClamp();
    expect([answer, clamp.rows(answer)]).toEqual([answer, taken]);
    expect(clamp.warnings.length).toBe(1);
  }
  const clamp = new SizeClamp();
  expect([500, -3, -4, NaN, 1e300].map((rows) => clamp.rows(rows)))
    .toEqual([500, 1, 1, 1, 2 ** 31 - 1]);
  expect(clamp.warnings).toEqual([
    "calculateChunkSize must return a whole number of rows, 1 or more, not -3: 1 was taken instead",
    "calculateChunkSize must return a whole number of rows, 1 or more, not NaN: 1 was taken instead",
    "calculateChunkSize must return a whole number of rows, 1 or more, not 1e+300: " +
    "2147483647 was taken instead",
  ]);
});

test("a size that makes sense is taken as it is", () => {
  const clamp = new SizeClamp();
  expect([1, 1_000_000, 2 ** 31 - 1].map((rows) => clamp.rows(rows)))
    .toEqual([1, 1_000_000, 2 ** 31 - 1]);
  expect([1, 2 ** 40, undefined, null].map((bytes) => clamp.bytes(bytes)))
    .toEqual([1, 2 ** 40, null, null]);
  expect(clamp.warnings).toEqual([]);
});

test("a strategy that answers nonsense gives all rows within the limit, and a warning", async () => {
  for (const [answer] of absurd) {
    const scan = scanParquet(fixture("sequence"), {
      columns: ["id", "text"],
      chunkStrategy: answering(answer),
      memoryLimit: "1MiB",
      // Batches of one row take their time.
      limit: rows,
    });
    expect([answer, sum(await expectSequences(scan))]).toEqual([answer, rows]);
    const { warnings, peakBytes } = scan.stats();
    expect([answer, warnings.length, peakBytes <= 2 ** 20]).toEqual([answer, 1, true]);
  }
});

test("batches of nonsensical bytes have at least a row, and a warning", async () => {
  for (const bytes of [0, -1, NaN, Infinity, 1e300, 0.1, "many", {}]) {
    const scan = scanParquet(fixture("sequence"), {
      columns: ["id", "text"],
      chunkStrategy: answering(400, bytes),
      limit: rows,
    });
    expect([bytes, sum(await expectSequences(scan))]).toEqual([bytes, rows]);
    expect([bytes, scan.stats().warnings.length]).toEqual([bytes, 1]);
  }
});

test("so it is with texts", async () => {
  using folder = tempDirectory();
  const path = folder.file("some.csv");
  await scanParquet(fixture("sequence"), { columns: ["id"], limit: rows }).pipeTo(writeCsv(path));
  for (const [answer] of absurd) {
    const scan = scanCsv(path, { chunkStrategy: answering(answer, answer) });
    expect([answer, sum(await expectSequences(scan))]).toEqual([answer, rows]);
    expect(scan.stats().warnings.length).toBeGreaterThan(0);
  }
});
