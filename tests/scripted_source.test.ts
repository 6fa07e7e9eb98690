import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import { type RowFilter, scanParquet, type ScanProgress, type SpillwayBatch } from "spillway";
import { test } from "./support/harness.ts";
import { isWarm, LaterWarm } from "./support/row_filters.ts";
import { rowsOf } from "./support/rows_of.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

// 4 row groups of 500 rows.
const file = "tests/data/readings.parquet";

test("a predicate in JavaScript skips row groups: the plan shows it, and pruning counts", async () => {
  const predicate = new LaterWarm();
  const scan = scanParquet(file, { where: predicate, columns: ["at"], rowGroups: [1, 2] });
  const plan = await scan.explain();
  expect(plan.filter).toBe("LaterWarm in JavaScript");
  expect(plan.steps).toEqual(["where LaterWarm in JavaScript", "select at"]);
  expect(plan.rowGroups.map(({ skipped }) => skipped)).toEqual(
    ["not in rowGroups", "LaterWarm skips it", null, "not in rowGroups"],
  );
  expect(plan.pruning?.statistics).toMatchObject({ rowGroups: 1, rows: 500 });
  const text = String(plan);
  expect(text).toContain("  where       LaterWarm in JavaScript\n");
  expect(text).toContain("1 of 4 row groups by statistics: LaterWarm skips it\n");
  expect(scan.stats().pruning?.filter.rowsTested ?? 0).toBe(0);
  const rows = await rowsOf(scan);
  const { pruning, rows: given } = scan.stats();
  const { rowGroups } = await scan.metadata();
  expect(pruning?.statistics).toEqual(
    { rowGroups: 1, rows: 500, compressedBytes: rowGroups[1]!.compressedSize },
  );
  expect(pruning?.filter).toMatchObject({ rowsTested: 500, rowsPassed: rows.length });
  expect(pruning?.filter.conditions[0]?.text).toBe("LaterWarm in JavaScript");
  expect(given).toBe(rows.length);
  expect(new Set(predicate.asked)).toEqual(new Set([1, 2]));
});

test("without pruning by statistics a predicate in JavaScript sees every row group", async () => {
  for (const prune of [false, { statistics: false }]) {
    const predicate = new LaterWarm();
    const scan = scanParquet(file, { where: predicate, prune });
    expect(await scan.count()).toBe(await scanParquet(file, { where: isWarm }).count());
    expect(predicate.asked).toEqual([]);
  }
});

test("a row group that isn't there is an error, also beside a predicate in JavaScript", async () => {
  const message = await rowsOf(scanParquet(file, { rowGroups: [2, 9] })).catch(String);
  expect(message).toContain("9");
  const scan = scanParquet(file, { where: new LaterWarm(), rowGroups: [2, 9] });
  expect(await rowsOf(scan).catch(String)).toBe(message);
});

test("a function sees batches of all columns, whatever is given of them", async () => {
  const seen: string[][] = [];
  function everyTenth(batch: RecordBatch): boolean[] {
    seen.push(batch.schema.names as string[]);
    return Array.from({ length: batch.numRows }, (_, row) => row % 10 === 0);
  }
  const scan = scanParquet(file, { where: everyTenth, columns: ["at"], batchSize: 500 });
  expect(String(await scan.explain())).toContain("  where       everyTenth() in JavaScript\n");
  expect((await rowsOf(scan)).length).toBe(200);
  expect(seen).toEqual(Array(4).fill(["sensor", "at", "celsius"]));
  expect(scan.stats().pruning?.filter).toMatchObject({ rowsTested: 2_000, rowsPassed: 200 });
});

test("a filter that throws fails the stream with its error, and closes the scan", async () => {
  const before = await streamBytes();
  const reason = new Error("enough");
  const fails: RowFilter[] = [
    () => {
      throw reason;
    },
    { shouldSkipRowGroup: () => false, apply: () => Promise.reject(reason) },
    {
      shouldSkipRowGroup: () => {
        throw reason;
      },
      apply: (batch) => batch,
    },
  ];
  for (const filter of fails) {
    const scan = scanParquet(file, { where: filter, batchSize: 100 });
    await expect(rowsOf(scan)).rejects.toBe(reason);
    expect(scan.stats().rows).toBe(0);
  }
  await expectStreamBytesBackTo(before);
});

test("cancelling and aborting end a scan whose filter is in JavaScript", async () => {
  const before = await streamBytes();
  const controller = new AbortController();
  const open = () =>
    scanParquet(file, { where: isWarm, batchSize: 100, signal: controller.signal });
  const cancelled = open();
  const reader = cancelled.getReader();
  const first = await reader.read();
  await reader.cancel();
  expect((await reader.read()).done).toBe(true);
  expect(cancelled.stats().rows).toBe(first.value!.numRows);
  const aborted = open().getReader();
  await aborted.read();
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(aborted.closed).rejects.toBe(reason);
  await expect(open().getReader().read()).rejects.toBe(reason);
  await expectStreamBytesBackTo(before);
});

test("a cancellation while the filter works leaves nothing behind", async () => {
  const { promise: called, resolve: call } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const batches: RecordBatch[] = [];
  const scan = scanParquet(file, {
    where: {
      shouldSkipRowGroup: () => false,
      async apply(batch) {
        batches.push(batch);
        call();
        await gate;
        return batch;
      },
    },
    batchSize: 100,
  });
  const reader = scan.getReader();
  const read = reader.read();
  await called;
  const end = reader.cancel();
  open();
  expect((await read).done).toBe(true);
  await end;
  await new Promise((resolve) => setTimeout(resolve));
  expect(batches.map((batch) => (batch as SpillwayBatch).released)).toEqual([true]);
  expect(scan.stats().rows).toBe(0);
});

test("a limit behind a filter in JavaScript stops the scan, and the progress ends", async () => {
  const reports: ScanProgress[] = [];
  const scan = scanParquet(file, {
    where: isWarm,
    batchSize: 50,
    limit: 60,
    progress: (report) => reports.push(report),
  });
  expect((await rowsOf(scan)).length).toBe(60);
  const { rows, pruning } = scan.stats();
  expect(rows).toBe(60);
  expect(pruning!.filter.rowsTested).toBeLessThan(1_000);
  expect(reports.at(-1)).toMatchObject({ rows: 60, totalRows: 2_000, fraction: 1 });
});

test("both branches of a tee read what a filter in JavaScript leaves", async () => {
  const [left, right] = scanParquet(file, { where: isWarm, batchSize: 100 }).tee();
  const counts = [left, right].map(async (branch) => {
    let rows = 0;
    // Not released: the other branch has the same batches.
    for await (const batch of branch) rows += batch.getChild("celsius")!.length;
    return rows;
  });
  const rows = await scanParquet(file, { where: isWarm }).count();
  expect(await Promise.all(counts)).toEqual([rows, rows]);
});
