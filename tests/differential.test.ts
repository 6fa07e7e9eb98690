import { expect } from "@std/expect";
import fc from "fast-check";
import { rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { type ScanOptions, scanParquet } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import {
  columnNames,
  type GeneratedFile,
  generatedFile,
  readWithHyparquet,
  rowGroupRanges,
  write,
} from "./support/generated_file.ts";
import { tempDirectory, test } from "./support/harness.ts";

const RUNS = 120;
const MAX_ROWS = 300;

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** What of a file is read, and how; whatever the file is, so that both shrink on their own. */
interface Read {
  /** Which columns, as numbers that are taken modulo the file's; all when it is empty. */
  readonly columns: readonly number[];
  /** Whether a row group is read, in turns; all when it is empty. */
  readonly rowGroups: readonly boolean[];
  readonly offset: number;
  readonly limit: number;
  readonly options: ScanOptions;
}

const anyRead: fc.Arbitrary<Read> = fc.record({
  columns: fc.array(fc.nat(4), { maxLength: 5 }),
  rowGroups: fc.array(fc.boolean(), { maxLength: 4 }),
  offset: fc.oneof(fc.constant(0), fc.nat(MAX_ROWS)),
  limit: fc.oneof(fc.constant(Infinity), fc.nat(MAX_ROWS)),
  options: fc.record({
    batchSize: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: MAX_ROWS })),
    io: fc.constantFrom("mmap", "read"),
    dictionary: fc.constant(true as const),
    strings: fc.constant("preserve" as const),
    zeroCopy: fc.boolean(),
    rowIndex: fc.constant("nr"),
  }, { requiredKeys: [] }),
});

function namesIn(file: GeneratedFile, { columns }: Read): string[] {
  const names = columnNames(file);
  if (columns.length === 0) return names;
  return [...new Set(columns.map((column) => names[column % names.length]!))];
}

function rowGroupsIn(file: GeneratedFile, { rowGroups }: Read): number[] | undefined {
  if (rowGroups.length === 0) return undefined;
  return [...rowGroupRanges(file).keys()].filter((index) => rowGroups[index % rowGroups.length]);
}

/** The rows of the file that a read has to give, as their numbers. */
function rowsIn(file: GeneratedFile, read: Read): number[] {
  const rowGroups = rowGroupsIn(file, read);
  return rowGroupRanges(file)
    .filter((_, index) => rowGroups?.includes(index) ?? true)
    .flatMap(([start, end]) => Array.from({ length: end - start }, (_, at) => start + at))
    .slice(read.offset, read.offset + read.limit);
}

async function expectSame(path: string, file: GeneratedFile, read: Read): Promise<void> {
  const bytes = write(file);
  writeFileSync(path, bytes);
  const whole = await readWithHyparquet(bytes, file);
  const columns = namesIn(file, read);
  const rows = rowsIn(file, read);
  const want: Record<string, PlainValue[]> = Object.fromEntries(
    columns.map((name) => [name, rows.map((row) => whole[name]![row]!)]),
  );
  const { rowIndex, batchSize } = read.options;
  if (typeof rowIndex === "string") want[rowIndex] = rows.map(BigInt);

  const stream = scanParquet(path, {
    ...read.options,
    columns,
    rowGroups: rowGroupsIn(file, read),
    offset: read.offset,
    ...(read.limit !== Infinity && { limit: read.limit }),
  });
  const { fields } = await stream.schema();
  const batches = await Array.fromAsync(stream);

  const names = fields.map(({ name }) => name);
  expect(names.filter((name) => name !== rowIndex)).toEqual(columns);
  expect(names.toSorted()).toEqual(Object.keys(want).toSorted());
  const nothing = Object.fromEntries(names.map((name) => [name, []]));
  expect({ ...nothing, ...columnsOf(batches) }).toEqual(want);
  if (batchSize !== undefined) {
    const sizes = batches.map(({ numRows }) => numRows);
    expect(sizes.slice(0, -1)).toEqual(sizes.slice(1).map(() => batchSize));
  }
}

test(`any file has the same values as hyparquet reads (seed ${seed})`, async () => {
  using directory = tempDirectory();
  let written = 0;
  await fc.assert(
    fc.asyncProperty(generatedFile(MAX_ROWS), anyRead, async (file, read) => {
      // A new file each time: to rewrite one that is mapped into memory would crash the process.
      const path = directory.file(`${written++}.parquet`);
      await expectSame(path, file, read);
      rmSync(path);
    }),
    // Shrinking ends some time, when the reason is in sight.
    { seed, numRuns: RUNS, interruptAfterTimeLimit: 60_000 },
  );
});
