import { DataType, type Field } from "apache-arrow";
import { expect } from "@std/expect";
import fc from "fast-check";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { col, type Predicate, scanParquet, SchemaMismatchError } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import {
  anyDriftingFile,
  type DriftingFile,
  writeDriftingFiles,
} from "./support/drifting_files.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { askPolars, hasPolars, type PolarsQuery } from "./support/polars.ts";

const RUNS = Number(process.env["SPILLWAY_FILES"] ?? 60);

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

/** More rows than the files of a case have. */
const allRows = 1_000_000;

/** Conditions on columns that some files lack or have in narrower types. */
const conditions: readonly (readonly [needs: string, Predicate, sql: string])[] = [
  ["whole", col("whole").gt(50), "whole > 50"],
  ["whole", col("whole").isNull(), "whole IS NULL"],
  ["unsigned", col("unsigned").in([3, 7, 150]), "unsigned IN (3, 7, 150)"],
  ["float", col("float").lt(20.5), "float < 20.5"],
  ["text", col("text").startsWith("text 1"), "text LIKE 'text 1%'"],
  ["text", col("text").isNull().or(col("nr").lt(100)), "text IS NULL OR nr < 100"],
  ["flag", col("flag").not(), "NOT flag"],
  ["nr", col("nr").mod(3).eq(1), "nr % 3 = 1"],
];

interface Case {
  readonly files: readonly DriftingFile[];
  readonly how: "first" | "union";
  /** Which condition, of those whose column is there; none for one case in three. */
  readonly condition: number;
  readonly offset: number;
  readonly limit: number;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  files: fc.array(anyDriftingFile, { minLength: 1, maxLength: 6 }),
  how: fc.constantFrom("first", "union"),
  condition: fc.nat(),
  offset: fc.oneof(fc.constant(0), fc.nat(400)),
  limit: fc.oneof(fc.constant(allRows), fc.nat(900)),
});

interface Query {
  readonly query: PolarsQuery;
  readonly where: Predicate | undefined;
}

function queryOf({ files, how, condition, offset, limit }: Case, paths: string[]): Query {
  const shown = how === "first" ? files.slice(0, 1) : files;
  const present = new Set(shown.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const fitting = conditions.filter(([needs]) => needs === "nr" || present.has(needs));
  const [, where, sql] = condition % 3 === 0 ? [] : fitting[condition % fitting.length]!;
  return { query: { paths, how, where: sql ?? null, offset, limit }, where };
}

/** The columns in order, as plain values that JSON has too. */
async function read({ query: { paths, how, offset, limit }, where }: Query) {
  const stream = scanParquet(paths, { schema: how, where, offset, limit });
  const { fields } = await stream.schema();
  const columns = columnsOf(await Array.fromAsync(stream));
  return fields.map((field) => [
    field.name,
    (columns[field.name] ?? []).map((value) => jsonOf(value, field)),
  ]);
}

function jsonOf(value: PlainValue, { type }: Field): unknown {
  if (typeof value !== "bigint") return value;
  return DataType.isDecimal(type) ? decimalText(value, type.scale) : Number(value);
}

/** A decimal without trailing zeros. */
function decimalText(unscaled: bigint, scale: number): string {
  const digits = `${unscaled}`.padStart(scale + 1, "0");
  const [whole, rest] = [digits.slice(0, -scale), digits.slice(-scale).replace(/0+$/, "")];
  return rest === "" ? whole : `${whole}.${rest}`;
}

test.skipIf(!hasPolars())(
  `files whose columns drift are read as Polars reads them (seed ${seed})`,
  async () => {
    using directory = tempDirectory();
    await using duckdb = await openDuckDB();
    const queries: Query[] = [];
    for (const [at, each] of fc.sample(anyCase, { seed, numRuns: RUNS }).entries()) {
      const folder = directory.file(`${at}`);
      mkdirSync(folder);
      queries.push(queryOf(each, await writeDriftingFiles(folder, each.files, duckdb)));
    }
    const answers = await askPolars(queries.map(({ query }) => query), directory);
    let compared = 0;
    for (const [at, answer] of answers.entries()) {
      const { query } = queries[at]!;
      const ours = read(queries[at]!);
      if ("error" in answer) {
        // It widens fewer types than this library where the first file decides.
        expect({ query, ...answer }).toMatchObject({ query: { how: "first" } });
        await ours.catch((error) => expect(error).toBeInstanceOf(SchemaMismatchError));
        continue;
      }
      const columns = await ours.catch((error) => {
        // Polars doesn't look at the types of a file of which it gives no row.
        expect({ query, error }).toMatchObject({ query: { how: "first" } });
        const givesAllRows = query.where === null && query.offset === 0 && query.limit === allRows;
        expect(givesAllRows).toBe(false);
        expect(error).toBeInstanceOf(SchemaMismatchError);
        return null;
      });
      if (columns === null) continue;
      expect({ query, columns }).toEqual({ query, columns: answer.columns });
      compared++;
    }
    expect(compared).toBeGreaterThan(RUNS / 2);
  },
);
