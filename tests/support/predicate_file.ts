/**
 * Files with the columns of {@linkcode predicateColumns}, by two writers.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import fc from "fast-check";
import type { ColumnSource } from "hyparquet-writer";
import { writeFileSync } from "node:fs";
import type { GeneratedColumn } from "./generated_column.ts";
import { type GeneratedFile, write } from "./generated_file.ts";
import {
  type PredicateColumn,
  predicateColumnNames,
  predicateColumns,
} from "./predicate_columns.ts";

interface Values {
  readonly pool: readonly unknown[];
  readonly sorted: boolean;
  readonly options: Omit<ColumnSource, "name" | "data">;
}

/** A file to be written, as plain data. */
export interface PredicateFile {
  readonly columns: readonly Values[];
  readonly shape: Omit<GeneratedFile, "columns" | "names">;
  /** Bloom filters and dictionaries come from DuckDB, the page index from hyparquet-writer. */
  readonly writer: "hyparquet-writer" | "duckdb";
}

function valuesOf({ value }: PredicateColumn): fc.Arbitrary<Values> {
  return fc.record({
    pool: fc.array(fc.option(value, { freq: 5 }), { minLength: 1, maxLength: 40, size: "max" }),
    sorted: fc.boolean(),
    options: fc.record({
      statistics: fc.boolean(),
      columnIndex: fc.boolean(),
      encoding: fc.constantFrom("PLAIN" as const, undefined),
    }).map(({ statistics, columnIndex, encoding }) => ({
      statistics,
      columnIndex,
      offsetIndex: true,
      ...(encoding && { encoding }),
    })),
  });
}

/** Any file. */
export const anyPredicateFile: fc.Arbitrary<PredicateFile> = fc.record({
  columns: fc.tuple(...predicateColumnNames.map((name) => valuesOf(predicateColumns[name]))),
  writer: fc.constantFrom("hyparquet-writer" as const, "duckdb" as const),
  shape: fc.record({
    rows: fc.integer({ min: 1, max: 400 }),
    rowGroupSizes: fc.array(fc.integer({ min: 20, max: 400 }), { minLength: 1, maxLength: 3 }),
    pageSize: fc.constantFrom(1_000_000, 300, 60),
    codec: fc.constant("SNAPPY" as const),
  }),
});

/** DuckDB's smallest row group, so that its files have several. */
const DUCKDB_ROW_GROUP = 2_048;

/**
 * Writes a file.
 *
 * @param file What it holds
 * @param path Where; a file of that name with `.source` behind may be written too
 * @param duckdb Writes it where that is wanted
 */
export async function writePredicateFile(
  file: PredicateFile,
  path: string,
  duckdb: DuckDBConnection,
): Promise<void> {
  const byDuckdb = file.writer === "duckdb";
  const rows = byDuckdb ? file.shape.rows * 12 : file.shape.rows;
  const columns = file.columns.map((values, at) => columnOf(values, at, rows));
  const bytes = write({ ...file.shape, rows, columns, names: predicateColumnNames });
  if (!byDuckdb) return writeFileSync(path, bytes);
  const source = `${path}.source`;
  writeFileSync(source, bytes);
  await duckdb.run(
    `COPY (SELECT * FROM read_parquet('${source}')) TO '${path}'
     (FORMAT parquet, ROW_GROUP_SIZE ${DUCKDB_ROW_GROUP}, DICTIONARY_SIZE_LIMIT 1000)`,
  );
}

function columnOf({ pool, sorted, options }: Values, at: number, rows: number): GeneratedColumn {
  const name = predicateColumnNames[at]!;
  const { element, order }: PredicateColumn = predicateColumns[name];
  const values = Array.from({ length: rows }, (_, row) => pool[(row * 7 + row % 3) % pool.length]);
  if (sorted) {
    values.sort((left, right) => {
      if (left === null || right === null) return Number(left === null) - Number(right === null);
      const [a, b] = [order(left), order(right)];
      return a < b ? -1 : Number(a > b);
    });
  }
  return {
    kind: name,
    schema: [{ name, repetition_type: "OPTIONAL", ...element }],
    pool: values,
    options,
    plain: (value) => value as null,
  };
}
