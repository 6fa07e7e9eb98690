/**
 * Files with columns of {@linkcode predicateColumns}, by two writers.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer";
import { rmSync, writeFileSync } from "node:fs";
import {
  type ColumnName,
  type PredicateColumn,
  predicateColumnNames,
  predicateColumns,
} from "./predicate_columns.ts";

interface Values {
  readonly pool: readonly unknown[];
  readonly filler: unknown;
  readonly layout: "mixed" | "runs" | "sorted";
  readonly required: boolean;
  readonly options: Omit<ColumnSource, "name" | "data">;
}

/** A file to be written, as plain data. */
export interface PredicateFile {
  /** Values for each column that there may be. */
  readonly columns: Readonly<Record<ColumnName, Values>>;
  /** Columns that no predicate asks for. */
  readonly others: readonly ColumnName[];
  readonly reversed: boolean;
  readonly rows: number;
  /** The last one repeats. */
  readonly rowGroupSizes: readonly number[];
  readonly pageSize: number;
  readonly codec: "SNAPPY" | "UNCOMPRESSED";
  /** How long texts may be in statistics. */
  readonly statisticsTruncateLength: number;
  /** What DuckDB writes the file with; hyparquet-writer, which has a page index, without them. */
  readonly duckdb: DuckdbOptions | null;
}

/** Few values make narrow bounds, many make wide ones. */
function poolOf(value: fc.Arbitrary<unknown>, few = value): fc.Arbitrary<unknown[]> {
  const pool = (value: fc.Arbitrary<unknown>, maxLength: number) =>
    fc.array(fc.option(value, { freq: 5 }), { minLength: 1, maxLength, size: "max" });
  return fc.oneof(
    { weight: 2, arbitrary: pool(few, 3) },
    { weight: 2, arbitrary: pool(value, 3) },
    { weight: 3, arbitrary: pool(value, 40) },
  );
}

function valuesOf({ value, few, encodings, mayBeNull }: PredicateColumn): fc.Arbitrary<Values> {
  return fc.record({
    pool: poolOf(value, few),
    filler: value,
    layout: fc.constantFrom("mixed", "runs", "sorted"),
    required: mayBeNull ? fc.constant(false) : fc.boolean(),
    options: fc.record({
      statistics: fc.boolean(),
      columnIndex: fc.boolean(),
      bloomFilter: fc.constantFrom(false, true, { fpp: 0.5 }),
      encoding: fc.constantFrom(undefined, ...encodings),
    }).map(({ encoding, ...options }) => ({ ...options, ...(encoding && { encoding }) })),
  });
}

/** How DuckDB writes a file. */
interface DuckdbOptions {
  readonly bloomFilter: boolean;
  readonly dictionarySize: number;
  readonly version: "V1" | "V2";
}

const duckdbOptions: fc.Arbitrary<DuckdbOptions> = fc.record({
  bloomFilter: fc.boolean(),
  dictionarySize: fc.constantFrom(1, 1_000),
  version: fc.constantFrom("V1", "V2"),
});

const nameArbitraries = predicateColumnNames.map((name) =>
  [name, valuesOf(predicateColumns[name])] as const
);

/** Any file. */
export const anyPredicateFile: fc.Arbitrary<PredicateFile> = fc.record({
  columns: fc.record(
    Object.fromEntries(nameArbitraries) as Record<ColumnName, fc.Arbitrary<Values>>,
  ),
  others: fc.subarray(predicateColumnNames, { maxLength: 3 }),
  reversed: fc.boolean(),
  rows: fc.integer({ min: 0, max: 400 }),
  rowGroupSizes: fc.array(fc.integer({ min: 10, max: 200 }), { minLength: 1, maxLength: 3 }),
  pageSize: fc.constantFrom(1_000_000, 300, 60),
  codec: fc.constantFrom("SNAPPY", "UNCOMPRESSED"),
  statisticsTruncateLength: fc.constantFrom(16, 1, 2, 5, Infinity),
  duckdb: fc.option(duckdbOptions, { freq: 2 }),
}).map((file) => Object.assign(file, { [fc.toStringMethod]: () => "(a file, described below)" }));

/** The columns that a file has: those that are named, and some others. */
export function columnsOfFile(file: PredicateFile, named: readonly string[]): ColumnName[] {
  const names = predicateColumnNames.filter((name) =>
    named.includes(name) || file.others.includes(name)
  );
  // A file has one at least.
  if (names.length === 0) names.push("flag");
  return file.reversed ? names.toReversed() : names;
}

/** What a file is like, for the report of a failure: no more than the columns that it has. */
export function describeFile(file: PredicateFile, names: readonly ColumnName[]): string {
  const columns = Object.fromEntries(names.map((name) => [name, file.columns[name]]));
  return fc.stringify({ ...file, columns, [fc.toStringMethod]: undefined });
}

/**
 * Writes a file.
 *
 * @param file What it holds
 * @param names Its columns
 * @param path Where
 * @param duckdb Writes it where that is wanted
 */
export async function writePredicateFile(
  file: PredicateFile,
  names: readonly ColumnName[],
  path: string,
  duckdb: DuckDBConnection,
): Promise<void> {
  if (file.duckdb === null) return writeFileSync(path, write(file, names));
  const source = `${path}.source`;
  writeFileSync(source, write(asSource(file), names));
  const { bloomFilter, dictionarySize, version } = file.duckdb;
  // In version 2 it writes integers as deltas, which for those of 32 bits it doesn't wrap around at
  // their width, as the format has it: Arrow's reader refuses deltas of 33 bits.
  const hasInt32 = names.some((name) => ["i32", "u32", "s"].includes(name));
  // Its smallest row group is of 2,048 rows.
  await duckdb.run(
    `COPY (SELECT * FROM read_parquet('${source}')) TO '${path}'
     (FORMAT parquet, ROW_GROUP_SIZE 2048, WRITE_BLOOM_FILTER ${bloomFilter},
      DICTIONARY_SIZE_LIMIT ${dictionarySize}, PARQUET_VERSION ${hasInt32 ? "V1" : version})`,
  );
  rmSync(source);
}

/** The same values in the form that is written fastest, and enough of them for two row groups. */
function asSource(file: PredicateFile): PredicateFile {
  const columns = Object.fromEntries(
    Object.entries(file.columns).map(([name, values]) => [name, { ...values, options: {} }]),
  ) as PredicateFile["columns"];
  return {
    ...file,
    columns,
    rows: file.rows * 8,
    rowGroupSizes: [file.rows * 8 + 1],
    pageSize: 1_000_000,
    codec: "UNCOMPRESSED",
  };
}

function write(file: PredicateFile, names: readonly ColumnName[]): Uint8Array {
  const schema: SchemaElement[] = [
    { name: "root", num_children: names.length },
    ...names.flatMap((name) => elementsOf(name, file.columns[name])),
  ];
  const int96 = schema.filter(({ type }) => type === "INT96");
  // The writer has no INT96, but its bytes are those of fixed binaries, which it has.
  for (const element of int96) element.type = "FIXED_LEN_BYTE_ARRAY";
  const { codec, statisticsTruncateLength, rowGroupSizes, pageSize } = file;
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, codec, statisticsTruncateLength });
  const columnData = names.map((name) => {
    const { options } = file.columns[name];
    return {
      name,
      data: dataOf(predicateColumns[name], file.columns[name], file.rows),
      ...options,
      // It would have to make them when the type is renamed already.
      ...(name === "i96" && { statistics: false }),
    };
  });
  writer.write({ columnData, rowGroupSize: [...rowGroupSizes], pageSize });
  for (const element of int96) {
    element.type = "INT96";
    for (const { columns } of writer.row_groups) {
      const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === element.name);
      if (chunk?.meta_data) chunk.meta_data.type = "INT96";
    }
  }
  writer.finish();
  return bytes.getBytes();
}

function elementsOf(name: ColumnName, { required }: Values): SchemaElement[] {
  const { schema: [first, ...rest] }: PredicateColumn = predicateColumns[name];
  const length = first.type === "INT96" ? { type_length: 12 } : {};
  const repetition_type = required ? "REQUIRED" : "OPTIONAL";
  return [{ name, repetition_type, ...first, ...length }, ...rest];
}

function dataOf({ order }: PredicateColumn, values: Values, rows: number): unknown[] {
  const { filler, layout, required } = values;
  const pool = required ? values.pool.map((value) => value ?? filler) : values.pool;
  const data = Array.from({ length: rows }, (_, row) => {
    const at = layout === "runs" ? Math.floor(row / 9) : row * 7 + row % 3;
    return pool[at % pool.length];
  });
  if (layout !== "sorted") return data;
  return data.sort((left, right) => {
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const [a, b] = [order(left), order(right)];
    return a < b ? -1 : Number(a > b);
  });
}
