import fc from "fast-check";
import { join } from "node:path";
import type { DuckDB } from "./duckdb.ts";

/** The types that a column may have in one file or another, and a value of the narrowest for a number. */
interface Drift {
  readonly types: readonly string[];
  readonly value: (row: string) => string;
}

/** DuckDB's `union_by_name` and this library's union agree on the wide type of each of these. */
const drifts: Readonly<Record<string, Drift>> = {
  whole: { types: ["TINYINT", "SMALLINT", "INTEGER", "BIGINT"], value: (row) => `${row} % 100` },
  unsigned: { types: ["UTINYINT", "USMALLINT", "UINTEGER"], value: (row) => `${row} % 200` },
  float: { types: ["FLOAT", "DOUBLE"], value: (row) => `${row} / 8.0` },
  money: {
    types: ["DECIMAL(6, 2)", "DECIMAL(18, 2)", "DECIMAL(20, 4)"],
    value: (row) => `(${row} * 7 % 9999) / 100.0`,
  },
  at: { types: ["DATE", "TIMESTAMP"], value: (row) => `DATE '2024-01-01' + (${row})::INTEGER` },
  text: { types: ["VARCHAR"], value: (row) => `'text ' || (${row} % 13)` },
  flag: { types: ["BOOLEAN"], value: (row) => `${row} % 3 = 0` },
};

const names = Object.keys(drifts);

/** A file whose columns differ from those of the others. */
export interface DriftingFile {
  readonly rows: number;
  readonly rowGroup: number;
  /** The columns, in this order: what type of theirs, and of how many values one is null. */
  readonly columns: readonly { name: string; type: number; nulls: number }[];
}

/** A file of any columns. */
export const anyDriftingFile: fc.Arbitrary<DriftingFile> = fc.record({
  rows: fc.oneof({ weight: 4, arbitrary: fc.nat(300) }, fc.nat(5_000)),
  rowGroup: fc.constantFrom(2_048, 100_000),
  columns: fc.shuffledSubarray(names).chain((chosen) =>
    fc.tuple(
      ...chosen.map((name) =>
        fc.record({ name: fc.constant(name), type: fc.nat(3), nulls: fc.nat(9) })
      ),
    )
  ),
});

/**
 * Writes files that have a column `nr`, which numbers rows over all of them, and others that drift.
 *
 * @param folder Where
 * @param files Their shapes
 * @returns Their paths, in order
 */
export async function writeDriftingFiles(
  folder: string,
  files: readonly DriftingFile[],
  duckdb: DuckDB,
): Promise<string[]> {
  const paths: string[] = [];
  let first = 0;
  for (const [at, { rows, rowGroup, columns }] of files.entries()) {
    const select = columns.map(({ name, type, nulls }) => {
      const { types, value } = drifts[name]!;
      const row = nulls === 0 ? "i" : `CASE WHEN i % ${nulls + 1} > 0 THEN i END`;
      return `(${value(`(${row})`)})::${types[type % types.length]} AS "${name}"`;
    });
    const path = join(folder, `part-${at}.parquet`);
    const numbers = `range(${first}, ${first + rows}) r(i)`;
    await duckdb.run(
      `COPY (SELECT ${["i AS nr", ...select].join(", ")} FROM ${numbers}) TO '${path}'
       (FORMAT parquet, ROW_GROUP_SIZE ${rowGroup})`,
    );
    paths.push(path);
    first += rows;
  }
  return paths;
}
