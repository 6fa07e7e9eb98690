import { expect } from "@std/expect";
import { Float64, Int32, type RecordBatch, Utf8, vectorFromArray } from "apache-arrow";
import { col, type Predicate, scanParquet, writeParquet, type WriteParquetOptions } from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { openDuckDB } from "./support/duckdb.ts";
import type { TempDirectory } from "./support/harness.ts";
import { pythonReaders, rowGroupsLeft } from "./support/python.ts";
import { sinkTest } from "./support/sink_test.ts";

const ROWS = 8_000;
const GROUP = 2_000;

/** Even numbers in order, in no order, as texts, and with nulls alone in the third row group. */
function rows(): RecordBatch {
  const index = Array.from({ length: ROWS }, (_, row) => row);
  const mixed = index.map((row) => (row * 4_801) % ROWS * 2);
  return batchOf({
    ordered: vectorFromArray(index.map((row) => row * 2), new Int32()),
    mixed: vectorFromArray(mixed, new Int32()),
    word: vectorFromArray(mixed.map((number) => `word ${number}`), new Utf8()),
    float: vectorFromArray(index.map((row) => row % 100 === 0 ? NaN : row / 8), new Float64()),
    gap: vectorFromArray(
      index.map((row) => Math.floor(row / GROUP) === 2 ? null : row),
      new Int32(),
    ),
  });
}

async function written(folder: TempDirectory, options: WriteParquetOptions): Promise<string> {
  const path = folder.file("a.parquet");
  const settings = { rowGroupRows: GROUP, pageBytes: 1_000, dictionary: false, overwrite: true };
  await batchStream([rows()]).pipeTo(writeParquet(path, { ...settings, ...options }));
  return path;
}

/** What skips each row group, and the pages that are skipped in those that are read. */
async function skipped(path: string, where: Predicate) {
  const plan = await scanParquet(path, { where }).explain();
  const groups = plan.rowGroups.map(({ pruned }) => pruned!);
  expect(groups.length).toBe(ROWS / GROUP);
  return {
    by: groups.map(({ skippedBy }) => skippedBy),
    pages: groups.reduce(
      (sum, { skippedBy, pagesSkipped }) => skippedBy ? sum : sum + pagesSkipped,
      0,
    ),
  };
}

/** Asserts that a scan gives the rows for which it holds, whatever is skipped. */
async function expectCount(path: string, where: Predicate, count: number): Promise<void> {
  expect(await scanParquet(path, { where }).count()).toBe(count);
}

sinkTest(
  "a scan skips row groups by the statistics that were written, and none without them",
  async (folder) => {
    const cases: [Predicate, (string | null)[], number][] = [
      [col("ordered").eq(2 * 2_500), ["statistics", null, "statistics", "statistics"], 1],
      [col("ordered").lt(0), ["statistics", "statistics", "statistics", "statistics"], 0],
      [col("float").lt(200), [null, "statistics", "statistics", "statistics"], 1_600 - 16],
      [col("gap").isNull(), ["statistics", "statistics", null, "statistics"], GROUP],
      [col("gap").isNotNull(), [null, null, "statistics", null], ROWS - GROUP],
    ];
    for (const [where, by, count] of cases) {
      const path = await written(folder, {});
      expect((await skipped(path, where)).by).toEqual(by);
      await expectCount(path, where, count);
      const bare = await written(folder, { statistics: false });
      expect((await skipped(bare, where)).by).toEqual([null, null, null, null]);
      await expectCount(bare, where, count);
    }
  },
);

sinkTest(
  "a scan skips pages by the index that was written, and none without it",
  async (folder) => {
    const where = col("ordered").between(2 * 2_500, 2 * 2_509);
    const path = await written(folder, {});
    const found = await skipped(path, where);
    expect(found.by).toEqual(["statistics", null, "statistics", "statistics"]);
    expect(found.pages).toBeGreaterThan(3);
    await expectCount(path, where, 10);
    const bare = await written(folder, { pageIndex: false });
    expect(await skipped(bare, where)).toEqual({ ...found, pages: 0 });
    await expectCount(bare, where, 10);
  },
);

sinkTest(
  "a scan skips row groups by the Bloom filters that were written, and none without them",
  async (folder) => {
    const absent = [
      col("mixed").eq(4_001),
      col("word").eq("word 4001"),
      col("mixed").in([4_001, 4_003]),
    ];
    const path = await written(folder, { bloomFilterColumns: ["mixed", "word"] });
    for (const where of absent) {
      // A filter may take a value for one that is there, once in a hundred times.
      const { by } = await skipped(path, where);
      expect(by.filter((reason) => reason === "bloomFilter").length).toBeGreaterThanOrEqual(3);
      await expectCount(path, where, 0);
    }
    await expectCount(path, col("mixed").eq(4_000), 1);
    await expectCount(path, col("word").in(["word 4000", "word 4001", "word 12"]), 2);
    const bare = await written(folder, {});
    for (const where of absent) {
      expect((await skipped(bare, where)).by).not.toContain("bloomFilter");
    }
  },
);

sinkTest("no Bloom filter denies a value that is there", async (folder) => {
  for (const dictionary of [true, false]) {
    const path = await written(folder, {
      bloomFilterColumns: ["mixed", "word", "float"],
      dictionary,
    });
    for (let value = 0; value < 2 * ROWS; value += 997 * 2) {
      await expectCount(path, col("mixed").eq(value), 1);
      await expectCount(path, col("word").eq(`word ${value}`), 1);
    }
    await expectCount(path, col("float").eq(1 / 8), 1);
  }
});

sinkTest("DuckDB knows the bounds, the nulls and the Bloom filters", async (folder) => {
  const path = await written(folder, { bloomFilterColumns: ["mixed", "word"] });
  await using duckdb = await openDuckDB();
  const bounds = await duckdb.rows(`
    SELECT stats_min_value, stats_max_value, stats_null_count, num_values,
           bloom_filter_offset IS NOT NULL
    FROM parquet_metadata('${path}')
    WHERE path_in_schema IN ('ordered', 'mixed', 'gap') ORDER BY row_group_id, column_id`);
  const expected = [0, 1, 2, 3].flatMap((group) => {
    const [first, last] = [group * GROUP, (group + 1) * GROUP - 1];
    const mixed = Array.from({ length: GROUP }, (_, row) => ((first + row) * 4_801) % ROWS * 2);
    return [
      [`${first * 2}`, `${last * 2}`, 0n, BigInt(GROUP), false],
      [`${Math.min(...mixed)}`, `${Math.max(...mixed)}`, 0n, BigInt(GROUP), true],
      group === 2
        ? [null, null, BigInt(GROUP), BigInt(GROUP), false]
        : [`${first}`, `${last}`, 0n, BigInt(GROUP), false],
    ];
  });
  expect(bounds).toEqual(expected);
  const excluded = async (column: string, value: string) => {
    const probe = `parquet_bloom_probe('${path}', '${column}', ${value})`;
    const groups = await duckdb.rows(
      `SELECT bloom_filter_excludes FROM ${probe} ORDER BY row_group_id`,
    );
    return groups.map(([excludes]) => excludes);
  };
  expect((await excluded("mixed", "4001")).filter(Boolean).length).toBeGreaterThanOrEqual(3);
  const group = [0, 1, 2, 3].find((group) =>
    Array.from({ length: GROUP }, (_, row) => ((group * GROUP + row) * 4_801) % ROWS * 2).includes(
      4_000,
    )
  )!;
  expect((await excluded("mixed", "4000"))[group]).toBe(false);
  expect((await excluded("word", "'word 4000'"))[group]).toBe(false);
  expect((await excluded("word", "'word 4001'")).filter(Boolean).length).toBeGreaterThanOrEqual(3);
});

sinkTest("DuckDB finds the rows by what it skips", async (folder) => {
  const path = await written(folder, { bloomFilterColumns: ["mixed", "word"] });
  await using duckdb = await openDuckDB();
  const count = async (where: string) =>
    (await duckdb.rows(`SELECT count(*) FROM '${path}' WHERE ${where}`))[0];
  expect(await count("ordered = 5000")).toEqual([1n]);
  expect(await count("mixed = 4000")).toEqual([1n]);
  expect(await count("word = 'word 4000'")).toEqual([1n]);
  expect(await count("word = 'word 4001'")).toEqual([0n]);
  expect(await count("gap IS NULL")).toEqual([BigInt(GROUP)]);
});

sinkTest.skipIf(!pythonReaders().includes("pyarrow"))(
  "pyarrow leaves out the row groups that the statistics rule out",
  async (folder) => {
    const path = await written(folder, {});
    expect(await rowGroupsLeft(path, ["ordered", 5_000], folder)).toEqual([1]);
    expect(await rowGroupsLeft(path, ["gap", 100], folder)).toEqual([0]);
    expect(await rowGroupsLeft(path, ["ordered", -2], folder)).toEqual([]);
    const bare = await written(folder, { statistics: false });
    expect(await rowGroupsLeft(bare, ["ordered", 5_000], folder)).toEqual([0, 1, 2, 3]);
  },
);
