import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { expect } from "@std/expect";
import type { RecordBatch, Table } from "apache-arrow";
import fc from "fast-check";
import { rmSync } from "node:fs";
import process from "node:process";
import { type PruneOptions, type ScanOptions, scanParquet, tableToStream, where } from "spillway";
import { anyCondition, columnsNamed, type Condition } from "./support/any_condition.ts";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { runtime, tempDirectory, test } from "./support/harness.ts";
import {
  anyPredicateFile,
  columnsOfFile,
  describeFile,
  type PredicateFile,
  writePredicateFile,
} from "./support/predicate_file.ts";

/** Cases on each runtime: a predicate on a file, read in a way. */
const CASES = Number(process.env["SPILLWAY_CASES"] ?? 1_000);
/** Tests that they are divided among, so that none comes near the time limit of a test. */
const PARTS = 4;
/** The most predicates on a file, and the files of a round. */
const PREDICATES = 20;
const FILES = 5;

/** Set to what a failed run printed, it makes the same files and predicates again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** How a file is read. */
interface Reading {
  readonly prune: PruneOptions;
  readonly options: ScanOptions;
}

const anyReading: fc.Arbitrary<Reading> = fc.record({
  prune: fc.record({
    statistics: fc.boolean(),
    bloomFilters: fc.boolean(),
    dictionaries: fc.boolean(),
    pageIndex: fc.boolean(),
  }),
  options: fc.record({
    batchSize: fc.integer({ min: 1, max: 500 }),
    io: fc.constantFrom("mmap", "read"),
    dictionary: fc.constant(true as const),
    zeroCopy: fc.boolean(),
  }, { requiredKeys: [] }),
});

type Columns = Readonly<Record<string, readonly PlainValue[]>>;

function expectSame(way: string, given: readonly RecordBatch[], wanted: Columns): void {
  const columns = columnsOf(given);
  // Where there are no batches, there are no columns.
  const wholly = Object.keys(columns).length > 0 ? columns : mapColumns(wanted, () => []);
  // What is the same is seen far sooner without a look for how to report a difference.
  if (!isSame(wholly, wanted)) expect({ way, ...wholly }).toEqual({ way, ...wanted });
}

function isSame(left: PlainValue, right: PlainValue): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || !left || !right) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, at) => isSame(value, right[at]));
  }
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => isSame((left as Columns)[key]!, (right as Columns)[key]!));
}

function mapColumns(
  columns: Columns,
  map: (values: readonly PlainValue[]) => PlainValue[],
): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, map(values)]));
}

interface Opened {
  readonly path: string;
  readonly duckdb: DuckDBConnection;
  /** All rows, by name. */
  readonly rows: Columns;
  /** All rows as plain batches, with dictionaries or without. */
  readonly tables: Map<ScanOptions["dictionary"], Table>;
}

/** A table is made once for all predicates on a file: that takes longer than to scan it. */
async function tableOf({ path, tables }: Opened, options: ScanOptions): Promise<Table> {
  const table = tables.get(options.dictionary) ??
    await scanParquet(path, { ...options, rowIndex: "nr" }).collect();
  tables.set(options.dictionary, table);
  return table;
}

/** Compares what is kept, by what each of the ways keeps. */
async function expectSameRows(
  { predicate, sql }: Condition,
  { prune, options }: Reading,
  opened: Opened,
): Promise<void> {
  const { path, duckdb, rows } = opened;
  const scan = (prune: PruneOptions | boolean) =>
    Array.fromAsync(
      scanParquet(path, { ...options, rowIndex: "nr", prune }).pipeThrough(where(predicate)),
    );
  const tested = await scan(false);
  const numbers = sql === null
    ? (columnsOf(tested)["nr"] ?? []).map(Number)
    : (await duckdb.runAndReadAll(`SELECT nr FROM whole WHERE ${sql} ORDER BY nr`)).getRows()
      .map(([nr]) => Number(nr));
  const wanted = mapColumns(rows, (values) => numbers.map((nr) => values[nr]!));
  expectSame("not pruned", tested, wanted);
  expectSame("pruned", await scan(true), wanted);
  expectSame("partly pruned", await scan(prune), wanted);
  const transformed = await Array.fromAsync(
    tableToStream(await tableOf(opened, options)).pipeThrough(where(predicate)),
  );
  expectSame("transformed", transformed, wanted);
}

/** Shrinking ends so long after the first failure, with the reason in sight. */
const SHRINKING_MS = 60_000;
/** No case begins later: at the time limit of a test, a query would be left running. */
const LAST_START_MS = 100_000;

/** Writes one file, and puts all predicates to it until it is too late. */
async function tryFile(
  file: PredicateFile,
  cases: readonly (readonly [Condition, Reading])[],
  path: string,
  duckdb: DuckDBConnection,
  counts: Counts,
): Promise<void> {
  const names = columnsOfFile(file, cases.flatMap(([condition]) => columnsNamed(condition)));
  await writePredicateFile(file, names, path, duckdb);
  // A table, so that nothing depends on how DuckDB prunes.
  await duckdb.run(
    `CREATE OR REPLACE TABLE whole AS
     SELECT * RENAME (file_row_number AS nr) FROM read_parquet('${path}', file_row_number = true)`,
  );
  const rows = columnsOf(await Array.fromAsync(scanParquet(path, { rowIndex: "nr" })));
  const opened: Opened = { path, duckdb, rows, tables: new Map() };
  for (const [condition, reading] of cases) {
    if (performance.now() > counts.lastStart) return;
    try {
      await expectSameRows(condition, reading, opened);
    } catch (error) {
      const { predicate, sql } = condition;
      const [way, what] = [fc.stringify(reading), describeFile(file, names)];
      throw new Error(`${predicate}\n${sql}\n${way}\n${what}\n${error}`, { cause: error });
    }
    counts.cases++;
    if (condition.sql !== null) counts.withDuckdb++;
  }
  rmSync(path);
}

interface Counts {
  cases: number;
  withDuckdb: number;
  files: number;
  lastStart: number;
}

/** Runs rounds of files until there were as many cases as wanted, and counts them. */
async function runCases(wanted: number, seed: number, duckdb: DuckDBConnection): Promise<Counts> {
  using directory = tempDirectory();
  const lastStart = performance.now() + LAST_START_MS;
  const counts: Counts = { cases: 0, withDuckdb: 0, files: 0, lastStart };
  const property = fc.asyncProperty(
    fc.array(fc.tuple(anyCondition, anyReading), {
      minLength: 1,
      maxLength: PREDICATES,
      size: "max",
    }),
    anyPredicateFile,
    async (cases, file) => {
      // Not by fast-check's time limit: it leaves a run at work, on files that are removed then and
      // with a DuckDB that is closed.
      if (performance.now() > counts.lastStart) return;
      // A new file each time: to rewrite one that is mapped into memory would crash the process.
      const path = directory.file(`${counts.files++}.parquet`);
      try {
        await tryFile(file, cases, path, duckdb, counts);
      } catch (error) {
        counts.lastStart = Math.min(counts.lastStart, performance.now() + SHRINKING_MS);
        throw error;
      }
    },
  );
  for (let round = 0; counts.cases < wanted && performance.now() < counts.lastStart; round++) {
    await fc.assert(property, { seed: seed + round, numRuns: FILES });
  }
  return counts;
}

for (let part = 0; part < PARTS; part++) {
  test(`a predicate keeps the rows that DuckDB keeps, whatever decides it (${part + 1} of ${PARTS}, seed ${seed})`, async () => {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const duckdb = await instance.connect();
    // Its rules for casts make `TRY_CAST(300 AS TINYINT) <> 0` true in a filter.
    await duckdb.run("PRAGMA disable_optimizer");
    try {
      const wanted = Math.ceil(CASES / PARTS);
      const { cases, withDuckdb, files } = await runCases(wanted, seed + part * 10_000, duckdb);
      console.log(
        `${cases} cases on ${files} files, ${withDuckdb} of them with DuckDB (${runtime}, seed ${seed})`,
      );
      expect(cases).toBeGreaterThanOrEqual(wanted);
    } finally {
      // Nothing runs any more: fast-check has awaited every run.
      duckdb.closeSync();
      instance.closeSync();
    }
  });
}
