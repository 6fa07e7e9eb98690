import { expect } from "@std/expect";
import { fileURLToPath } from "node:url";
import { scanParquet, setDecodingThreads } from "spillway";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));

test("the number of threads that runs may be set again, another may not", async () => {
  const scan = scanParquet(path);
  await Array.fromAsync(scan);
  const { threads } = scan.stats();
  expect(threads).toBeGreaterThan(0);
  setDecodingThreads(threads);
  expect(() => setDecodingThreads(threads + 1)).toThrow(RangeError);
  expect(() => setDecodingThreads(threads + 1)).toThrow(/before the first scan/);
});

test("what is no number of threads is a RangeError", () => {
  for (const threads of [0, -1, 1.5, NaN]) {
    expect(() => setDecodingThreads(threads)).toThrow(RangeError);
  }
});
