import { expect } from "@std/expect";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import {
  col,
  FileNotFoundError,
  NotParquetError,
  type ScanOptions,
  scanParquet,
  type SkippedFile,
  SpillwayError,
} from "spillway";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { range, writeColumns, writeNumbers, writeParts } from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

/** Makes the pages of the last row group something else; the footer stays as it is. */
function corrupt(path: string): void {
  const bytes = readFileSync(path);
  const half = Math.floor(bytes.length / 2);
  bytes.fill(0xff, half - 200, half);
  writeFileSync(path, bytes);
}

/** Five files: the second is missing, the fourth is no Parquet, the others are fine. */
function writeSome(directory: TempDirectory): string[] {
  const paths = range(0, 5).map((part) => directory.file(`part-${part}.parquet`));
  for (const part of [0, 2, 4]) writeNumbers(paths[part]!, 100 * part);
  writeFileSync(paths[3]!, "not Parquet, though it is long enough to be");
  return paths;
}

const good = [...range(0, 100), ...range(200, 300), ...range(400, 500)];

test("a file that can't be read ends the stream, after all rows before it", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory);
  for (const onFileError of [undefined, "throw" as const]) {
    const batches: number[][] = [];
    const read = async () => {
      for await (const batch of scanParquet(paths, { onFileError, batchSize: 30 })) {
        batches.push(Array.from(batch.getChild("number")!, Number));
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "FILE_NOT_FOUND", path: paths[1] });
    expect(batches.flat()).toEqual(range(0, 100));
  }
  await expect(numbersOf(scanParquet([paths[0]!, paths[3]!]))).rejects.toThrow(NotParquetError);
  await expect(numbersOf(scanParquet([paths[1]!, paths[0]!]))).rejects.toThrow(FileNotFoundError);
});

test("files that can't be read are left out, and stats() says why", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory);
  const manners: ScanOptions[] = [
    {},
    { schema: "union" },
    { schema: "first", concurrency: 1 },
    { io: "read", rowIndex: "nr" },
    { where: col("number").ge(0) },
    { ordered: false },
  ];
  for (const manner of manners) {
    const stream = scanParquet(paths, { ...manner, onFileError: "skip" });
    const numbers = await numbersOf(stream);
    if (manner.ordered === false) numbers.sort((a, b) => a! - b!);
    expect({ manner, numbers }).toEqual({ manner, numbers: good });
    const { files, skippedFiles, openedFiles, doneFiles } = stream.stats();
    expect({ manner, skippedFiles, openedFiles, doneFiles })
      .toEqual({ manner, skippedFiles: 2, openedFiles: 3, doneFiles: 3 });
    expect(files.map(({ path, state, rows }) => [path, state, rows])).toEqual([
      [paths[0], "done", 100],
      [paths[1], "skipped", 0],
      [paths[2], "done", 100],
      [paths[3], "skipped", 0],
      [paths[4], "done", 100],
    ]);
    expect(files[1]?.error).toBeInstanceOf(FileNotFoundError);
    expect(files[3]?.error).toBeInstanceOf(NotParquetError);
    expect(files[0]?.error).toBe(null);
  }
});

test("a function is told of each file that is left out, once", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory);
  for (const schema of ["strict", "union"] as const) {
    const told: SkippedFile[] = [];
    const onFileError = (file: SkippedFile) => void told.push(file);
    expect(await numbersOf(scanParquet(paths, { onFileError, schema, batchSize: 10 }))).toEqual(
      good,
    );
    expect(told.map(({ path }) => path)).toEqual([paths[1], paths[3]]);
    expect(told.map(({ error }) => (error as SpillwayError).code))
      .toEqual(["FILE_NOT_FOUND", "NOT_PARQUET"]);
  }
});

test("a function is told of a file that breaks off though a later one was left out before", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 4);
  corrupt(paths[1]!);
  writeFileSync(paths[2]!, "not Parquet");
  const told: string[] = [];
  const onFileError = ({ path }: SkippedFile) => void told.push(path);
  const stream = scanParquet(paths, { onFileError, batchSize: 10, concurrency: 4 });
  const numbers = await numbersOf(stream);
  expect(numbers.slice(0, 100)).toEqual(range(0, 100));
  expect(numbers.slice(-100)).toEqual(range(300, 400));
  expect(told.toSorted()).toEqual([paths[1], paths[2]]);
});

test("a function that throws ends the stream with its error", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory);
  const before = await streamBytes();
  const onFileError = ({ path }: SkippedFile) => {
    throw new Error(`refused ${path}`);
  };
  await expect(numbersOf(scanParquet(paths, { onFileError }))).rejects.toThrow(
    `refused ${paths[1]}`,
  );
  await expectStreamBytesBackTo(before);
});

test("batches of a file that breaks off stay as they were given", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  corrupt(paths[1]!);
  const stream = scanParquet(paths, { onFileError: "skip", batchSize: 20 });
  const batches = await Array.fromAsync(stream);
  const numbers = batches.flatMap((batch) => Array.from(batch.getChild("number")!, Number));
  const texts = batches.flatMap((batch) => [...batch.getChild("text")!]);
  expect(numbers.length).toBeLessThan(300);
  const kept = numbers.length - 200;
  expect(numbers).toEqual([...range(0, 100 + kept), ...range(200, 300)]);
  expect(texts).toEqual(numbers.map((number) => `number ${number}`));
  expect(stream.stats().files[1]).toMatchObject({ state: "skipped", rows: kept });
  expect(stream.stats().files[1]?.error).toMatchObject({ code: "CORRUPT_FILE", path: paths[1] });
  await expect(numbersOf(scanParquet(paths))).rejects.toMatchObject({
    code: "CORRUPT_FILE",
    path: paths[1],
  });
});

test("a file that is half-written is left out whole", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 3);
  truncateSync(paths[1]!, 900);
  await expect(numbersOf(scanParquet(paths))).rejects.toMatchObject({ path: paths[1] });
  const stream = scanParquet(paths, { onFileError: "skip" });
  expect(await numbersOf(stream)).toEqual([...range(0, 100), ...range(200, 300)]);
  expect(stream.stats().files[1]?.error).toBeInstanceOf(SpillwayError);
});

test("where no file can be read, the scan says why of the first", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory).filter((_, part) => part % 2 === 1);
  const scan = () => scanParquet(paths, { onFileError: "skip" });
  await expect(numbersOf(scan())).rejects.toMatchObject({ code: "FILE_NOT_FOUND", path: paths[0] });
  await expect(scan().schema()).rejects.toThrow(FileNotFoundError);
});

test("answers and plans pass over files that are left out", async () => {
  using directory = tempDirectory();
  const paths = writeSome(directory);
  const scan = () => scanParquet([paths[1]!, ...paths], { onFileError: "skip" });
  expect(await scan().count()).toBe(300);
  expect(await scan().max("number")).toBe(499n);
  expect((await scan().metadata()).path).toBe(paths[0]);
  const plan = await scan().explain();
  expect(plan.files.map(({ skipped }) => skipped === null))
    .toEqual([false, true, false, true, false, true]);
  expect(plan.rows).toBe(300);
  await expect(scanParquet(paths).count()).rejects.toThrow(FileNotFoundError);
});

test("a memory limit that is too small ends the stream: nothing is wrong with the files", async () => {
  using directory = tempDirectory();
  const paths = range(0, 3).map((part) => directory.file(`part-${part}.parquet`));
  for (const path of paths) {
    const data = range(0, 5).map((row) => `${row}`.repeat(20_000));
    writeColumns(path, [{ name: "text", data, type: "STRING" }]);
  }
  const stream = scanParquet(paths, { memoryLimit: 1_000, onFileError: "skip" });
  await expect(Array.fromAsync(stream)).rejects.toMatchObject({
    code: "MEMORY_LIMIT",
    path: paths[0],
  });
});
