/** What other writers make of columns without nesting, read in full, in parts and by predicates. */

import { expect } from "@std/expect";
import { join } from "node:path";
import { col, type ScanOptions, scanParquet } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { tempDirectory, test } from "./support/harness.ts";

const rows = 20_000;

/** A column: what DuckDB computes of the row's number `i`, and what that is. */
interface Column {
  readonly sql: string;
  readonly value: (row: number) => PlainValue;
}

const mixed = (row: number) => row * 7919 % 20_011;

/** Values of columns without nulls. */
const columns: Readonly<Record<string, Column>> = {
  small: { sql: "(i % 100)::INTEGER", value: (row) => BigInt(row % 100) },
  large: { sql: "(i * 1000003 - 5)::BIGINT", value: (row) => BigInt(row) * 1_000_003n - 5n },
  half: { sql: "i * 7919 % 20011 / 2", value: (row) => mixed(row) / 2 },
  date: { sql: "DATE '1969-12-01' + (i % 300)::INTEGER", value: (row) => BigInt(row % 300 - 31) },
  price: {
    sql: "(i * 7919 % 20011 - 10000)::DECIMAL(9, 2)",
    value: (row) => BigInt(mixed(row) - 10_000) * 100n,
  },
  amount: {
    sql: "(i * 7919 % 20011 - 10000)::DECIMAL(18, 3)",
    value: (row) => BigInt(mixed(row) - 10_000) * 1000n,
  },
  total: {
    sql: "(i * 7919 % 20011 - 10000)::DECIMAL(38, 5)",
    value: (row) => BigInt(mixed(row) - 10_000) * 100_000n,
  },
  kind: { sql: "'kind ' || i % 7", value: (row) => `kind ${row % 7}` },
  short: { sql: "(i * 7919 % 20011)::VARCHAR", value: (row) => String(mixed(row)) },
  long: {
    sql: "i || repeat('é', (i % 90)::INTEGER) || i",
    value: (row) => `${row}${"é".repeat(row % 90)}${row}`,
  },
  bytes: {
    sql: "from_hex(repeat('ff00', (i % 40)::INTEGER))",
    value: (row) => "ff00".repeat(row % 40),
  },
};

/** For each so many rows, whether a row has no value: one in three, all but one in fifty, runs. */
const absences: Readonly<Record<string, { sql: string; isNull: (row: number) => boolean }>> = {
  no: { sql: "false", isNull: () => false },
  some: { sql: "i % 3 = 1", isNull: (row) => row % 3 === 1 },
  most: { sql: "i % 50 > 0", isNull: (row) => row % 50 > 0 },
  runs: { sql: "i // 700 % 2 = 1", isNull: (row) => Math.floor(row / 700) % 2 === 1 },
};

const names = Object.keys(absences).flatMap((absence) =>
  Object.keys(columns).map((column) => ({ name: `${column}_${absence}`, column, absence }))
);

function expected(name: { column: string; absence: string }, row: number): PlainValue {
  return absences[name.absence]!.isNull(row) ? null : columns[name.column]!.value(row);
}

const query = `SELECT i AS nr, ${
  names.map(({ name, column, absence }) =>
    `CASE WHEN ${absences[absence]!.sql} THEN NULL ELSE ${columns[column]!.sql} END AS ${name}`
  ).join(", ")
} FROM range(${rows}) AS r(i)`;

/** How the file is scanned, and which rows that gives. */
const scans: readonly [what: string, ScanOptions, has: (row: number) => boolean][] = [
  ["in full", {}, () => true],
  ["in small batches", { batchSize: 777, memoryLimit: "8MB" }, () => true],
  ["from the middle on", { offset: 4_321, limit: 9_000 }, (row) => row >= 4_321 && row < 13_321],
  ["by a rare value", { where: col("nr").mod(997).eq(5) }, (row) => row % 997 === 5],
  [
    "by half of the values",
    { where: col("small_some").lt(50) },
    (row) => row % 3 !== 1 && row % 100 < 50,
  ],
  ["by what most have", { where: col("nr").mod(97).ne(5) }, (row) => row % 97 !== 5],
];

for (const version of ["V1", "V2"]) {
  for (const codec of ["snappy", "uncompressed"]) {
    test(`flat columns of DuckDB's files are as they were written: ${version}, ${codec}`, async () => {
      using folder = tempDirectory();
      const path = join(folder.path, "flat.parquet");
      await using duckdb = await openDuckDB();
      await duckdb.run(
        `COPY (${query}) TO '${path}' ` +
          `(FORMAT parquet, PARQUET_VERSION ${version}, CODEC '${codec}', ROW_GROUP_SIZE 6144)`,
      );
      for (const [what, options, has] of scans) {
        const found = columnsOf((await scanParquet(path, options).collect()).batches);
        const numbers = Array.from({ length: rows }, (_, row) => row).filter(has);
        expect(found["nr"]).toEqual(numbers.map(BigInt));
        for (const name of names) {
          const values = numbers.map((row) => expected(name, row));
          expect({ what, name: name.name, values: found[name.name] })
            .toEqual({ what, name: name.name, values });
        }
      }
    });
  }
}
