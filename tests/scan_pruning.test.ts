import { expect } from "@std/expect";
import { col, scanParquet, select, where } from "spillway";
import { test } from "./support/harness.ts";

const file = "tests/data/readings.parquet";

test("what is tested is counted by condition, cheapest first, and what isn't decoded too", async () => {
  const scan = scanParquet(file)
    .pipeThrough(where(col("celsius").ge(29).and(col("sensor").eq("attic"))))
    .pipeThrough(select("at"));
  let rows = 0;
  for await (using batch of scan) rows += batch.numRows;
  const { filter } = scan.stats().pruning!;
  expect([filter.rowsTested, filter.rowsPassed]).toEqual([2_000, rows]);
  const [first, second] = filter.conditions;
  expect([first?.rowsTested, second?.rowsPassed]).toEqual([2_000, rows]);
  expect(second?.rowsTested).toBe(first?.rowsPassed);
  expect(filter.valuesSkipped).toBeGreaterThan(1_000);
});

test("the plan and the counts say what pruning spares", async () => {
  const scan = scanParquet(file).pipeThrough(
    where(col("celsius").gt(1_000).or(col("celsius").isNull())),
  );
  const plan = await scan.explain();
  const spared = plan.pruning!;
  const rows = spared.statistics.rows + spared.dictionary.rows + spared.pageIndex.rows;
  expect(plan.rows + rows).toBe(2_000);
  expect(String(plan)).toContain("  where       celsius > 1000 OR celsius IS NULL");
  await scan.cancel();
});

test("without a predicate there is nothing to prune", async () => {
  const scan = scanParquet(file);
  expect((await scan.explain()).pruning).toBe(null);
  await scan.cancel();
});
