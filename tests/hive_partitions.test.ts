import { expect } from "@std/expect";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import {
  and,
  coalesce,
  col,
  not,
  or,
  PartitionMismatchError,
  type Predicate,
  type PredicatePushdown,
  type RecordBatchStream,
  rename,
  type ScanOptions,
  scanParquet,
  select,
  UnknownColumnError,
  where,
  withColumns,
} from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { range, writeColumns } from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";

const hive = { hivePartitioning: true } as const;

/** A file of the numbers from `first` on, below its folders. */
function write(directory: TempDirectory, path: string, first: number, rows = 10): string {
  const file = directory.file(path);
  mkdirSync(dirname(file), { recursive: true });
  writeColumns(file, [
    { name: "number", data: range(first, first + rows).map(BigInt), type: "INT64" },
  ]);
  return file;
}

/** Files of ten numbers each, for two months of three years. */
function writeMonths(directory: TempDirectory): string[] {
  return range(0, 6).map((at) => {
    const [year, month] = [2022 + Math.floor(at / 2), at % 2 === 0 ? "01" : "02"];
    return write(directory, `year=${year}/month=${month}/part.parquet`, 10 * at);
  });
}

async function columns(stream: RecordBatchStream): Promise<Record<string, PlainValue[]>> {
  return columnsOf(await Array.fromAsync(stream));
}

/** A column's values without those that repeat the one before. */
async function runs(stream: RecordBatchStream, column: string): Promise<PlainValue[]> {
  const values = (await columns(stream))[column] ?? [];
  return values.filter((value, row) => row === 0 || value !== values[row - 1]);
}

test("folders give columns behind those of the files, of the types of their values", async () => {
  using directory = tempDirectory();
  write(directory, "n=7/d=2024-02-29/t=a%2Fb/x.parquet", 0);
  write(directory, "n=-08/d=1969-12-31/t=5/y.parquet", 10);
  write(directory, "n=__HIVE_DEFAULT_PARTITION__/d=2000-01-01/t=/z.parquet", 20);
  const scan = (options: ScanOptions = {}) => scanParquet(directory.path, { ...hive, ...options });
  expect((await scan().schema()).fields.map(String)).toEqual([
    "number: Int64",
    "n: Int64",
    "d: Date32<DAY>",
    "t: Utf8",
  ]);
  const wanted: Record<string, PlainValue[]> = {
    n: [-8n, 7n, null],
    d: [-1n, 19_782n, 10_957n],
    t: ["5", "a/b", ""],
  };
  for (const [column, values] of Object.entries(wanted)) {
    const read = await runs(scan(), column);
    expect({ column, read: new Set(read) }).toEqual({ column, read: new Set(values) });
  }
  const row = { number: 21n, n: null, d: 10_957n, t: "" };
  const one = await columns(scan({ where: col("number").eq(21n) }));
  expect(Object.fromEntries(Object.entries(one).map(([name, [value]]) => [name, value]))).toEqual(
    row,
  );
});

test("types can be stated, and then hold for all values", async () => {
  using directory = tempDirectory();
  writeMonths(directory);
  const scan = (hiveTypes: ScanOptions["hiveTypes"]) => scanParquet(directory.path, { hiveTypes });
  expect(await runs(scan({ month: "string" }).pipeThrough(where(col("year").eq(2022))), "month"))
    .toEqual(["01", "02"]);
  await expect(scan({ month: "date" }).schema()).rejects.toThrow(PartitionMismatchError);
  await expect(scan({ day: "int64" }).schema()).rejects.toThrow(UnknownColumnError);
  // Without the option folders are only folders.
  expect((await scanParquet(directory.path).schema()).names).toEqual(["number"]);
  write(directory, "year=2025/part.parquet", 0);
  await expect(scanParquet(directory.path, hive).schema()).rejects.toThrow(PartitionMismatchError);
});

test("files that a predicate rules out by their folders are not opened", async () => {
  using directory = tempDirectory();
  const paths = writeMonths(directory);
  const list = (...wanted: number[]) => ({
    wanted,
    numbers: wanted.flatMap((at) => range(10 * at, 10 * at + 10)),
  });
  const [year, month] = [col("year"), col("month")];
  const cases: [Predicate, ReturnType<typeof list>][] = [
    [year.eq(2023), list(2, 3)],
    [year.eq(2023).and(month.eq(2)), list(3)],
    [not(year.eq(2023)), list(0, 1, 4, 5)],
    [year.gt(2023).or(month.lt(2)), list(0, 2, 4, 5)],
    [year.in([2022, 2024]).and(month.ne(1)), list(1, 5)],
    [year.isNull(), list()],
    [year.gt(9_000), list()],
    [year.mul(100).add(month).ge(202_302), list(3, 4, 5)],
    [year.mul(100).add(month).eq(202_301).or(year.add(month).eq(2026)), list(2, 5)],
    [not(year.mod(2).eq(0)), list(2, 3)],
    [coalesce(year, 0).sub(month).in([2021, 2023]), list(0, 3, 4)],
    [year.div(month).lt(1_500), list(1, 3, 5)],
  ];
  for (const [predicate, { wanted, numbers }] of cases) {
    const stream = scanParquet(directory.path, { ...hive, where: predicate });
    // After the files were listed: the first is opened for its schema, whatever is wanted of it.
    await stream.schema();
    const text = String(predicate);
    const kept = new Set([0, ...wanted]);
    const gone = paths.filter((_, at) => !kept.has(at));
    for (const path of gone) rmSync(path);
    expect({ text, numbers: await numbersOf(stream) }).toEqual({ text, numbers });
    const states = stream.stats().files.map(({ path, state }) => [path, state]);
    expect({ text, states }).toEqual({
      text,
      states: paths.map((path, at) => [path, wanted.includes(at) ? "done" : "pruned"]),
    });
    const { totalFiles, prunedFiles, openedFiles, doneFiles } = stream.stats();
    expect({ text, totalFiles, prunedFiles, openedFiles, doneFiles }).toEqual({
      text,
      totalFiles: 6,
      prunedFiles: 6 - wanted.length,
      openedFiles: wanted.length,
      doneFiles: wanted.length,
    });
    writeMonths(directory);
  }
});

test("days and texts are computed with before files are opened, too", async () => {
  using directory = tempDirectory();
  const days = ["2023-12-31", "2024-01-01", "2024-02-29", "__HIVE_DEFAULT_PARTITION__"];
  const paths = days.map((day, at) =>
    write(directory, `day=${day}/city=${at % 2 === 0 ? "Bern" : "Basel"}/part.parquet`, 10 * at)
  );
  const [day, city, number] = [col("day"), col("city"), col("number")];
  const cases: [Predicate, number[], number[]][] = [
    [day.year().eq(2024), [1, 2], range(10, 30)],
    [day.month().eq(2).or(day.day().eq(31)), [0, 2], [...range(0, 10), ...range(20, 30)]],
    [day.year().isNull(), [3], range(30, 40)],
    [not(day.year().eq(2024)), [0], range(0, 10)],
    [city.upper().eq("BERN"), [0, 2], [...range(0, 10), ...range(20, 30)]],
    [city.like("B%l").and(day.year().eq(2024)), [1], range(10, 20)],
    // Beside it, a condition on the file's own column.
    [and(day.year().eq(2024), number.ge(15)), [1, 2], range(15, 30)],
  ];
  // Files come in the order of their names.
  expect((await scanParquet(directory.path, hive).explain()).files.map(({ path }) => path))
    .toEqual(paths);
  for (const [predicate, wanted, numbers] of cases) {
    const text = String(predicate);
    const states = paths.map((_, at) => wanted.includes(at) ? "done" : "pruned");
    const stream = scanParquet(directory.path, { ...hive, where: predicate });
    expect({ text, numbers: await numbersOf(stream) }).toEqual({ text, numbers });
    expect({ text, states: stream.stats().files.map(({ state }) => state) }).toEqual({
      text,
      states,
    });
    const plan = await scanParquet(directory.path, { ...hive, where: predicate }).explain();
    const ruledOut = plan.files.map(({ skipped }) => skipped?.includes("by its folders") ?? false);
    expect({ text, ruledOut }).toEqual({
      text,
      ruledOut: states.map((state) => state === "pruned"),
    });
    // A condition that the file's folders meet is not tested on its rows.
    expect({ text, rows: await scanParquet(directory.path, { ...hive, where: predicate }).count() })
      .toEqual({ text, rows: numbers.length });
  }
});

test("where files decide too, they are opened, and only rows that pass come", async () => {
  using directory = tempDirectory();
  writeMonths(directory);
  const [year, number] = [col("year"), col("number")];
  const cases: [Predicate, number[], string[]][] = [
    [and(year.eq(2023), number.ge(35)), range(35, 40), [
      "pruned",
      "pruned",
      "done",
      "done",
      "pruned",
      "pruned",
    ]],
    [or(year.eq(2023), number.ge(55)), [...range(20, 40), ...range(55, 60)], Array(6).fill("done")],
    [not(or(year.ge(2023), number.lt(5))), range(5, 20), [
      "done",
      "done",
      "pruned",
      "pruned",
      "pruned",
      "pruned",
    ]],
    [or(and(year.eq(2022), number.eq(3n)), and(year.eq(2024), number.eq(41n))), [3, 41], [
      "done",
      "done",
      "pruned",
      "pruned",
      "done",
      "done",
    ]],
    // A disjunction is decided by its parts, of which what is computed is not looked into.
    [or(year.mul(100).add(col("month")).ge(202_402), number.lt(3)), [
      ...range(0, 3),
      ...range(50, 60),
    ], Array(6).fill("done")],
  ];
  for (const [predicate, numbers, states] of cases) {
    const scan = () => scanParquet(directory.path, { ...hive, where: predicate });
    const stream = scan();
    const text = String(predicate);
    const read = await numbersOf(stream);
    expect({ text, read }).toEqual({ text, read: numbers });
    expect({ text, states: stream.stats().files.map(({ state }) => state) }).toEqual({
      text,
      states,
    });
    expect({ text, count: await scan().count() }).toEqual({ text, count: numbers.length });
    const unpruned = scanParquet(directory.path, { ...hive, where: predicate, prune: false });
    expect(await numbersOf(unpruned)).toEqual(numbers);
    // Piped, through a function, and without order the same rows come.
    const piped = scanParquet(directory.path, { ...hive, ordered: false })
      .pipeThrough(where(predicate));
    expect((await numbersOf(piped)).sort((a, b) => a! - b!)).toEqual(numbers);
  }
});

test("with an offset or a limit, and with row numbers, all rows count", async () => {
  using directory = tempDirectory();
  writeMonths(directory);
  const year = col("year").eq(2023);
  const limited = scanParquet(directory.path, { ...hive, where: year, offset: 5, limit: 10 });
  expect(await numbersOf(limited)).toEqual(range(25, 35));
  const numbered = scanParquet(directory.path, { ...hive, where: year, rowIndex: "nr" });
  expect(await numbersOf(numbered, "nr")).toEqual(range(20, 40));
  const behind = scanParquet(directory.path, { ...hive, limit: 25 }).pipeThrough(where(year));
  expect(await numbersOf(behind)).toEqual(range(20, 25));
});

test("folders' columns are chosen, put in order, renamed and computed with like any others", async () => {
  using directory = tempDirectory();
  writeMonths(directory);
  const scan = (options: ScanOptions = {}) => scanParquet(directory.path, { ...hive, ...options });
  for (const names of [["month", "number", "year"], ["year"], ["number"], ["year", "month"]]) {
    const stream = scan({ columns: names });
    expect((await stream.schema()).names).toEqual(names);
    expect(await numbersOf(stream, names[0]!)).toHaveLength(60);
  }
  expect(await numbersOf(scan({ columns: ["month", "number"], where: col("year").eq(2024) })))
    .toEqual(range(40, 60));
  const transformed = scan()
    .pipeThrough(rename({ year: "y" }))
    .pipeThrough(withColumns({ key: col("y").mul(100).add(col("month")) }))
    .pipeThrough(where(col("y").eq(2024)))
    .pipeThrough(select("key", "y"));
  expect(await columns(transformed)).toEqual({
    key: [...Array(10).fill(202_401n), ...Array(10).fill(202_402n)],
    y: Array(20).fill(2024n),
  });
  expect(transformed.stats().prunedFiles).toBe(4);
  const dictionary = scan({
    hiveTypes: { month: "string" },
    fileName: "file",
    columns: ["file", "month"],
  });
  expect(await runs(dictionary, "month")).toEqual(["01", "02", "01", "02", "01", "02"]);
});

test("a folder's value wins over a column of the file of that name", async () => {
  using directory = tempDirectory();
  for (const year of [2022, 2023]) {
    const path = directory.file(`year=${year}/part.parquet`);
    mkdirSync(dirname(path));
    writeColumns(path, [
      { name: "year", data: [1n, 2n, 3n], type: "INT64" },
      { name: "number", data: range(0, 3).map((row) => BigInt(row + year)), type: "INT64" },
    ]);
  }
  const scan = (options: ScanOptions = {}) => scanParquet(directory.path, { ...hive, ...options });
  for (const schema of ["strict", "first", "union"] as const) {
    expect(await runs(scan({ schema }), "year")).toEqual([2022n, 2023n]);
  }
  expect((await scan().schema()).names).toEqual(["number", "year"]);
  // The statistics of the file's own column say that none is above 3.
  expect(await numbersOf(scan({ where: col("year").ge(2023) }))).toEqual([2023, 2024, 2025]);
  expect(await numbersOf(scan({ where: col("year").eq(2) }))).toEqual([]);
  const single = scanParquet(directory.file("year=2022"), { ...hive, where: col("year").gt(3) });
  expect(await numbersOf(single)).toEqual([2022, 2023, 2024]);
  const own: PredicatePushdown = {
    shouldSkipRowGroup: (statistics) => Number(statistics.column("year").max) < 2023,
    apply: (batch) => batch,
  };
  expect(await numbersOf(scan({ where: own }))).toEqual([2023, 2024, 2025]);
  expect(await numbersOf(scanParquet(directory.path, { where: col("year").eq(2) })))
    .toEqual([2023, 2024]);
});

test("a folder gives the same rows as DuckDB reads of it", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const folder = directory.file("table");
  await duckdb.run(
    `COPY (
      SELECT i AS number, i / 3.0 AS third, CASE WHEN i % 5 > 0 THEN i % 5 END AS k,
        DATE '2024-02-27' + (i % 3)::INTEGER AS day, 'a ' || (i % 2) || '/%' AS text
      FROM range(300) r(i)
    ) TO '${folder}' (FORMAT parquet, PARTITION_BY (k, day, text), FILENAME_PATTERN 'part_{i}')`,
  );
  const filters: [Predicate | undefined, string][] = [
    [undefined, "true"],
    [col("k").gt(2), "k > 2"],
    [col("k").isNull(), "k IS NULL"],
    [col("k").mul(2).add(col("day").day()).gt(9), "k * 2 + day(day) > 9"],
    [col("day").day().eq(29), "day(day) = 29"],
    [not(col("k").mod(2).eq(1)), "NOT (k % 2 = 1)"],
    [not(col("k").eq(1)), "NOT (k = 1)"],
    [col("text").eq("a 1/%").and(col("third").lt(20)), "text = 'a 1/%' AND third < 20"],
    [col("day").month().eq(3).or(col("number").lt(10)), "month(day) = 3 OR number < 10"],
    [not(col("k").isNull().or(col("number").mod(7).eq(0))), "NOT (k IS NULL OR number % 7 = 0)"],
  ];
  for (const [filter, sql] of filters) {
    const wanted = await duckdb.rows(
      `SELECT number, k, (day - DATE '1970-01-01')::BIGINT, text
       FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = true)
       WHERE ${sql} ORDER BY number`,
    );
    const read = await columns(scanParquet(folder, { ...hive, where: filter }));
    const rows = (read["number"] ?? []).map((
      number,
      row,
    ) => [number, read["k"]![row], read["day"]![row], read["text"]![row]]);
    rows.sort((a, b) => Number(a[0]) - Number(b[0]));
    expect({ sql, rows }).toEqual({ sql, rows: wanted });
    expect(wanted.length).toBeGreaterThan(0);
  }
});
