import { expect } from "@std/expect";
import { fileURLToPath } from "node:url";
import {
  AdaptiveStreamingReader,
  FileNotFoundError,
  FixedChunkStrategy,
  MemoryLimitError,
} from "spillway";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));

test("each stream of a reader is a scan of its own", async () => {
  const reader = new AdaptiveStreamingReader(path);
  const [one, two] = [reader.stream(), reader.stream()];
  expect(one).not.toBe(two);
  for (const stream of [one, two]) {
    const rows = (await Array.fromAsync(stream)).reduce((sum, { numRows }) => sum + numRows, 0);
    expect(rows).toBe(2_000);
  }
});

test("`with…` gives a new reader and leaves the old one as it is", async () => {
  const reader = new AdaptiveStreamingReader(path);
  const changed = reader.withChunkStrategy(new FixedChunkStrategy(700)).withMemoryLimit("5MB");
  expect((await Array.fromAsync(changed.stream())).map(({ numRows }) => numRows))
    .toEqual([700, 700, 600]);
  const limited = changed.stream();
  await Array.fromAsync(limited);
  expect(limited.stats().limitBytes).toBe(5e6);
  expect((await Array.fromAsync(reader.stream())).length).toBe(1);
});

test("a chunk strategy takes the place of a batch size", async () => {
  const reader = new AdaptiveStreamingReader(path, { batchSize: 100 })
    .withChunkStrategy(new FixedChunkStrategy(1_000));
  expect((await Array.fromAsync(reader.stream())).length).toBe(2);
});

test("options hold for every scan of a reader", async () => {
  const reader = new AdaptiveStreamingReader(path, { columns: ["celsius"], limit: 50 });
  const table = await reader.collect();
  expect(table.schema.names).toEqual(["celsius"]);
  expect(table.numRows).toBe(50);
});

test("the memory required is what the scan's rows and columns take", async () => {
  const all = await new AdaptiveStreamingReader(path).estimateMemoryRequired();
  const some = await new AdaptiveStreamingReader(path, { columns: ["celsius"], limit: 1_000 })
    .estimateMemoryRequired();
  expect(all).toBeGreaterThan(2_000 * 16);
  expect(some).toBeGreaterThanOrEqual(1_000 * 8);
  expect(some).toBeLessThan(all);
});

test("batches are collected where they fit, else refused before they are decoded", async () => {
  const reader = new AdaptiveStreamingReader(path);
  const batches = await reader.collectBatchesAdaptive();
  expect(batches.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(2_000);
  expect(batches.every(({ zeroCopy, released }) => !zeroCopy && !released)).toBe(true);
  await expect(reader.collectBatchesAdaptive(0.01)).rejects.toThrow(MemoryLimitError);
  await expect(reader.collect({ maxBytes: "10KB" })).rejects.toThrow(MemoryLimitError);
});

test("a file that isn't there is an error of the use, not of the reader", async () => {
  const reader = new AdaptiveStreamingReader("absent.parquet");
  await expect(reader.estimateMemoryRequired()).rejects.toThrow(FileNotFoundError);
  await expect(reader.collectBatchesAdaptive()).rejects.toThrow(FileNotFoundError);
});
