import { expect } from "@std/expect";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  col,
  ColumnFilterPredicate,
  FileNotFoundError,
  FixedChunkStrategy,
  MemoryLimitError,
  NotParquetError,
  ParallelStreamReader,
  SchemaMismatchError,
  type SkippedFile,
} from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import { range, writeColumns, writeNumbers, writeParts } from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";
import { expectStreamBytesBackTo, streamBytes } from "./support/stream_bytes.ts";

/** The numbers of a table. */
function numbers(table: { getChild(name: string): Iterable<unknown> | null }): number[] {
  return Array.from(table.getChild("number")!, Number);
}

test("each stream of a reader is a scan of its own over all files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 12);
  const readers = [
    new ParallelStreamReader(paths),
    new ParallelStreamReader(directory.path),
    ParallelStreamReader.fromGlob(directory.file("part-*.parquet")),
  ];
  for (const reader of readers) {
    const [one, two] = [reader.stream(), reader.stream()];
    expect(one).not.toBe(two);
    expect(await numbersOf(one)).toEqual(range(0, 1_200));
    expect(await numbersOf(two)).toEqual(range(0, 1_200));
  }
});

test("arguments are checked at once, and files looked for when a scan begins", async () => {
  using directory = tempDirectory();
  expect(() => new ParallelStreamReader("")).toThrow(TypeError);
  expect(() => new ParallelStreamReader("a", { batchSize: 0 })).toThrow(RangeError);
  expect(() => ParallelStreamReader.fromGlob("*.parquet").withMaxConcurrent(0)).toThrow(RangeError);
  const reader = ParallelStreamReader.fromGlob(directory.file("*.parquet"));
  await expect(numbersOf(reader.stream())).rejects.toThrow(FileNotFoundError);
  await expect(reader.collectParallel()).rejects.toThrow(FileNotFoundError);
  writeNumbers(directory.file("part.parquet"), 5);
  expect(await numbersOf(reader.stream())).toEqual(range(5, 105));
});

test("`with…` gives a new reader and leaves the old one as it is", async () => {
  using directory = tempDirectory();
  const reader = new ParallelStreamReader(writeParts(directory, 3), { batchSize: 10 });
  const changed = reader.withChunkStrategy(new FixedChunkStrategy(60)).withMemoryLimit("5MB")
    .withMaxConcurrent(1).withPredicate(col("number").lt(250));
  const stream = changed.stream();
  const sizes: number[] = [];
  for await (using batch of stream) sizes.push(batch.numRows);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(250);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(60);
  expect(stream.stats().limitBytes).toBe(5e6);
  const old = reader.stream();
  expect(await numbersOf(old)).toEqual(range(0, 300));
  expect(old.stats().batches).toBe(30);
});

test("all of several predicates must be true, and limits count the rows before them", async () => {
  using directory = tempDirectory();
  const reader = new ParallelStreamReader(writeParts(directory, 5), { limit: 300 })
    .withPredicate(col("number").ge(150))
    .withPredicate((batch) => numbers(batch).map((number) => number % 2 === 0))
    .withPredicate(new ColumnFilterPredicate("number", range(0, 170)));
  const wanted = range(150, 170).filter((number) => number % 2 === 0);
  expect(await numbersOf(reader.stream())).toEqual(wanted);
  expect(numbers(await reader.collectConcatenated())).toEqual(wanted);
  expect((await reader.collectParallel()).map((table) => numbers(table)))
    .toEqual([[], wanted, [], [], []]);
});

test("each file is collected into a table of its own, in the order of the files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 7).toReversed();
  for (const concurrency of [1, 3, 50]) {
    const reader = new ParallelStreamReader(paths, { columns: ["number"] })
      .withMaxConcurrent(concurrency);
    const tables = await reader.collectParallel();
    expect(tables.map((table) => numbers(table)[0])).toEqual([600, 500, 400, 300, 200, 100, 0]);
    expect(tables.every((table) => table.numRows === 100)).toBe(true);
  }
  await expect(new ParallelStreamReader(paths).collectParallel({ maxBytes: 100 }))
    .rejects.toThrow(MemoryLimitError);
});

test("tables may have columns of their own, while one stream must agree on them", async () => {
  using directory = tempDirectory();
  const [path] = writeParts(directory, 1) as [string];
  const other = directory.file("other.parquet");
  writeColumns(other, [{ name: "other", data: [1, 2], type: "INT32" }]);
  const reader = new ParallelStreamReader([path, other]);
  const tables = await reader.collectParallel();
  expect(tables.map(({ schema }) => schema.names)).toEqual([["number", "text"], ["other"]]);
  await expect(reader.collectConcatenated()).rejects.toThrow(SchemaMismatchError);
  const union = new ParallelStreamReader([path, other], { schema: "union" });
  const { schema, numRows } = await union.collectConcatenated();
  expect([schema.names, numRows]).toEqual([["number", "text", "other"], 102]);
});

test("columns that folders give have one type in all tables", async () => {
  using directory = tempDirectory();
  for (const key of ["1", "x"]) {
    const path = directory.file(`key=${key}/part.parquet`);
    mkdirSync(dirname(path));
    writeNumbers(path, 0);
  }
  const reader = new ParallelStreamReader(directory.path, { hivePartitioning: true });
  const tables = await reader.collectParallel();
  expect(tables.map((table) => String(table.schema.fields.at(-1)))).toEqual([
    "key: Utf8",
    "key: Utf8",
  ]);
  expect(tables.map((table) => table.getChild("key")!.get(99))).toEqual(["1", "x"]);
});

test("files that can't be read have no table where they may be left out", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 4);
  writeFileSync(paths[1]!, "not Parquet, though long enough");
  await expect(new ParallelStreamReader(paths).collectParallel()).rejects.toThrow(NotParquetError);
  const told: SkippedFile[] = [];
  const onFileError = (file: SkippedFile) => void told.push(file);
  for (const handle of ["skip", onFileError] as const) {
    const reader = new ParallelStreamReader(paths, { onFileError: handle });
    const tables = await reader.collectParallel();
    expect(tables.map((table) => numbers(table)[0])).toEqual([0, 200, 300]);
    expect(numbers(await reader.collectConcatenated()))
      .toEqual([...range(0, 100), ...range(200, 400)]);
  }
  expect(told.map(({ path, error }) => [path, error instanceof NotParquetError]))
    .toEqual([[paths[1], true], [paths[1], true]]);
  // What is wrong with the request is wrong with no file.
  const tooMuch = new ParallelStreamReader(paths, { onFileError: "skip" });
  await expect(tooMuch.collectParallel({ maxBytes: 100 })).rejects.toThrow(MemoryLimitError);
});

test("an abort's reason and a failure end all scans, and leave nothing behind", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 30);
  const before = await streamBytes();
  const reason = new Error("enough");
  const aborted = new ParallelStreamReader(paths, {
    signal: AbortSignal.abort(reason),
    onFileError: "skip",
  });
  await expect(aborted.collectParallel()).rejects.toBe(reason);
  await expect(aborted.collectConcatenated()).rejects.toBe(reason);
  const abort = new AbortController();
  let batches = 0;
  const failing = new ParallelStreamReader(paths, { signal: abort.signal, batchSize: 10 })
    .withPredicate((batch) => {
      if (++batches === 20) abort.abort(reason);
      return new Array(batch.numRows).fill(true);
    });
  await expect(failing.collectParallel()).rejects.toBe(reason);
  // Ten batches a file: of thirty files, most were not begun.
  expect(batches).toBeLessThan(100);
  await expectStreamBytesBackTo(before);
});

test("without files there are no tables", async () => {
  using directory = tempDirectory();
  const reader = new ParallelStreamReader(directory.path, { allowEmpty: true });
  expect(await reader.collectParallel()).toEqual([]);
  expect((await reader.collectConcatenated()).numRows).toBe(0);
});
