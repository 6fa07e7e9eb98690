import { expect } from "@std/expect";
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { type ScanOptions, scanParquet } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import {
  type GeneratedFile,
  generatedFile,
  readWithHyparquet,
  rowGroupRanges,
  write,
} from "./support/generated_file.ts";
import { tempDirectory, test } from "./support/harness.ts";

const RUNS = 150;
const MAX_ROWS = 200;

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** What of a file is read, and how. */
interface Read {
  readonly columns: readonly string[];
  readonly rowGroups: readonly number[] | undefined;
  readonly offset: number;
  readonly limit: number;
  readonly options: ScanOptions;
}

function anyRead(file: GeneratedFile): fc.Arbitrary<Read> {
  const names = file.columns.map(({ source }) => source.name);
  const groups = rowGroupRanges(file).map((_, index) => index);
  return fc.record({
    columns: fc.oneof(fc.constant(names), fc.shuffledSubarray(names, { minLength: 1 })),
    rowGroups: fc.option(fc.subarray(groups), { nil: undefined }),
    offset: fc.oneof(fc.constant(0), fc.nat(file.rows + 2)),
    limit: fc.oneof(fc.constant(Infinity), fc.nat(file.rows + 2)),
    options: fc.record({
      batchSize: fc.integer({ min: 1, max: file.rows + 5 }),
      io: fc.constantFrom("mmap", "read"),
      dictionary: fc.constant(true as const),
      strings: fc.constant("preserve" as const),
      zeroCopy: fc.boolean(),
      rowIndex: fc.constant("nr"),
    }, { requiredKeys: [] }),
  });
}

/** The rows of the file that a read has to give, as their numbers. */
function rowsOf(file: GeneratedFile, { rowGroups, offset, limit }: Read): number[] {
  return rowGroupRanges(file)
    .filter((_, index) => rowGroups?.includes(index) ?? true)
    .flatMap(([start, end]) => Array.from({ length: end - start }, (_, at) => start + at))
    .slice(offset, offset + limit);
}

async function expectSame(path: string, file: GeneratedFile, read: Read): Promise<void> {
  const bytes = write(file);
  writeFileSync(path, bytes);
  const whole = await readWithHyparquet(bytes, file.columns);
  const rows = rowsOf(file, read);
  const want: Record<string, PlainValue[]> = Object.fromEntries(
    read.columns.map((name) => [name, rows.map((row) => whole[name]![row]!)]),
  );
  const { rowIndex, batchSize } = read.options;
  if (rowIndex !== undefined) want[rowIndex] = rows.map(BigInt);

  const stream = scanParquet(path, {
    ...read.options,
    columns: read.columns,
    offset: read.offset,
    ...(read.limit !== Infinity && { limit: read.limit }),
    ...(read.rowGroups && { rowGroups: read.rowGroups }),
  });
  const { fields } = await stream.schema();
  const batches = await Array.fromAsync(stream);

  const names = fields.map(({ name }) => name);
  expect(names.filter((name) => name !== rowIndex)).toEqual(read.columns);
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
  const path = directory.file("generated.parquet");
  const cases = generatedFile(MAX_ROWS).chain((file) =>
    fc.record({ file: fc.constant(file), read: anyRead(file) })
  );
  // Values shrink a file slowly, and its shape fast: a minute is enough to find the reason.
  await fc.assert(
    fc.asyncProperty(cases, async ({ file, read }) => {
      await expectSame(path, file, read);
    }),
    { seed, numRuns: RUNS, endOnFailure: false, interruptAfterTimeLimit: 60_000 },
  );
});
