import { expect } from "@std/expect";
import { ScanPlan, type ScanPlanData } from "spillway";
import { test } from "./support/harness.ts";

const data: ScanPlanData = {
  path: "a.parquet",
  files: [{
    path: "a.parquet",
    rows: 1_500,
    rowGroups: 2,
    compressedBytes: 3_072,
    estimatedBytes: 12_288,
    skipped: null,
  }],
  io: "mmap",
  columns: ["id", "comment"],
  outputs: ["id", "comment"],
  tested: [],
  steps: [],
  pruning: null,
  rowRange: { start: 0, end: 1_500 },
  rows: 1_500,
  rowGroups: [
    {
      file: 0,
      index: 0,
      rows: { start: 0, end: 1_000 },
      compressedBytes: 2_048,
      estimatedBytes: 8_192,
      rowsRead: 0,
      pruned: null,
      skipped: null,
    },
    {
      file: 0,
      index: 1,
      rows: { start: 0, end: 500 },
      compressedBytes: 1_024,
      estimatedBytes: 4_096,
      rowsRead: 0,
      pruned: null,
      skipped: null,
    },
    {
      file: 0,
      index: 2,
      rows: { start: 0, end: 0 },
      compressedBytes: 0,
      estimatedBytes: 0,
      rowsRead: 0,
      pruned: null,
      skipped: "outside offset and limit",
    },
  ],
  segments: [{ rows: { start: 0, end: 1_500 }, rowGroups: [0, 1] }],
  activeSegments: 1,
  lanes: [
    { column: "id", compressedBytes: 1_024, estimatedBytes: 4_096, given: true },
    { column: "comment", compressedBytes: 2_048, estimatedBytes: 8_192, given: true },
  ],
  filter: null,
  compressedBytes: 3_072,
  estimatedBytes: 12_288,
  memoryLimitBytes: 64 * 2 ** 20,
  threads: 2,
};

test("a plan is its data", () => {
  expect({ ...new ScanPlan(data) }).toEqual({ ...data });
  expect(JSON.parse(JSON.stringify(new ScanPlan(data)))).toEqual(data);
});

test("a plan prints what is read, what that needs, and what is skipped and why", () => {
  expect(String(new ScanPlan(data))).toBe(
    [
      "Scan of a.parquet (mmap)",
      "  rows        1,500, in 2 of 3 row groups",
      "  skipped     1 row groups: outside offset and limit",
      "  bytes       3 KiB compressed, about 12 KiB decoded",
      "  memory      64 MiB at most",
      "  parallel    1 of 1 segments at once, 2 columns, 2 threads",
      "  column      id       1 KiB compressed, about 4 KiB decoded",
      "  column      comment  2 KiB compressed, about 8 KiB decoded",
    ].join("\n"),
  );
});
