import { expect } from "@std/expect";
import type { ScanProgress } from "spillway";
import { noCounters } from "../ffi/counters.ts";
import { ProgressReporter } from "../src/scan/scan_progress.ts";
import { test } from "./support/harness.ts";

const counters = {
  ...noCounters(),
  rows: 50,
  totalRows: 200,
  compressedBytes: 1_000,
  totalCompressedBytes: 4_000,
  totalFiles: 1,
  openedFiles: 1,
};

function reporter(): { reports: ScanProgress[]; progress: ProgressReporter } {
  const reports: ScanProgress[] = [];
  return { reports, progress: new ProgressReporter((report) => void reports.push(report), 1_000) };
}

test("a report has counts, their totals and their rates", () => {
  const { reports, progress } = reporter();
  progress.batch(() => counters, 1_500);
  expect(reports).toEqual([{
    rows: 50,
    totalRows: 200,
    bytes: 1_000,
    totalBytes: 4_000,
    files: 0,
    totalFiles: 1,
    fraction: 0.25,
    elapsedMs: 500,
    rowsPerSecond: 100,
    bytesPerSecond: 2_000,
  }]);
});

test("reports come ten times a second at most, and always at the end", () => {
  const { reports, progress } = reporter();
  for (let now = 1_000; now < 2_000; now += 10) progress.batch(() => counters, now);
  expect(reports.length).toBe(10);
  progress.end(counters, 2_000);
  expect(reports.length).toBe(11);
});

test("batches between reports aren't even counted", () => {
  const { progress } = reporter();
  progress.batch(() => counters, 1_000);
  progress.batch(() => {
    throw new Error("counted");
  }, 1_001);
});

test("totals are unknown until all files are open, and files tell the part that is done", () => {
  const { reports, progress } = reporter();
  const files = { totalFiles: 10, openedFiles: 4, doneFiles: 2, prunedFiles: 1, skippedFiles: 1 };
  progress.batch(() => ({ ...counters, ...files }), 1_500);
  expect(reports[0]).toMatchObject({ totalRows: null, totalBytes: null, files: 4, fraction: 0.4 });
  progress.batch(() => ({ ...counters, ...files, openedFiles: 8 }), 2_500);
  expect(reports[1]).toMatchObject({ totalRows: 200, totalBytes: 4_000, fraction: 0.25 });
});

test("a scan of no rows is done, and no time has no rate", () => {
  const { reports, progress } = reporter();
  progress.end(noCounters(), 1_000);
  expect(reports[0]).toMatchObject({ fraction: 1, rowsPerSecond: 0, bytesPerSecond: 0 });
});

test("bytes beside the plan's don't make more than the whole", () => {
  const { reports, progress } = reporter();
  progress.end({ ...counters, compressedBytes: 5_000 }, 2_000);
  expect(reports[0]?.bytes).toBe(4_000);
});
