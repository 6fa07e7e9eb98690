import { expect } from "@std/expect";
import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  col,
  FileNotFoundError,
  limit,
  lit,
  offset,
  type RowFilter,
  type ScanOptions,
  scanParquet,
  select,
  where,
  withColumns,
} from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import {
  numberFile,
  range,
  writeColumns,
  writeNumbers,
  writeParts,
} from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";

const files = 12;
const rows = files * numberFile.rows;

test("rows come in the order of files, whatever the sizes", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  const manners: ScanOptions[] = [
    {},
    ...[1, 7, 40, 41, 100, 101, 10_000].map((batchSize) => ({ batchSize })),
    { concurrency: 1 },
    { concurrency: 50, io: "read" },
    { memoryLimit: 20_000 },
    { where: col("number").ge(0) },
    { where: (batch) => new Array(batch.numRows).fill(true), zeroCopy: false },
    { schema: "union", dictionary: ["text"] },
  ];
  for (const manner of manners) {
    const stream = scanParquet(paths, manner);
    expect({ manner, numbers: await numbersOf(stream) }).toEqual({
      manner,
      numbers: range(0, rows),
    });
    expect(stream.stats()).toMatchObject({
      totalFiles: files,
      openedFiles: files,
      doneFiles: files,
    });
  }
});

test("no batch has rows of two files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  const sizes: number[] = [];
  for await (using batch of scanParquet(paths, { batchSize: 70 })) sizes.push(batch.numRows);
  // Batches go over row groups.
  expect(sizes).toEqual([70, 30, 70, 30, 70, 30]);
});

test("paths, URLs, folders and patterns name files, in the order in which they are given", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  const [first, second] = [paths[0]!, paths[1]!];
  expect(await numbersOf(scanParquet(directory.path))).toEqual(range(0, rows));
  expect(await numbersOf(scanParquet(directory.file("part-*.parquet")))).toEqual(range(0, rows));
  expect(await numbersOf(scanParquet(pathToFileURL(`${directory.path}/`)))).toEqual(range(0, rows));
  expect(
    await numbersOf(
      scanParquet(directory.file("part-{3,1}[01].parquet")).pipeThrough(select("number")),
    ),
  )
    .toEqual(range(1_000, 1_200));
  const mixed = [pathToFileURL(second), first, directory.file("part-?.parquet")];
  expect(await numbersOf(scanParquet(mixed)))
    .toEqual([...range(100, 200), ...range(0, 100), ...range(200, 1_000)]);
});

test("a file that is named twice is read twice", async () => {
  using directory = tempDirectory();
  const [path] = writeParts(directory, 1);
  expect(await numbersOf(scanParquet([path!, path!]))).toEqual([
    ...range(0, 100),
    ...range(0, 100),
  ]);
});

test("limit and offset count over files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 5);
  const windows = [[0, 1], [99, 2], [100, 100], [250, 200], [499, 10], [900, 10], [0, 0], [0, 900]];
  for (const [skipped, most] of windows as [number, number][]) {
    const wanted = range(skipped, Math.min(500, skipped + most));
    const options = { offset: skipped, limit: most };
    expect(await numbersOf(scanParquet(paths, options))).toEqual(wanted);
    const piped = scanParquet(paths).pipeThrough(offset(skipped)).pipeThrough(limit(most));
    expect(await numbersOf(piped)).toEqual(wanted);
  }
  const short = scanParquet(paths, { limit: 20 });
  await numbersOf(short);
  expect(short.stats().openedFiles).toBe(1);
});

test("limit and offset count the rows that pass, and transforms come after", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 5);
  const even = col("number").mod(2).eq(0);
  const wanted = range(0, 500).filter((number) => number % 2 === 0).slice(45, 45 + 120);
  const manners: RowFilter[] = [
    even,
    (batch) => Array.from(batch.getChild("number")!, (number) => Number(number) % 2 === 0),
  ];
  for (const filter of manners) {
    const stream = scanParquet(paths, {
      where: filter,
      offset: 45,
      limit: 120,
      columns: ["number"],
      batchSize: 7,
    }).pipeThrough(withColumns({ next: col("number").add(1) })).pipeThrough(select("next"));
    expect(await numbersOf(stream, "next")).toEqual(wanted.map((number) => number + 1));
  }
  // Behind a limit a predicate tests only what that lets through.
  const behind = scanParquet(paths, { limit: 130 }).pipeThrough(where(col("number").ge(95)));
  expect(await numbersOf(behind)).toEqual(range(95, 130));
});

test("row numbers count over the stream, or over each file", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  const numbers = async (options: ScanOptions) =>
    await numbersOf(scanParquet(paths, options), "nr");
  expect(await numbers({ rowIndex: "nr" })).toEqual(range(0, 300));
  expect(await numbers({ rowIndex: { name: "nr" } })).toEqual(range(0, 300));
  const perFile = { name: "nr", per: "file" } as const;
  expect(await numbers({ rowIndex: perFile }))
    .toEqual([...range(0, 100), ...range(0, 100), ...range(0, 100)]);
  expect(await numbers({ rowIndex: perFile, offset: 90, limit: 20 }))
    .toEqual([...range(90, 100), ...range(0, 10)]);
  const late = col("number").ge(195).and(col("number").lt(205));
  expect(await numbers({ rowIndex: "nr", where: late })).toEqual(range(195, 205));
  expect(await numbers({ rowIndex: perFile, where: late, columns: [] }))
    .toEqual([...range(95, 100), ...range(0, 5)]);
  expect(await numbers({ rowIndex: "nr", where: col("nr").ge(250).and(col("nr").lt(260)) }))
    .toEqual(range(250, 260));
});

test("fileName tells each row's file", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  const stream = scanParquet(paths, {
    fileName: "path",
    columns: ["path", "number"],
    batchSize: 30,
  });
  const named = new Set<string>();
  for await (using batch of stream) {
    expect(batch.schema.names).toEqual(["path", "number"]);
    const [path, number] = [batch.getChild("path")!, batch.getChild("number")!];
    for (let row = 0; row < batch.numRows; row++) {
      const expected = paths[Math.floor(Number(number.get(row)) / 100)];
      if (path.get(row) !== expected) {
        throw new Error(`${number.get(row)} is said to be of ${path.get(row)}`);
      }
      named.add(path.get(row));
    }
  }
  expect([...named]).toEqual(paths);
  const last = scanParquet(paths, { fileName: "path", where: col("path").eq(lit(paths[2]!)) });
  expect(await numbersOf(last)).toEqual(range(200, 300));
  expect(last.stats().files.map(({ state }) => state)).toEqual(["pruned", "pruned", "done"]);
});

test("without order each row comes once", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  for (const options of [{}, { where: col("number").ge(0) }, { concurrency: 3, batchSize: 9 }]) {
    const numbers = await numbersOf(scanParquet(paths, { ...options, ordered: false }));
    expect(numbers.sort((a, b) => a! - b!)).toEqual(range(0, rows));
  }
  const some = await numbersOf(scanParquet(paths, { ordered: false, limit: 130, offset: 50 }));
  expect(some.length).toBe(130);
  expect(new Set(some).size).toBe(130);
});

test("files without rows end nothing", async () => {
  using directory = tempDirectory();
  const [one, two] = writeParts(directory, 2);
  const none = directory.file("none.parquet");
  writeColumns(none, [
    { name: "number", data: [], type: "INT64", nullable: false },
    { name: "text", data: [], type: "STRING" },
  ]);
  const stream = scanParquet([none, one!, none, none, two!, none]);
  expect(await numbersOf(stream)).toEqual(range(0, 200));
  expect(stream.stats().doneFiles).toBe(6);
});

test("row groups are of one file", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 2);
  expect(await numbersOf(scanParquet(directory.file("*-1.parquet"), { rowGroups: [1] })))
    .toEqual(range(140, 180));
  await expect(scanParquet(paths, { rowGroups: [1] }).schema()).rejects.toThrow(
    new TypeError(
      "rowGroups can only be given for one file, not for 2: leave it out, or scan the file alone",
    ),
  );
});

test("where no file is fine, the stream is empty", async () => {
  using directory = tempDirectory();
  const nothing = directory.file("*.parquet");
  await expect(numbersOf(scanParquet(nothing))).rejects.toThrow(FileNotFoundError);
  await expect(scanParquet([]).schema()).rejects.toThrow(RangeError);
  for (const paths of [nothing, directory.path, []]) {
    const scan = () => scanParquet(paths, { allowEmpty: true, where: col("number").ge(0) });
    expect(await numbersOf(scan())).toEqual([]);
    expect(await scan().count()).toBe(0);
    expect((await scan().collect()).numRows).toBe(0);
    expect((await scan().explain()).files).toEqual([]);
    expect(scan().stats()).toMatchObject({ totalFiles: 0, files: [] });
    await expect(scan().metadata()).rejects.toThrow(FileNotFoundError);
  }
});

test("files are looked for when they are first needed, and then known", async () => {
  using directory = tempDirectory();
  const stream = scanParquet(directory.file("*.parquet"));
  const [first] = writeParts(directory, 2);
  expect((await stream.explain()).files.length).toBe(2);
  writeNumbers(directory.file("part-2.parquet"), 200);
  rmSync(directory.file("part-1.parquet"));
  await expect(numbersOf(stream)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    path: directory.file("part-1.parquet"),
  });
  expect(await numbersOf(scanParquet([first!, directory.path]))).toEqual([
    ...range(0, 100),
    ...range(200, 300),
  ]);
});
