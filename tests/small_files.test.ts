import { expect } from "@std/expect";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { col, type FileStats, type ScanOptions, scanParquet } from "spillway";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { numberFile, range, writeNumbers, writeParts } from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";

const files = 60;
const rows = files * numberFile.rows;
const number = col("number");

/**
 * Runs a check until it tells of few batches. How many files are open when the next ones are begun with is chance: on a
 * busy machine it may be one again and again, but not each time.
 */
async function untilFewBatches(check: () => Promise<number>): Promise<void> {
  const counts: number[] = [];
  while (counts.length < 20) {
    const batches = await check();
    if (batches < files / 2) return;
    counts.push(batches);
  }
  throw new Error(`Files are read alone: ${files} of them gave ${counts} batches`);
}

/** As many files, in folders of their own. */
function writeFolders(directory: TempDirectory): string {
  for (const part of range(0, files)) {
    const folder = directory.file(`part=${part}`);
    mkdirSync(folder);
    writeNumbers(join(folder, "numbers.parquet"), numberFile.rows * part);
  }
  return directory.path;
}

const manners: Readonly<Record<string, ScanOptions>> = {
  "as they are": {},
  "rows that pass": { where: number.mod(2).eq(0) },
  "rows that pass two conditions": { where: number.mod(2).eq(0).and(col("text").ne("number 8")) },
  "rows that all pass": { where: number.ge(0) },
  "with a column of the path": { fileName: "path" },
  "with row numbers": { rowIndex: { name: "row", per: "file" }, where: number.mod(2).eq(0) },
  "without order": { where: number.mod(2).eq(0), ordered: false },
};

for (const [manner, options] of Object.entries(manners)) {
  test(`small files are read together, ${manner}: few batches have all their rows`, async () => {
    using directory = tempDirectory();
    const paths = writeParts(directory, files);
    const passes = (value: number) =>
      options.where === undefined || manner === "rows that all pass" ||
      value % 2 === 0 && (value !== 8 || !manner.includes("two"));
    const wanted = range(0, rows).filter(passes);
    const rowsOfFiles = range(0, files).map((part) =>
      wanted.filter((value) => Math.floor(value / numberFile.rows) === part).length
    );
    await untilFewBatches(async () => {
      const stream = scanParquet(paths, options);
      const numbers = await numbersOf(stream);
      if (options.ordered === false) numbers.sort((a, b) => a! - b!);
      expect(numbers).toEqual(wanted);
      const { batches, doneFiles, bytes, files: each } = stream.stats();
      expect(doneFiles).toBe(files);
      expect(each.map((file) => file.rows)).toEqual(rowsOfFiles);
      const sum = (of: (file: FileStats) => number) =>
        each.reduce((all, file) => all + of(file), 0);
      expect(sum((file) => file.batches)).toBe(batches);
      // Each file has its part of a batch's bytes, which are rounded down.
      expect(bytes - sum((file) => file.bytes)).toBeGreaterThanOrEqual(0);
      expect(bytes - sum((file) => file.bytes)).toBeLessThanOrEqual(files);
      return batches;
    });
  });
}

test("small files in folders are read together, with the folders' values", async () => {
  using directory = tempDirectory();
  const folder = writeFolders(directory);
  const all = range(0, rows).map((value): [number, number, string] => {
    const part = Math.floor(value / numberFile.rows);
    return [value, part, join(folder, `part=${part}`, "numbers.parquet")];
  });
  const cases: [ScanOptions, typeof all][] = [
    [{}, all],
    [
      { where: number.add(col("part")).mod(2).eq(0) },
      all.filter(([value, part]) => (value + part) % 2 === 0),
    ],
  ];
  for (const [options, wanted] of cases) {
    await untilFewBatches(async () => {
      const stream = scanParquet(folder, { hivePartitioning: true, fileName: "path", ...options });
      const read: [number, number, string][] = [];
      for await (using batch of stream) {
        const column = (name: string) => batch.getChild(name)!;
        const [numbers, parts, paths] = [column("number"), column("part"), column("path")];
        for (let row = 0; row < batch.numRows; row++) {
          read.push([Number(numbers.get(row)), Number(parts.get(row)), `${paths.get(row)}`]);
        }
      }
      expect(read).toEqual(wanted);
      return stream.stats().batches;
    });
  }
});

test("texts of small files are given as one dictionary under a predicate", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  const stream = scanParquet(paths, { dictionary: ["text"], where: number.mod(10).eq(3) });
  const texts: string[] = [];
  for await (const batch of stream) texts.push(...batch.getChild("text")!);
  expect(texts).toEqual(
    range(0, rows).filter((value) => value % 10 === 3).map((value) => `number ${value}`),
  );
});

test("a small memory limit holds over small files that are tested together", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  const memoryLimit = 200_000;
  const stream = scanParquet(paths, { where: number.mod(3).ne(0), memoryLimit });
  expect(await numbersOf(stream)).toEqual(range(0, rows).filter((value) => value % 3 !== 0));
  expect(stream.stats().peakBytes).toBeLessThanOrEqual(memoryLimit);
});

test("a limit behind a predicate ends among small files", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  for (const limit of [1, 50, 51, 120, 2_999]) {
    const options = { where: number.mod(2).eq(1), offset: 7, limit };
    const wanted = range(0, rows).filter((value) => value % 2 === 1).slice(7, 7 + limit);
    expect(await numbersOf(scanParquet(paths, options))).toEqual(wanted);
  }
});

test("a small file whose pages are corrupt ends the stream after all rows of those before it", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, files);
  for (const broken of [0, 1, 17, files - 1]) {
    const bytes = readFileSync(paths[broken]!);
    // The first page: the footer stays as it is.
    writeFileSync(
      paths[broken]!,
      bytes.with(4, 0xff).with(5, 0xff).with(6, 0xff).fill(0xff, 7, 60),
    );
    for (const options of [{}, { where: number.ge(0) }, { where: number.mod(1).eq(0) }]) {
      const numbers: number[] = [];
      const stream = scanParquet(paths, options);
      const read = async () => {
        for await (using batch of stream) {
          numbers.push(...Array.from(batch.getChild("number")!, Number));
        }
      };
      await expect(read()).rejects.toMatchObject({ code: "CORRUPT_FILE", path: paths[broken] });
      expect(numbers).toEqual(range(0, broken * numberFile.rows));
      expect(stream.stats().files.slice(0, broken).map(({ state }) => state))
        .toEqual(Array(broken).fill("done"));
      const { queuedBytes, reservedBytes, chunksInFlight } = stream.stats();
      expect({ queuedBytes, reservedBytes, chunksInFlight })
        .toEqual({ queuedBytes: 0, reservedBytes: 0, chunksInFlight: 0 });
    }
    writeFileSync(paths[broken]!, bytes);
  }
});
