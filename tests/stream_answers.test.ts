import { expect } from "@std/expect";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import {
  col,
  limit,
  offset,
  rename,
  scanParquet,
  select,
  tableToStream,
  where,
  withColumns,
} from "spillway";
import { test } from "./support/harness.ts";

// 4 row groups of 500 rows; celsius is exact in statistics, sensor is not.
const file = "tests/data/readings.parquet";
const everyRow = (batch: RecordBatch) => new Uint8Array(batch.numRows).fill(1);

test("count is answered from the footer, decoding nothing", async () => {
  const scan = scanParquet(file, { offset: 100, limit: 1_000 });
  expect(await scan.count()).toBe(1_000);
  expect(scan.stats().batchesDecoded).toBe(0);
});

test("count reads nothing of row groups whose rows all pass", async () => {
  const scan = scanParquet(file);
  const warm = scan.pipeThrough(where(col("celsius").ge(5)));
  expect(await warm.count()).toBe(2_000);
  expect(warm.stats().compressedBytes).toBe(0);
});

test("count is that of the rows read, with a predicate, offset and limit", async () => {
  const hot = () => scanParquet(file).pipeThrough(where(col("celsius").ge(29)));
  const rows = (await hot().collect()).numRows;
  expect(rows).toBeGreaterThan(20);
  expect(await hot().count()).toBe(rows);
  expect(await hot().pipeThrough(offset(7)).count()).toBe(rows - 7);
  expect(await hot().pipeThrough(offset(7)).pipeThrough(limit(5)).count()).toBe(5);
  expect(await hot().pipeThrough(limit(5)).pipeThrough(where(col("sensor").ne("x"))).count()).toBe(
    5,
  );
  expect(await hot().pipeThrough(where(everyRow)).count()).toBe(rows);
});

test("count of a stream that was read is of the rows that are left", async () => {
  const scan = scanParquet(file, { batchSize: 300 });
  const reader = scan.getReader();
  expect((await reader.read()).value?.numRows).toBe(300);
  await expect(scan.count()).rejects.toThrow(TypeError);
  reader.releaseLock();
  expect(await scan.count()).toBe(1_700);
});

test("min and max are answered from exact statistics, decoding nothing", async () => {
  const scan = scanParquet(file);
  expect(await scan.min("at")).toBe(1_767_225_600_000);
  expect(scan.stats().batchesDecoded).toBe(0);
  const renamed = scanParquet(file).pipeThrough(rename({ celsius: "c" }));
  expect(await renamed.min("c")).toBe(5);
  expect(renamed.stats().batchesDecoded).toBe(0);
});

test("max of floats is decoded, since statistics leave NaN out", async () => {
  const scan = scanParquet(file);
  expect(await scan.max("celsius")).toBe(30);
  expect(scan.stats().batchesDecoded).toBeGreaterThan(0);
});

test("inexact bounds leave out row groups that can't hold more", async () => {
  const scan = scanParquet(file);
  expect(await scan.min("sensor")).toBe("attic");
  expect(scan.stats().rows).toBe(500);
});

test("min and max agree with the batches, whatever comes before", async () => {
  const chains = [
    () => scanParquet(file),
    () => scanParquet(file, { offset: 130, limit: 700 }),
    () => scanParquet(file, { rowGroups: [1, 3] }),
    () => scanParquet(file, { rowGroups: [1, 3], offset: 499, limit: 3 }),
    () => scanParquet(file, { dictionary: ["sensor"] }),
    () => scanParquet(file, { offset: 499, limit: 3 }).pipeThrough(where(col("celsius").gt(0))),
    () => scanParquet(file).pipeThrough(where(col("celsius").between(11, 19))),
    () => scanParquet(file).pipeThrough(where(col("celsius").gt(20))).pipeThrough(limit(50)),
    () => scanParquet(file).pipeThrough(withColumns({ celsius: col("celsius").neg() })),
  ];
  for (const chain of chains) {
    for (const column of ["sensor", "at", "celsius"]) {
      const plain = () => chain().pipeThrough(where(everyRow));
      expect([await chain().min(column), await chain().max(column)]).toEqual(
        [await plain().min(column), await plain().max(column)],
      );
      const rows = [];
      for await (const row of chain().rows()) rows.push(row[column]);
      rows.sort((a, b) => (a as number) < (b as number) ? -1 : 1);
      expect(await chain().min(column)).toBe(rows[0]);
      expect(await chain().max(column)).toBe(rows.at(-1));
    }
  }
});

test("a column without values has neither", async () => {
  const none = () => scanParquet(file).pipeThrough(where(col("celsius").gt(99)));
  expect(await none().count()).toBe(0);
  expect(await none().min("sensor")).toBe(undefined);
  expect(await none().max("celsius")).toBe(undefined);
});

test("NaN is the greatest, and text goes by code points", async () => {
  const table = tableFromArrays({
    x: Float64Array.of(1, NaN, -0, 3),
    t: ["\uffff", "😀", "a", "b"],
  });
  const rows = () => {
    const { readable, writable } = where(everyRow);
    tableToStream(table).pipeTo(writable).catch(() => {});
    return readable;
  };
  expect(Number.isNaN(await rows().max("x"))).toBe(true);
  expect(await rows().min("x")).toBe(0);
  expect(await rows().max("t")).toBe("😀");
  expect(await rows().count()).toBe(4);
});

test("unknown columns are errors", async () => {
  await expect(scanParquet(file).max("kelvin")).rejects.toThrow("kelvin");
  await expect(scanParquet(file).pipeThrough(select("at")).min("celsius")).rejects.toThrow(
    "celsius",
  );
});
