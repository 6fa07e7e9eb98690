import { expect } from "@std/expect";
import fc from "fast-check";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  coalesce,
  col,
  type Expression,
  type Predicate,
  type ScanOptions,
  scanParquet,
  withColumns,
} from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import {
  anyDriftingFile,
  type DriftingFile,
  writeDriftingFiles,
} from "./support/drifting_files.ts";
import { type DuckDB, openDuckDB } from "./support/duckdb.ts";
import { tempDirectory, test } from "./support/harness.ts";

const RUNS = Number(process.env["SPILLWAY_FILES"] ?? 100);

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

const anyOptions: fc.Arbitrary<ScanOptions> = fc.record({
  batchSize: fc.integer({ min: 1, max: 3_000 }),
  io: fc.constantFrom("mmap", "read"),
  concurrency: fc.integer({ min: 1, max: 6 }),
  zeroCopy: fc.boolean(),
  dictionary: fc.constant(true as const),
  memoryLimit: fc.constantFrom(200_000, 10_000_000),
}, { requiredKeys: [] });

/** Conditions on columns that some files lack or have in narrower types. */
const conditions: readonly (readonly [needs: string, Predicate, sql: string])[] = [
  ["whole", col("whole").gt(50), "whole > 50"],
  ["whole", col("whole").isNull(), "whole IS NULL"],
  ["unsigned", col("unsigned").in([3, 7, 150]), "unsigned IN (3, 7, 150)"],
  ["float", col("float").lt(20.5), "float < 20.5"],
  ["money", col("money").ge("12.34"), "money >= 12.34"],
  ["text", col("text").startsWith("text 1"), "text LIKE 'text 1%'"],
  ["text", col("text").isNull().or(col("nr").lt(100)), "text IS NULL OR nr < 100"],
  ["flag", col("flag").not(), "NOT flag"],
  ["nr", col("nr").mod(3).eq(1), "nr % 3 = 1"],
];

/** Columns that are computed of such columns. */
const computations: readonly (readonly [needs: string, name: string, Expression, sql: string])[] = [
  ["nr", "twice", col("nr").mul(2), "nr * 2"],
  ["whole", "next", col("whole").add(1), "whole + 1"],
  ["float", "half", col("float").div(2), "float / 2"],
  ["text", "some", coalesce(col("text"), "none"), "coalesce(text, 'none')"],
  ["flag", "odd", col("flag").and(col("nr").mod(2).eq(1)), "flag AND nr % 2 = 1"],
];

interface Case {
  readonly files: readonly DriftingFile[];
  readonly options: ScanOptions;
  readonly condition: number;
  readonly window: { readonly offset: number; readonly limit: number };
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  files: fc.array(anyDriftingFile, { minLength: 1, maxLength: 6 }),
  options: anyOptions,
  condition: fc.nat(),
  window: fc.record({ offset: fc.nat(400), limit: fc.nat(900) }),
});

type Columns = Readonly<Record<string, readonly PlainValue[]>>;

/** DuckDB's answer, by way of a file of its own, which is read alone. */
async function answer(query: string, path: string, duckdb: DuckDB): Promise<Columns> {
  await duckdb.write(path, query);
  return sorted(columnsOf(await Array.fromAsync(scanParquet(path))));
}

async function read(
  paths: string,
  options: ScanOptions,
  columns: Record<string, Expression>,
): Promise<Columns> {
  const stream = scanParquet(paths, { ...options, schema: "union" });
  const computed = stream.pipeThrough(withColumns(columns));
  return sorted(columnsOf(await Array.fromAsync(computed)));
}

/** DuckDB orders columns by their first file too, but not what is missing there. */
function sorted(columns: Columns): Columns {
  return Object.fromEntries(Object.entries(columns).sort(([a], [b]) => a < b ? -1 : 1));
}

async function expectSame(folder: string, files: Case, duckdb: DuckDB): Promise<void> {
  const { options, condition, window: { offset, limit } } = files;
  const glob = join(folder, "part-*.parquet");
  const list = files.files.map((_, at) => `'${join(folder, `part-${at}.parquet`)}'`);
  const present = new Set(files.files.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const has = ([needs]: readonly [string, ...unknown[]]) => needs === "nr" || present.has(needs);
  const fitting = conditions.filter(has);
  const computed = computations.filter(has);
  const computedSql = computed.map(([, name, , sql]) => `${sql} AS ${name}`).join(", ");
  const all = `SELECT *, ${computedSql}
    FROM read_parquet([${list.join(", ")}], union_by_name = true)`;
  const ours = (options: ScanOptions) =>
    read(glob, options, Object.fromEntries(computed.map(([, name, value]) => [name, value])));
  const [, where, sql] = fitting[condition % fitting.length]!;
  const theirs = join(folder, "answer.parquet");

  const whole = await answer(`${all} ORDER BY nr`, theirs, duckdb);
  expect({ of: "all", ...await ours(options) }).toEqual({ of: "all", ...whole });
  rmSync(theirs);
  const passing = `${all} WHERE ${sql} ORDER BY nr`;
  const some = await answer(passing, theirs, duckdb);
  const text = String(where);
  expect({ text, ...await ours({ ...options, where }) }).toEqual({ text, ...some });
  rmSync(theirs);
  const cut = await answer(`${passing} LIMIT ${limit} OFFSET ${offset}`, theirs, duckdb);
  expect({ text, offset, limit, ...await ours({ ...options, where, offset, limit }) })
    .toEqual({ text, offset, limit, ...cut });
  rmSync(theirs);
}

/** Shrinking ends then, with the reason in sight. */
const SHRINKING_ENDS_MS = 60_000;

test(`files whose columns drift are read as DuckDB reads them by name (seed ${seed})`, async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const startedAt = performance.now();
  let failed = false;
  let written = 0;
  const property = fc.asyncProperty(anyCase, async (each) => {
    if (failed && performance.now() - startedAt > SHRINKING_ENDS_MS) return;
    const folder = directory.file(`${written++}`);
    mkdirSync(folder);
    await writeDriftingFiles(folder, each.files, duckdb);
    try {
      await expectSame(folder, each, duckdb);
    } catch (error) {
      failed = true;
      throw error;
    }
    rmSync(folder, { recursive: true });
  });
  await fc.assert(property, { seed, numRuns: RUNS });
});
