import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { expect } from "@std/expect";
import type { RecordBatch, Table } from "apache-arrow";
import fc from "fast-check";
import { rmSync } from "node:fs";
import process from "node:process";
import { type PruneOptions, scanParquet, tableToStream, where } from "spillway";
import { anyCondition, type Condition } from "./support/any_condition.ts";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { anyPredicateFile, writePredicateFile } from "./support/predicate_file.ts";

/** Files, and the most predicates on each: about 1,000 cases in all, on each runtime. */
const FILES = Number(process.env["SPILLWAY_FILES"] ?? 100);
const PREDICATES = 20;

/** Set to what a failed run printed, it makes the same files and predicates again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

const anyPrune: fc.Arbitrary<PruneOptions> = fc.record({
  statistics: fc.boolean(),
  bloomFilters: fc.boolean(),
  dictionaries: fc.boolean(),
  pageIndex: fc.boolean(),
});

type Columns = Readonly<Record<string, readonly PlainValue[]>>;

/** One at a time, and none where there are no batches. */
function rowsOf(batches: Iterable<RecordBatch>): { numbers: number[]; columns: Columns } {
  const columns = columnsOf(batches);
  return { numbers: (columns["nr"] ?? []).map(Number), columns };
}

async function expectSame(
  { predicate, sql }: Condition,
  path: string,
  whole: Table,
  prune: PruneOptions,
  duckdb: DuckDBConnection,
): Promise<void> {
  const scan = (prune: PruneOptions | boolean) =>
    Array.fromAsync(
      scanParquet(path, { rowIndex: "nr", prune, zeroCopy: false }).pipeThrough(where(predicate)),
    );
  const answer = await duckdb.runAndReadAll(`SELECT nr FROM whole WHERE ${sql} ORDER BY nr`);
  const wanted = answer.getRows().map(([nr]) => Number(nr));
  const tested = rowsOf(await scan(false));
  const transformed = rowsOf(
    await Array.fromAsync(tableToStream(whole).pipeThrough(where(predicate))),
  );
  const pruned = rowsOf(await scan(true));
  const partly = rowsOf(await scan(prune));
  expect({ way: "tested", rows: tested.numbers }).toEqual({ way: "tested", rows: wanted });
  expect({ way: "transformed", ...transformed }).toEqual({ way: "transformed", ...tested });
  expect({ way: "pruned", ...pruned }).toEqual({ way: "pruned", ...tested });
  expect({ way: "partly pruned", ...partly }).toEqual({ way: "partly pruned", ...tested });
}

/** Shrinking ends then, with the reason in sight. */
const SHRINKING_ENDS_MS = 90_000;

test(`a predicate keeps the rows that DuckDB keeps, whatever decides it (seed ${seed})`, async () => {
  using directory = tempDirectory();
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const duckdb = await instance.connect();
  // Its rules for casts make `TRY_CAST(300 AS TINYINT) <> 0` true in a filter.
  await duckdb.run("PRAGMA disable_optimizer");
  const startedAt = performance.now();
  let failed = false;
  let written = 0;
  const property = fc.asyncProperty(
    anyPredicateFile,
    fc.array(fc.tuple(anyCondition, anyPrune), {
      minLength: 1,
      maxLength: PREDICATES,
      size: "max",
    }),
    async (file, cases) => {
      // Not by fast-check's time limit, which leaves a run at work on files that are removed.
      if (failed && performance.now() - startedAt > SHRINKING_ENDS_MS) return;
      // A new file each time: to rewrite one that is mapped into memory would crash the process.
      const path = directory.file(`${written++}.parquet`);
      await writePredicateFile(file, path, duckdb);
      // A table, so that nothing depends on how DuckDB prunes.
      await duckdb.run(
        `CREATE OR REPLACE TABLE whole AS
         SELECT * RENAME (file_row_number AS nr) FROM read_parquet('${path}', file_row_number = true)`,
      );
      const whole = await scanParquet(path, { rowIndex: "nr" }).collect();
      for (const [condition, prune] of cases) {
        try {
          await expectSame(condition, path, whole, prune, duckdb);
        } catch (error) {
          failed = true;
          throw new Error(`${condition.predicate}\n${condition.sql}\n${error}`, { cause: error });
        }
      }
      rmSync(path);
    },
  );
  try {
    await fc.assert(property, { seed, numRuns: FILES });
  } finally {
    duckdb.closeSync();
    instance.closeSync();
  }
});
