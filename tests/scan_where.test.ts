import { expect } from "@std/expect";
import fc from "fast-check";
import {
  AdaptiveStreamingReader,
  col,
  limit,
  MmapParquetReader,
  offset,
  type RecordBatchStream,
  type RowFilter,
  type ScanOptions,
  scanParquet,
  select,
  UnknownColumnError,
  where,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { isWarm, rowFilters } from "./support/row_filters.ts";
import { rowsOf } from "./support/rows_of.ts";

const file = "tests/data/readings.parquet";

/** What the options mean, said by transforms. */
function chain(
  filter: RowFilter,
  { columns, rowIndex, ...options }: ScanOptions,
): RecordBatchStream {
  const { limit: most, offset: skipped, ...rest } = options;
  const scan = scanParquet(file, { ...rest, rowIndex });
  const passed = scan.pipeThrough(where(filter)).pipeThrough(offset(skipped ?? 0));
  const counted = most === undefined ? passed : passed.pipeThrough(limit(most));
  const numbers = typeof rowIndex === "string" ? [rowIndex] : [];
  return columns === undefined ? counted : counted.pipeThrough(select(...numbers, ...columns));
}

test("rows are tested, then counted, then columns chosen, as by transforms", async () => {
  const options = fc.record({
    filter: fc.constantFrom(...Object.keys(rowFilters)),
    columns: fc.option(fc.subarray(["celsius", "at", "sensor"]), { nil: undefined }),
    offset: fc.option(fc.constantFrom(0, 1, 129, 700, 3_000), { nil: undefined }),
    limit: fc.option(fc.constantFrom(0, 1, 64, 500, 2_000), { nil: undefined }),
    rowIndex: fc.option(fc.constant("row"), { nil: undefined }),
    rowGroups: fc.option(fc.subarray([0, 1, 2, 3]), { nil: undefined }),
    batchSize: fc.constantFrom(64, 300, 2_000),
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ filter, ...rest }) => {
      const scan = scanParquet(file, { ...rest, where: rowFilters[filter]!() });
      expect(await rowsOf(scan)).toEqual(await rowsOf(chain(rowFilters[filter]!(), rest)));
    }),
    { numRuns: 120 },
  );
});

for (const [name, filter] of Object.entries(rowFilters)) {
  test(`${name}: the schema is that of the columns asked for, in their order`, async () => {
    const scan = () =>
      scanParquet(file, { where: filter(), columns: ["at", "sensor"], rowIndex: "row" });
    const names = ["row", "at", "sensor"];
    const stream = scan();
    expect((await stream.schema()).names).toEqual(names);
    expect((await stream.explain()).outputs).toEqual(names);
    expect((await stream.metadata()).numRows).toBe(2_000);
    await stream.cancel();
    const table = await scan().collect();
    expect(table.schema.names).toEqual(names);
    expect(table.numRows).toBe(await scan().count());
  });

  test(`${name}: what comes behind the scan works on the rows that are left`, async () => {
    const options = { where: filter(), columns: ["celsius", "at"], offset: 10, limit: 90 };
    const scan = () => scanParquet(file, { ...options, where: filter() });
    const rows = await rowsOf(scan());
    expect(await scan().count()).toBe(rows.length);
    const values = rows.map((row) => JSON.parse(row).celsius);
    expect(await scan().max("celsius")).toBe(rows.length ? Math.max(...values) : undefined);
    expect(await rowsOf(scan().pipeThrough(limit(3)))).toEqual(rows.slice(0, 3));
    const cold = scan().pipeThrough(where(col("celsius").lt(21)));
    expect((await rowsOf(cold)).length).toBe(values.filter((value) => value < 21).length);
    const reader = new AdaptiveStreamingReader(file, { ...options, where: filter() });
    expect(await rowsOf(reader.stream())).toEqual(rows);
  });
}

test("an expression is pushed down: the plan shows it, and pruning counts", async () => {
  const scan = scanParquet(fixture("sequence"), {
    where: col("id").between(15_000, 15_009),
    columns: ["price"],
    limit: 5,
    offset: 2,
  });
  const plan = await scan.explain();
  expect(plan.filter).toBe("id BETWEEN 15000 AND 15009");
  expect(plan.steps).toEqual([
    "where id BETWEEN 15000 AND 15009",
    "offset 2",
    "limit 5",
    "select price",
  ]);
  expect(plan.lanes.map(({ column, given }) => [column, given])).toEqual(
    [["price", true], ["id", false]],
  );
  expect(plan.rowGroups.filter(({ skipped }) => skipped === null).map(({ index }) => index))
    .toEqual([1]);
  expect(await rowsOf(scan)).toEqual(
    [15_002, 15_003, 15_004, 15_005, 15_006].map((id) => JSON.stringify({ price: id / 4 })),
  );
  const { pruning, rows } = scan.stats();
  expect([rows, pruning?.statistics.rowGroups, pruning?.filter.rowsPassed]).toEqual([5, 9, 10]);
});

test("the row index beside a filter numbers the rows of the file, and may be tested", async () => {
  const options: ScanOptions = { rowIndex: "row", columns: ["celsius"], rowGroups: [1, 3] };
  const byNumber: RowFilter[] = [
    col("row").mod(250).eq(0),
    (batch) => Array.from(batch.getChild("row")!, (row) => row % 250n === 0n),
  ];
  for (const filter of byNumber) {
    const table = await scanParquet(file, { ...options, where: filter }).collect();
    expect(Array.from(table.getChild("row")!)).toEqual([500n, 750n, 1_500n, 1_750n]);
  }
});

test("no columns at all leave the number of rows", async () => {
  for (const filter of [col("celsius").ge(20), isWarm]) {
    const batches = await Array.fromAsync(scanParquet(file, { where: filter, columns: [] }));
    expect(batches.every(({ numCols }) => numCols === 0)).toBe(true);
    const rows = batches.reduce((sum, { numRows }) => sum + numRows, 0);
    expect(rows).toBe(await scanParquet(file, { where: isWarm }).count());
  }
});

test("a column that isn't there is named in the error, in whichever option", async () => {
  const wrong: [RowFilter, column: string][] = [
    [col("celsius").ge(20), "celcius"],
    [col("celcius").ge(20), "at"],
    [isWarm, "celcius"],
  ];
  for (const [filter, column] of wrong) {
    const scan = scanParquet(file, { where: filter, columns: [column] });
    const error = await rowsOf(scan).catch((reason) => reason);
    expect(error).toBeInstanceOf(UnknownColumnError);
    expect(error).toMatchObject({ column: "celcius", suggestions: ["celsius"] });
  }
});

test("every reader takes the option", async () => {
  const filter = col("celsius").ge(20);
  const rows = await scanParquet(file, { where: filter, limit: 70 }).count();
  expect(rows).toBe(70);
  const adaptive = new AdaptiveStreamingReader(file, { where: filter, limit: 70 });
  expect((await adaptive.collect()).numRows).toBe(70);
  const collected = await adaptive.collectBatchesAdaptive();
  expect(collected.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(70);
  const group = new MmapParquetReader(file).readRowGroup(2, { where: filter });
  expect(await group.count()).toBe(
    await scanParquet(file, { where: filter, rowGroups: [2] }).count(),
  );
});

test("a reader's predicates come behind its option, in every way to read", async () => {
  const reader = new AdaptiveStreamingReader(file, { where: col("celsius").ge(20), limit: 70 })
    .withPredicate(col("sensor").eq("attic"))
    .withPredicate(isWarm);
  const rows = await rowsOf(
    scanParquet(file, { where: col("celsius").ge(20), limit: 70 })
      .pipeThrough(where(col("sensor").eq("attic"))),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(await rowsOf(reader.stream())).toEqual(rows);
  const batches = await reader.collectBatchesAdaptive();
  expect(batches.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(rows.length);
});
