import { expect } from "@std/expect";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  col,
  type PredicatePushdown,
  rename,
  scanParquet,
  type ScanProgress,
  selectRows,
  where,
  withColumns,
} from "spillway";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import {
  numberFile,
  range,
  writeColumns,
  writeNumbers,
  writeParts,
} from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";

/** Five files in folders of years. */
function writeYears(directory: TempDirectory): string {
  for (const part of range(0, 5)) {
    const folder = directory.file(`year=${2020 + part}`);
    mkdirSync(folder);
    writeNumbers(join(folder, "part.parquet"), 100 * part);
  }
  return directory.path;
}

test("rows are counted over files, from their footers where nothing is tested", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 5);
  const counted = scanParquet(paths);
  expect(await counted.count()).toBe(500);
  expect(counted.stats().batchesDecoded).toBe(0);
  expect(await scanParquet(paths, { offset: 120, limit: 250 }).count()).toBe(250);
  expect(await scanParquet(paths, { offset: 450, limit: 250 }).count()).toBe(50);
  expect(await scanParquet(paths, { where: col("number").mod(3).eq(0) }).count()).toBe(167);
  expect(await scanParquet(paths, { where: col("number").ge(95), limit: 10 }).count()).toBe(10);
});

test("the ends of a column are those over all files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 5).toReversed();
  const scan = () => scanParquet(paths);
  expect([await scan().min("number"), await scan().max("number")]).toEqual([0n, 499n]);
  expect([await scan().min("text"), await scan().max("text")]).toEqual(["number 0", "number 99"]);
  const some = () => scan().pipeThrough(where(col("number").gt(150).and(col("number").lt(320))));
  expect([await some().min("number"), await some().max("number")]).toEqual([151n, 319n]);
  const named = scan().pipeThrough(rename({ number: "n" }))
    .pipeThrough(withColumns({ twice: col("n").mul(2) }));
  expect(await named.max("twice")).toBe(998n);
  const none = scan().pipeThrough(where(col("number").lt(0)));
  expect(await none.min("number")).toBe(undefined);
});

test("the ends of a folder's column are the folders', also where the files have one of its name", async () => {
  using directory = tempDirectory();
  for (const day of [5, 7]) {
    mkdirSync(directory.file(`day=${day}`));
    writeColumns(join(directory.path, `day=${day}`, "part.parquet"), [
      { name: "day", data: range(0, 100).map(BigInt), type: "INT64" },
    ]);
  }
  const ends = async (paths: string) => {
    const scan = () => scanParquet(paths, { hivePartitioning: true });
    return [await scan().min("day"), await scan().max("day")];
  };
  expect(await ends(directory.path)).toEqual([5n, 7n]);
  expect(await ends(directory.file("day=7"))).toEqual([7n, 7n]);
  expect(await scanParquet(directory.file("day=7")).max("day")).toBe(99n);
});

test("a table, rows and the schema are of all files, and metadata of the first", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  const table = await scanParquet(paths).collect();
  expect(Array.from(table.getChild("number")!, Number)).toEqual(range(0, 300));
  let at = 0;
  for await (const row of scanParquet(paths, { batchSize: 70 }).rows()) {
    if (at % 50 === 0) expect(row).toEqual({ number: BigInt(at), text: `number ${at}` });
    at++;
  }
  expect(at).toBe(300);
  const stream = scanParquet(paths, { fileName: "path" });
  expect((await stream.schema()).fields.map(String))
    .toEqual(["number: Int64", "text: Utf8", "path: Dictionary<Int32, Utf8>"]);
  const metadata = await stream.metadata();
  expect([metadata.path, metadata.numRows]).toEqual([paths[0], numberFile.rows]);
  // What was opened for the schema is used for the rows.
  expect(await numbersOf(stream)).toEqual(range(0, 300));
});

test("a table that is too large is refused before anything is decoded", async () => {
  using directory = tempDirectory();
  const stream = scanParquet(writeParts(directory, 30));
  await expect(stream.collect({ maxBytes: 2_000 })).rejects.toMatchObject({ code: "MEMORY_LIMIT" });
  expect(stream.stats().batchesDecoded).toBe(0);
});

test("a plan says of each file what is read, or why nothing is", async () => {
  using directory = tempDirectory();
  const stream = scanParquet(writeYears(directory), {
    hivePartitioning: true,
    where: col("year").ge(2022).and(col("number").lt(350)),
    columns: ["text"],
  });
  const plan = await stream.explain();
  expect(plan.files.map(({ rows, rowGroups, skipped }) => [rows, rowGroups, skipped])).toEqual([
    [0, 0, "a predicate rules it out by its folders"],
    [0, 0, "a predicate rules it out by its folders"],
    [100, 3, null],
    [80, 2, null],
    [0, 0, expect.stringContaining("number")],
  ]);
  expect(plan.rows).toBe(180);
  expect(new Set(plan.rowGroups.map(({ file }) => file))).toEqual(new Set([0, 2, 3, 4]));
  const text = String(plan);
  expect(text).toContain(`Scan of 5 files, the first ${plan.path}`);
  expect(text).toContain("2 of 5 files: a predicate rules it out by its folders");
  expect(text).toMatch(/left out +1 of 5 files: number/);
  expect((await Array.fromAsync(stream)).reduce((sum, { numRows }) => sum + numRows, 0)).toBe(150);
  const limited = await scanParquet(directory.path, { limit: 120 }).explain();
  expect(limited.files.map(({ rows }) => rows)).toEqual([100, 20, 0, 0, 0]);
});

test("a predicate of the program's own leaves out row groups of every file", async () => {
  using directory = tempDirectory();
  const predicate: PredicatePushdown = {
    shouldSkipRowGroup(statistics) {
      const { max } = statistics.column("number");
      const { min: year } = statistics.column("year");
      return Number(max) < 330 || year === 2024n;
    },
    apply: (batch) =>
      selectRows(batch, Array.from(batch.getChild("number")!, (number) => Number(number) >= 330)),
  };
  const folder = writeYears(directory);
  const scan = () =>
    scanParquet(folder, { hivePartitioning: true, where: predicate, columns: ["number"] });
  const stream = scan();
  expect(await numbersOf(stream)).toEqual(range(330, 400));
  const plan = await scan().explain();
  const read = plan.rowGroups.filter(({ skipped }) => skipped === null);
  expect(read.map(({ file, index }) => [file, index])).toEqual([[3, 0], [3, 1], [3, 2]]);
});

test("progress counts files, and knows the totals once all are open", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 40);
  const whole = scanParquet(paths);
  await numbersOf(whole);
  const { totalCompressedBytes } = whole.stats();
  for (const filter of [undefined, col("number").ge(0)]) {
    const reports: ScanProgress[] = [];
    const stream = scanParquet(paths, {
      progress: (progress) => reports.push(progress),
      concurrency: 2,
      batchSize: 25,
      where: filter,
    });
    expect(await numbersOf(stream)).toEqual(range(0, 4_000));
    // The first is of the first batch: most files are not open then.
    expect(reports[0]).toMatchObject({
      totalRows: null,
      totalBytes: null,
      totalFiles: 40,
      rows: 25,
    });
    expect(reports[0]!.fraction).toBeLessThan(0.2);
    const fractions = reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(reports.at(-1)).toMatchObject({
      rows: 4_000,
      totalRows: 4_000,
      totalBytes: totalCompressedBytes,
      files: 40,
      totalFiles: 40,
      fraction: 1,
    });
  }
});

test("files that are left out count as done with, once each", async () => {
  using directory = tempDirectory();
  const reports: ScanProgress[] = [];
  const missing = join(directory.path, "year=2019", "missing.parquet");
  const stream = scanParquet([missing, writeYears(directory)], {
    hivePartitioning: true,
    onFileError: "skip",
    where: col("year").in([2019, 2023]),
    progress: (progress) => reports.push(progress),
  });
  expect(await numbersOf(stream)).toEqual(range(300, 400));
  expect(stream.stats()).toMatchObject({
    totalFiles: 6,
    openedFiles: 1,
    doneFiles: 1,
    prunedFiles: 4,
    skippedFiles: 1,
  });
  expect(reports.at(-1)).toMatchObject({ files: 6, totalFiles: 6, totalRows: 100, fraction: 1 });
});

test("a limit that leaves files closed is the end all the same", async () => {
  using directory = tempDirectory();
  const reports: ScanProgress[] = [];
  const progress = (report: ScanProgress) => void reports.push(report);
  const stream = scanParquet(writeParts(directory, 20), { limit: 120, concurrency: 1, progress });
  expect(await numbersOf(stream)).toEqual(range(0, 120));
  expect(stream.stats().openedFiles).toBe(2);
  expect(reports.at(-1)).toMatchObject({
    rows: 120,
    totalRows: 120,
    files: 20,
    totalFiles: 20,
    fraction: 1,
  });
});
