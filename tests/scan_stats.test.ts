import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import { readFileSync, writeFileSync } from "node:fs";
import {
  col,
  CorruptFileError,
  FileNotFoundError,
  limit,
  MmapParquetReader,
  offset,
  type RecordBatchStream,
  type RowFilter,
  type ScanOptions,
  scanParquet,
  type ScanProgress,
  type ScanPruning,
  type ScanStats,
  select,
  where,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { sortedFile, writeSorted } from "./support/sorted_file.ts";

// 100,000 rows in 10 row groups, `id` being the row's number.
const file = fixture("sequence");
const ROWS = 100_000;

/** Keeps what the expression `id < 42500` keeps. */
function isEarly(batch: RecordBatch): boolean[] {
  return Array.from(batch.getChild("id")!, (id) => id < 42_500n);
}

/** What a consumer sees. */
async function seen(stream: RecordBatchStream): Promise<Partial<ScanStats>> {
  let [rows, batches, bytes] = [0, 0, 0];
  for await (using batch of stream) {
    rows += batch.numRows;
    bytes += batch.byteLength;
    batches++;
  }
  return { rows, batches, bytes };
}

async function finished(path: string, options: ScanOptions): Promise<ScanStats> {
  const stream = scanParquet(path, options);
  await seen(stream);
  return stream.stats();
}

const scans: readonly (readonly [name: string, open: () => RecordBatchStream, rows: number])[] = [
  ["all rows", () => scanParquet(file), ROWS],
  ["rows of a size", () => scanParquet(file, { batchSize: 7_000, columns: ["id", "text"] }), ROWS],
  ["a limit", () => scanParquet(file, { limit: 12_345, offset: 9_000 }), 12_345],
  ["copies", () => scanParquet(file, { limit: 12_345, zeroCopy: false }), 12_345],
  ["a predicate", () => scanParquet(file, { where: col("id").lt(42_500) }), 42_500],
  [
    "a limit behind a predicate",
    () => scanParquet(file, { where: col("id").ge(500), limit: 777, offset: 555, batchSize: 100 }),
    777,
  ],
  [
    "a limit of none behind a predicate",
    () => scanParquet(file, { where: col("id").ge(500), limit: 0 }),
    0,
  ],
  [
    "an offset beyond what passes",
    () => scanParquet(file, { where: col("id").lt(500), offset: 501 }),
    0,
  ],
  [
    "transforms that the scan does",
    () =>
      scanParquet(file, { batchSize: 1_000 }).pipeThrough(where(col("flag").isNotNull()))
        .pipeThrough(offset(1_500)).pipeThrough(limit(3_000)).pipeThrough(select("text")),
    3_000,
  ],
  ["a filter in JavaScript", () => scanParquet(file, { where: isEarly }), 42_500],
  [
    "a limit behind a filter in JavaScript",
    () => scanParquet(file, { where: isEarly, limit: 777, offset: 555, batchSize: 100 }),
    777,
  ],
  [
    "a part of a struct beside a predicate",
    () =>
      scanParquet(file, { where: col("id").lt(42_500), columns: ["point.x"], batchSize: 4_000 }),
    42_500,
  ],
];

for (const [name, open, rows] of scans) {
  test(`rows, batches and bytes are those that were given: ${name}`, async () => {
    const stream = open();
    expect(stream.stats()).toMatchObject({ rows: 0, batches: 0, bytes: 0, pruning: null });
    const given = await seen(stream);
    expect(given.rows).toBe(rows);
    const copiedBatches = name === "copies" ? given.batches! : 0;
    expect(stream.stats()).toMatchObject({ ...given, copiedBatches });
  });
}

test("the first stream of fused ones counts what the last one gives", async () => {
  const scan = scanParquet(file);
  const last = scan.pipeThrough(where(col("id").lt(42_500))).pipeThrough(limit(60));
  await seen(last);
  expect(scan.stats()).toEqual(last.stats());
  expect(scan.stats().rows).toBe(60);
});

test("compressed bytes with a predicate are those of the pages read, and the progress ends", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  const pageBytes = 8 * sortedFile.pageRows;
  const cases: [ScanOptions, pages: number, rows: number, lookedAt: number][] = [
    [{ where: col("id").between(1_210, 1_219) }, 3, 10, 100],
    [{ where: col("id").between(1_210, 1_219), columns: ["twice"] }, 2, 10, 100],
    [{ where: col("id").between(1_210, 1_219), columns: ["twice"], limit: 3 }, 2, 3, 100],
    [{ where: col("id").between(1_150, 1_249), columns: ["id"] }, 2, 100, 200],
    [{ where: col("twice").eq(2_199) }, 0, 0, 0],
  ];
  for (const [options, pages, rows, lookedAt] of cases) {
    const reports: ScanProgress[] = [];
    const progress = (report: ScanProgress) => reports.push(report);
    const stats = await finished(path, { ...options, progress });
    expect(stats).toMatchObject({ rows, totalRows: lookedAt, compressedBytes: pages * pageBytes });
    // The plan has the headers of pages and their share of the chunk too.
    expect(stats.totalCompressedBytes >= stats.compressedBytes).toBe(true);
    const last = reports.at(-1)!;
    expect(last).toMatchObject({ rows, totalRows: lookedAt, fraction: 1 });
    expect(last.bytes).toBe(stats.compressedBytes);
    expect(last.totalBytes).toBe(stats.totalCompressedBytes);
  }
});

test("the progress with a predicate never goes back, nor beyond the whole", async () => {
  const filters: RowFilter[] = [col("id").mod(500).eq(0), isEarly];
  for (const filter of filters) {
    const reports: ScanProgress[] = [];
    const stream = scanParquet(file, {
      where: filter,
      memoryLimit: "2MB",
      // Many batches, more than workers read ahead of the first.
      batchSize: 5,
      limit: 200,
      progress: (report) => reports.push(report),
    });
    await seen(stream);
    expect(reports.length).toBeGreaterThan(1);
    for (const [at, { rows, bytes, totalBytes, fraction }] of reports.entries()) {
      const before = reports[at - 1] ?? { rows: 0, bytes: 0, fraction: 0 };
      expect(rows >= before.rows && bytes >= before.bytes && fraction >= before.fraction).toBe(
        true,
      );
      expect(bytes <= totalBytes! && fraction <= 1).toBe(true);
    }
    expect(reports[0]!.fraction).toBeLessThan(1);
    expect(reports.at(-1)).toMatchObject({ rows: 200, totalRows: ROWS, fraction: 1 });
  }
});

/** Counts that stay what they are once a scan is over. */
function settled({ rows, batches, bytes, pruning, decisions }: ScanStats) {
  return { rows, batches, bytes, pruning, decisions };
}

interface FilterCase {
  readonly name: string;
  readonly filter: RowFilter | undefined;
  /** How many rows come before row 30,000, which can't be read. */
  readonly rows: readonly [least: number, most: number];
}

const filters: readonly FilterCase[] = [
  { name: "without a filter", filter: undefined, rows: [30_000, 30_000] },
  // What is tested together with the bad row is lost.
  { name: "with a predicate", filter: col("id").mod(2).eq(0), rows: [500, 15_000] },
  { name: "with a filter in JavaScript", filter: isEarly, rows: [30_000, 30_000] },
];

for (const { name, filter, rows: [least, most] } of filters) {
  test(`a cancelled scan keeps its counts, ${name}`, async () => {
    const stream = scanParquet(file, { where: filter, batchSize: 500, memoryLimit: "4MB" });
    const reader = stream.getReader();
    const first = (await reader.read()).value!;
    const second = (await reader.read()).value!;
    const before = stream.stats();
    const bytes = first.byteLength + second.byteLength;
    expect(before).toMatchObject({ rows: 1_000, batches: 2, bytes });
    first.release();
    await reader.cancel();
    const after = stream.stats();
    expect(settled(after)).toMatchObject({ rows: 1_000, batches: 2, bytes });
    expect(after.rowsPlanned).toBeLessThan(ROWS);
    expect(after.pruning === null).toBe(filter === undefined);
    if (after.pruning) expectTested(after.pruning, 1_000);
    second.release();
    await new Promise((resolve) => setTimeout(resolve));
    expect(stream.stats()).toEqual(after);
  });

  test(`a failed scan keeps its counts, ${name}`, async () => {
    using directory = tempDirectory();
    const path = directory.file("corrupt.parquet");
    const content = readFileSync(file);
    const chunk = new MmapParquetReader(file).columnChunk(3, "text");
    content.fill(0xff, chunk.dataPageOffset + 30, chunk.dataPageOffset + chunk.compressedSize);
    writeFileSync(path, content);
    const stream = scanParquet(path, { where: filter, batchSize: 500 });
    let [rows, batches] = [0, 0];
    const reader = stream.getReader();
    const error = await (async () => {
      for (;;) {
        const { value } = await reader.read();
        if (value === undefined) return null;
        rows += value.numRows;
        batches++;
        value.release();
      }
    })().catch((reason) => reason);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(rows >= least && rows <= most).toBe(true);
    const stats = stream.stats();
    expect(stats).toMatchObject({ rows, batches });
    expect(stats.pruning === null).toBe(filter === undefined);
    if (stats.pruning) expectTested(stats.pruning, rows);
    expect(stream.stats()).toEqual(stats);
  });

  test(`a scan that can't be opened, or was cancelled before, has counted nothing, ${name}`, async () => {
    using directory = tempDirectory();
    const absent = scanParquet(directory.file("absent.parquet"), { where: filter });
    await expect(seen(absent)).rejects.toThrow(FileNotFoundError);
    const cancelled = scanParquet(file, { where: filter });
    await cancelled.cancel();
    for (const stream of [absent, cancelled]) {
      const { rows, batches, bytes, compressedBytes, pruning, decisions } = stream.stats();
      expect({ rows, batches, bytes, compressedBytes, pruning, decisions }).toEqual(
        { rows: 0, batches: 0, bytes: 0, compressedBytes: 0, pruning: null, decisions: [] },
      );
    }
  });
}

/** What was given was tested, and passed. */
function expectTested({ filter }: ScanPruning, rows: number): void {
  expect(filter.rowsPassed).toBeGreaterThanOrEqual(rows);
  expect(filter.rowsTested).toBeGreaterThanOrEqual(filter.rowsPassed);
  expect(filter.conditions.length).toBe(1);
}

test("an answer that takes several scans adds up what they did", async () => {
  const stream = scanParquet("tests/data/readings.parquet", { where: col("celsius").lt(29) });
  const plan = await stream.explain();
  expect(await stream.max("celsius")).toBe(28.5);
  const { rows, totalRows, pruning } = stream.stats();
  expect(totalRows).toBe(plan.rows);
  expect(pruning?.filter.rowsPassed).toBe(rows);
  expect(pruning?.filter.rowsTested).toBe(plan.rows);
  expect(pruning?.filter.conditions).toMatchObject([{ rowsTested: plan.rows, rowsPassed: rows }]);
});
