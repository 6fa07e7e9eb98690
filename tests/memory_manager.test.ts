import { expect } from "@std/expect";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { MemoryManager, scanParquet } from "spillway";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));
const memory = MemoryManager.shared;

test("available memory is some, and the default limit a quarter of it", () => {
  const available = memory.availableMemory();
  expect(available).toBeGreaterThan(2 ** 20);
  // Both are asked afresh, and other processes go on meanwhile.
  expect(memory.limitBytes / (available / 4)).toBeGreaterThan(0.8);
  expect(memory.limitBytes / (available / 4)).toBeLessThan(1.2);
});

test("what the process has is anonymous or belongs to files", () => {
  const { totalBytes, anonymousBytes, fileBackedBytes } = memory.currentUsage();
  expect(totalBytes).toBeGreaterThan(2 ** 20);
  expect(anonymousBytes).toBeGreaterThan(0);
  if (process.platform === "linux") {
    expect((anonymousBytes + fileBackedBytes) / totalBytes).toBeGreaterThan(0.8);
    expect((anonymousBytes + fileBackedBytes) / totalBytes).toBeLessThan(1.25);
  }
});

test("tracked bytes add up over all instances, and are taken off again", () => {
  const before = memory.currentUsage().trackedBytes;
  new MemoryManager().trackUsage(5_000.7);
  memory.trackUsage(1_000);
  expect(memory.currentUsage().trackedBytes - before).toBe(6_000);
  memory.trackUsage(-6_000);
  expect(memory.currentUsage().trackedBytes).toBe(before);
  expect(() => memory.trackUsage(NaN)).toThrow(RangeError);
  expect(() => memory.trackUsage(Infinity)).toThrow(RangeError);
});

test("what can be allocated is bounded by the system and by the budget", () => {
  expect(memory.canAllocate(1_000)).toBe(true);
  expect(memory.canAllocate("1000TB")).toBe(false);
  memory.setLimit("10MB");
  try {
    expect(memory.limitBytes).toBe(10e6);
    expect(memory.canAllocate("9MB")).toBe(true);
    expect(memory.canAllocate("11MB")).toBe(false);
    memory.trackUsage(5e6);
    expect(memory.canAllocate("6MB")).toBe(false);
  } finally {
    memory.trackUsage(-5e6);
    memory.setLimit(null);
  }
  expect(memory.limitBytes).not.toBe(10e6);
});

test("amounts that make no sense are refused", () => {
  expect(() => memory.canAllocate("much")).toThrow(TypeError);
  expect(() => memory.setLimit(0)).toThrow(RangeError);
});

test("streams without a limit of their own get the shared one", async () => {
  memory.setLimit("3MB");
  try {
    const stream = scanParquet(path);
    expect((await stream.explain()).memoryLimitBytes).toBe(3e6);
    await Array.fromAsync(stream);
    expect(stream.stats().limitBytes).toBe(3e6);
    const own = scanParquet(path, { memoryLimit: "5MB" });
    await Array.fromAsync(own);
    expect(own.stats().limitBytes).toBe(5e6);
  } finally {
    memory.setLimit(null);
  }
});

test("pressure is a yes or a no", () => {
  expect(typeof memory.underPressure()).toBe("boolean");
});
