import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "@std/expect";
import { basename } from "node:path";
import { findFiles } from "../src/find/find_files.ts";
import { partitionColumns, type PartitionValue } from "../src/find/hive_types.ts";
import { tempDirectory, test } from "./support/harness.ts";

/** One column each: what DuckDB writes into the names of folders. */
const columns: Readonly<Record<string, string>> = {
  integers: "(0), (-7), (9223372036854775807), (NULL)",
  dates: "(DATE '2024-02-29'), (DATE '1969-12-31'), (NULL)",
  texts: "('a/b'), ('50%'), ('é 😀+'), ('x=y'), ('%41'), ('NULL?'), (''), (NULL)",
  "text and numbers": "('1'), ('x')",
  "days that don't exist": "('2023-02-29'), ('2024-01-01')",
  "more than 64 bits": "('9223372036854775808'), ('1')",
  nulls: "(NULL::BIGINT)",
};

const names: Readonly<Record<string, string>> = {
  BIGINT: "int64",
  DATE: "date",
  VARCHAR: "string",
};

function textOf(value: PartitionValue): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString().slice(0, 10) : `${value}`;
}

for (const [title, values] of Object.entries(columns)) {
  test(`the folders that DuckDB writes for ${title} have the types and values that it reads`, async () => {
    using directory = tempDirectory();
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const duckdb = await instance.connect();
    try {
      const folder = directory.file("table");
      await duckdb.run(
        `COPY (SELECT k, 1 AS x FROM (VALUES ${values}) AS v(k)) TO '${folder}'
          (FORMAT parquet, PARTITION_BY (k), FILENAME_PATTERN 'part_{uuid}')`,
      );
      const answer = await duckdb.runAndReadAll(
        `SELECT filename, typeof(k) AS type, k::VARCHAR AS text
          FROM read_parquet('${folder}/*/*.parquet', hive_partitioning = true, filename = true)`,
      );
      const wanted = answer.getRows().map(([file, type, text]) => ({
        file: basename(`${file}`),
        type: names[`${type}`],
        text,
      }));

      const found = await findFiles(folder, { hive: true });
      const read = partitionColumns(found);
      const ours = found.map(({ path }, index) => ({
        file: basename(path),
        type: read.columns[0]?.type,
        text: textOf(read.values[index]?.[0] ?? null),
      }));

      const byFile = (a: { file: string }, b: { file: string }) => a.file < b.file ? -1 : 1;
      expect(ours.length).toBeGreaterThan(0);
      expect(ours.sort(byFile)).toEqual(wanted.sort(byFile));
    } finally {
      duckdb.closeSync();
      instance.closeSync();
    }
  });
}
