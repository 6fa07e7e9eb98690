import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import {
  AdaptiveChunkStrategy,
  col,
  ColumnFilterPredicate,
  FixedChunkStrategy,
  type ScanOptions,
  scanParquet,
} from "spillway";
import { DatasetFiles } from "../src/find/dataset_files.ts";
import { checkScan } from "../src/scan/check_scan.ts";
import { pathOf } from "../src/find/path_of.ts";
import { test } from "./support/harness.ts";

function check(options: Record<string, unknown>) {
  return checkScan("a.parquet", options as ScanOptions);
}

test("a scan without options reads all, adaptively, zero-copy, from a map", () => {
  const { strategy, files, ...rest } = checkScan("a.parquet");
  expect(files).toBeInstanceOf(DatasetFiles);
  expect(strategy).toBeInstanceOf(AdaptiveChunkStrategy);
  expect(rest).toEqual({
    schema: "strict",
    concurrency: 0,
    ordered: true,
    onFileError: "throw",
    columns: null,
    fixedRows: null,
    memoryLimitBytes: null,
    limit: null,
    limits: {},
    verifyChecksums: true,
    offset: 0,
    io: "mmap",
    dictionary: null,
    strings: "utf8",
    text: null,
    zeroCopy: true,
    rowIndex: null,
    rowIndexPerFile: false,
    signal: null,
    progress: null,
    where: null,
    prune: {},
  });
});

test("options that are undefined count as not given", () => {
  const options = { columns: undefined, batchSize: undefined, signal: undefined, limit: undefined };
  expect(check(options).columns).toBe(null);
});

test("a path is text or a file URL", () => {
  expect(pathOf("data/a b.parquet")).toBe("data/a b.parquet");
  expect(pathOf(new URL("file:///data/a%20b.parquet"))).toBe("/data/a b.parquet");
  expect(() => pathOf(new URL("https://example.com/a.parquet"))).toThrow(/must begin with file:/);
  for (const path of ["", 5, null, undefined, {}, "a\0b"]) {
    expect(() => pathOf(path as string)).toThrow(TypeError);
  }
});

test("wrong arguments are thrown by the call itself, before anything is opened", () => {
  expect(() => scanParquet("absent.parquet", { limit: -1 })).toThrow(RangeError);
  expect(() => scanParquet("absent.parquet", { columns: "a" as unknown as string[] })).toThrow(
    TypeError,
  );
});

test("an option that there isn't is refused with the ones that were meant", () => {
  expect(() => check({ colums: ["a"] })).toThrow(/no option colums. Did you mean columns\?/);
  expect(() => check({ memoryLimitBytes: 5 })).toThrow(/memoryLimit/);
  expect(() => check({ qqqqqq: 1 })).toThrow(/They have allowEmpty, batchSize, chunkStrategy/);
  expect(() => check(5 as unknown as Record<string, unknown>)).toThrow(/must be an object/);
});

test("batchSize and chunkStrategy exclude each other", () => {
  expect(() => check({ batchSize: 5, chunkStrategy: new FixedChunkStrategy(5) })).toThrow(
    /batchSize or chunkStrategy, not both/,
  );
});

test("a fixed size, by either option, is told to the native side", () => {
  expect(check({ batchSize: 700 }).fixedRows).toBe(700);
  expect(check({ chunkStrategy: new FixedChunkStrategy(800) }).fixedRows).toBe(800);
  expect(check({ chunkStrategy: new AdaptiveChunkStrategy() }).fixedRows).toBe(null);
});

test("a strategy is anything with the two methods", () => {
  const chunkStrategy = { calculateChunkSize: () => 5, adjust() {} };
  expect(check({ chunkStrategy }).strategy).toBe(chunkStrategy);
  expect(() => check({ chunkStrategy: { adjust() {} } })).toThrow(/calculateChunkSize and adjust/);
  expect(() => check({ chunkStrategy: null })).toThrow(TypeError);
});

test("memory limits are numbers or text", () => {
  expect(check({ memoryLimit: "64MB" }).memoryLimitBytes).toBe(64e6);
  expect(check({ memoryLimit: 4_096 }).memoryLimitBytes).toBe(4_096);
  expect(() => check({ memoryLimit: "much" })).toThrow(/memoryLimit/);
  expect(() => check({ memoryLimit: 0 })).toThrow(RangeError);
});

const wrong: [option: string, values: unknown[], error: new () => Error][] = [
  ["batchSize", [0, -1, 1.5, NaN], RangeError],
  ["batchSize", ["5", null], TypeError],
  ["limit", [-1, 0.5, Infinity], RangeError],
  ["limit", ["5", null, 5n], TypeError],
  ["offset", [-1, 2 ** 53], RangeError],
  ["rowGroups", [[-1], [0.5]], RangeError],
  ["rowGroups", [3, "0", ["0"]], TypeError],
  ["columns", ["a", [1], { a: 1 }, null, ["a", "a"]], TypeError],
  ["dictionary", [false, "a", [null]], TypeError],
  ["io", ["disk", 1, null], TypeError],
  ["strings", ["utf16", true], TypeError],
  ["zeroCopy", [0, "no", null], TypeError],
  ["rowIndex", [1, true, null], TypeError],
  ["signal", [{}, null, "abort"], TypeError],
  ["progress", [true, "bar", null], TypeError],
  [
    "where",
    ["a > 1", true, null, [], {}, new Map(), { apply: (batch: unknown) => batch }],
    TypeError,
  ],
];

for (const [option, values, error] of wrong) {
  test(`${option} refuses what it can't be with a ${error.name} that names it`, () => {
    for (const value of values) {
      expect(() => check({ [option]: value })).toThrow(error);
      expect(() => check({ [option]: value })).toThrow(option);
    }
  });
}

test("a filter is an expression, a predicate or a function; what has an expression becomes it", () => {
  const expression = col("a").gt(1);
  const mask = () => [];
  const own = { shouldSkipRowGroup: () => false, apply: (batch: RecordBatch) => batch };
  for (const where of [expression, mask, own]) expect(check({ where }).where).toBe(where);
  expect(check({ where: { ...own, toExpression: () => expression } }).where).toBe(expression);
  expect(check({ where: { ...own, toExpression: () => undefined } }).where).toHaveProperty("apply");
  const filter = new ColumnFilterPredicate("a", [1, 2]);
  expect(String(check({ where: filter }).where)).toBe("a IN (1, 2)");
  expect(() => check({ where: "a > 1" })).toThrow(
    /^where must be an expression.*or a function from a batch to a mask, not "a > 1"$/,
  );
});

test("arrays are copied, so that later changes don't reach the scan", () => {
  const columns = ["a", "b"];
  const checked = check({ columns });
  columns.push("c");
  expect(checked.columns).toEqual(["a", "b"]);
});
