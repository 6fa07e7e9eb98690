import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "@std/expect";
import {
  col,
  type Predicate,
  type PruneOptions,
  scanParquet,
  type ScanPruning,
  select,
  where,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { writeSorted } from "./support/sorted_file.ts";

const file = "tests/data/readings.parquet";

test("what is tested is counted by condition", async () => {
  const scan = scanParquet(file)
    .pipeThrough(where(col("celsius").ge(29).and(col("sensor").eq("attic"))))
    .pipeThrough(select("at"));
  let rows = 0;
  for await (using batch of scan) rows += batch.numRows;
  const { filter } = scan.stats().pruning!;
  expect([filter.rowsTested, filter.rowsPassed]).toEqual([2_000, rows]);
  // Which is tested first is measured, and may change on the way: a row is left out once, by either.
  const texts = filter.conditions.map(({ text }) => text);
  expect(texts.toSorted()).toEqual(["celsius >= 29", "sensor = 'attic'"]);
  const leftOut = filter.conditions.map(({ rowsTested, rowsPassed }) => rowsTested - rowsPassed);
  expect(leftOut.reduce((sum, rows) => sum + rows)).toBe(2_000 - rows);
  const tested = filter.conditions.reduce((sum, { rowsTested }) => sum + rowsTested, 0);
  expect(tested - 2_000).toBeGreaterThanOrEqual(rows);
  expect(tested - 2_000).toBeLessThan(2_000);
});

test("values that aren't decoded are counted", async () => {
  const scan = scanParquet(file)
    .pipeThrough(where(col("celsius").ge(29)))
    .pipeThrough(select("at"));
  let rows = 0;
  for await (using batch of scan) rows += batch.numRows;
  const { filter } = scan.stats().pruning!;
  expect(filter.valuesSkipped).toBeGreaterThan(1_000);
  expect(filter.valuesSkipped).toBeLessThanOrEqual(2_000 - rows);
});

test("the plan and the counts say what pruning spares", async () => {
  const scan = scanParquet(file).pipeThrough(
    where(col("celsius").gt(1_000).or(col("celsius").isNull())),
  );
  const plan = await scan.explain();
  const spared = plan.pruning!;
  const rows = spared.statistics.rows + spared.dictionary.rows + spared.pageIndex.rows;
  expect(plan.rows! + rows).toBe(2_000);
  expect(String(plan)).toContain("  where       celsius > 1000 OR celsius IS NULL");
  await scan.cancel();
});

test("without a predicate there is nothing to prune", async () => {
  const scan = scanParquet(file);
  expect((await scan.explain()).pruning).toBe(null);
  await scan.cancel();
});

const nothing = { rowGroups: 0, rows: 0 };

interface PruningCase {
  readonly reason: string;
  readonly predicate: Predicate;
  readonly prune?: PruneOptions;
  readonly counts: {
    readonly [Key in "statistics" | "bloomFilter" | "dictionary" | "pageIndex"]?: object;
  };
  readonly tested: number;
}

async function pruned(path: string, where: Predicate, prune?: PruneOptions): Promise<ScanPruning> {
  const stream = scanParquet(path, { where, prune });
  for await (using _ of stream);
  return stream.stats().pruning!;
}

/** Expects counts of the reasons given, and none of the others. */
async function expectPruning(path: string, cases: readonly PruningCase[]): Promise<void> {
  for (const { reason, predicate, prune, counts, tested } of cases) {
    const pruning = await pruned(path, predicate, prune);
    const { statistics, bloomFilter, dictionary, pageIndex, filter } = pruning;
    const spared = { statistics, bloomFilter, dictionary, pageIndex };
    const none = {
      statistics: nothing,
      bloomFilter: nothing,
      dictionary: nothing,
      pageIndex: nothing,
    };
    expect({ reason, ...spared }).toMatchObject({ reason, ...none, ...counts });
    expect([reason, filter.rowsTested]).toEqual([reason, tested]);
    for (const { rows, compressedBytes } of Object.values(spared)) {
      expect(compressedBytes > 0).toBe(rows > 0);
    }
  }
}

test("pruning counts row groups, rows and pages by the statistics or the index that ruled them out", async () => {
  using directory = tempDirectory();
  const path = directory.file("sorted.parquet");
  writeSorted(path);
  // Row groups of 1,000 rows, pages of 100; `twice` is even.
  await expectPruning(path, [
    {
      reason: "three row groups by statistics, nine pages of the last by the index",
      predicate: col("id").between(1_210, 1_219),
      counts: {
        statistics: { rowGroups: 3, rows: 3_000 },
        pageIndex: { rowGroups: 0, rows: 900, pagesSkipped: 9, pages: 10 },
      },
      tested: 100,
    },
    {
      reason: "statistics alone",
      predicate: col("id").between(1_210, 1_219),
      prune: { pageIndex: false },
      counts: { statistics: { rowGroups: 3, rows: 3_000 } },
      tested: 1_000,
    },
    {
      reason: "a gap between pages, seen by the index alone",
      predicate: col("twice").eq(2_199),
      counts: {
        statistics: { rowGroups: 3, rows: 3_000 },
        pageIndex: { rowGroups: 1, rows: 1_000, pagesSkipped: 10, pages: 10 },
      },
      tested: 0,
    },
    {
      reason: "nothing",
      predicate: col("third").eq(1),
      counts: { pageIndex: { rowGroups: 0, rows: 0, pagesSkipped: 0, pages: 40 } },
      tested: 4_000,
    },
    {
      reason: "no pruning at all",
      predicate: col("id").lt(0),
      prune: { statistics: false, pageIndex: false },
      counts: {},
      tested: 4_000,
    },
  ]);
  expect(await pruned(path, col("id").ge(2_000))).toMatchObject({
    rowGroupsKnown: 2,
    rowsKnown: 2_000,
    filter: { rowsTested: 0 },
  });
});

test("pruning counts row groups by the Bloom filter or the dictionary that ruled them out", async () => {
  using directory = tempDirectory();
  const path = directory.file("codes.parquet");
  const duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  // Multiples of 3: what lies between them is within the bounds of statistics.
  await duckdb.run(
    `COPY (SELECT i, (hash(i) % 20)::INTEGER * 3 AS code FROM range(8192) numbers(i)) TO '${path}'
     (FORMAT parquet, ROW_GROUP_SIZE 2048, DICTIONARY_SIZE_LIMIT 1000)`,
  );
  duckdb.closeSync();
  const all = { rowGroups: 4, rows: 8_192 };
  const predicate = col("code").eq(1);
  await expectPruning(path, [
    { reason: "Bloom filters", predicate, counts: { bloomFilter: all }, tested: 0 },
    {
      reason: "dictionaries",
      predicate,
      prune: { bloomFilters: false },
      counts: { dictionary: all },
      tested: 0,
    },
    {
      reason: "neither",
      predicate,
      prune: { bloomFilters: false, dictionaries: false },
      counts: {},
      tested: 8_192,
    },
    {
      reason: "two row groups, of which the other part of the condition rules out two",
      predicate: predicate.or(col("i").ge(4_096)),
      counts: { bloomFilter: { rowGroups: 2, rows: 4_096 } },
      tested: 0,
    },
  ]);
});

test("what a predicate spares is known once the file is open, before anything is tested", async () => {
  const stream = scanParquet(fixture("sequence"), { where: col("id").between(15_000, 15_009) });
  expect(stream.stats().pruning).toBe(null);
  const plan = await stream.explain();
  const { filter, ...spared } = stream.stats().pruning!;
  expect(spared).toEqual(plan.pruning);
  expect(filter).toMatchObject({ rowsTested: 0, rowsPassed: 0, valuesSkipped: 0 });
  await stream.cancel();
});
