import { expect } from "@std/expect";
import { AdaptiveStreamingReader, col, limit, offset, scanParquet, where } from "spillway";
import { test } from "./support/harness.ts";

const file = "tests/data/readings.parquet";

test("rows are counted from the plan where nothing is tested", async () => {
  const scan = scanParquet(file);
  expect(await scan.count()).toBe(2_000);
  expect(scan.stats().batchesDecoded).toBe(0);
  expect(await scanParquet(file).pipeThrough(offset(1_990)).pipeThrough(limit(50)).count()).toBe(
    10,
  );
});

test("rows that pass are counted, also behind a limit, and outside a scan", async () => {
  const warm = () => scanParquet(file).pipeThrough(where(col("celsius").ge(29)));
  expect(await warm().count()).toBe(300);
  expect(await warm().pipeThrough(offset(290)).pipeThrough(limit(50)).count()).toBe(10);
  expect(await warm().pipeThrough(limit(50)).pipeThrough(where(col("celsius").lt(0))).count()).toBe(
    0,
  );
});

test("a reader with predicates gives the rows for which all are true, whatever it is told then", async () => {
  const reader = new AdaptiveStreamingReader(file)
    .withPredicate(col("celsius").ge(29))
    .withPredicate(col("sensor").eq("attic"))
    .withMemoryLimit("64MB");
  expect(await reader.stream().count()).toBe(80);
  expect((await reader.collect()).numRows).toBe(80);
});
