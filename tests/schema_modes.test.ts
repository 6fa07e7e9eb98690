import { expect } from "@std/expect";
import { copyFileSync } from "node:fs";
import { Field, Float64, Int32, Int64, Schema, Utf8 } from "apache-arrow";
import {
  col,
  type RecordBatchStream,
  rename,
  type ScanOptions,
  scanParquet,
  SchemaMismatchError,
  UnknownColumnError,
  withColumns,
} from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { fixture } from "./support/fixtures.ts";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { range, writeColumns } from "./support/number_files.ts";

async function columns(stream: RecordBatchStream): Promise<Record<string, PlainValue[]>> {
  return columnsOf(await Array.fromAsync(stream));
}

async function fieldsOf(stream: RecordBatchStream): Promise<string[]> {
  return (await stream.schema()).fields.map(String);
}

async function mismatches(stream: RecordBatchStream): Promise<unknown[]> {
  const error = await columns(stream).catch((reason) => reason);
  expect(error).toBeInstanceOf(SchemaMismatchError);
  return (error as SchemaMismatchError).mismatches.map(({ column, found, expected }) => [
    column,
    found,
    expected,
  ]);
}

/** Wide, narrow and lacking: the second has the columns in another order, and one more. */
function writeDrifting(directory: TempDirectory): string[] {
  const paths = ["a", "b", "c"].map((name) => directory.file(`${name}.parquet`));
  writeColumns(paths[0]!, [
    { name: "x", data: [1n, 2n], type: "INT64" },
    { name: "text", data: ["one", "two"], type: "STRING" },
  ]);
  writeColumns(paths[1]!, [
    { name: "text", data: ["three", null], type: "STRING" },
    { name: "extra", data: [0.5, 1.5], type: "DOUBLE" },
    { name: "x", data: [3, 4], type: "INT32" },
  ]);
  writeColumns(paths[2]!, [{ name: "x", data: [5n], type: "INT64" }]);
  return paths;
}

test("strict files have the same columns, or the scan says what differs", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  const wanted = [["extra", "Float64", null], ["x", "Int32", "Int64"]];
  for (const options of [{}, { schema: "strict" as const }]) {
    const found = await mismatches(scanParquet(paths.slice(0, 2), options));
    expect(found.toSorted()).toEqual(wanted);
  }
  const stream = scanParquet(paths);
  const rows: number[] = [];
  const read = async () => {
    for await (using batch of stream) rows.push(batch.numRows);
  };
  await expect(read()).rejects.toMatchObject({ code: "SCHEMA_MISMATCH", path: paths[1] });
  // The first file's rows come before.
  expect(rows).toEqual([2]);
  await expect(read()).rejects.toThrow(paths[0]!);
});

test("strict files may differ in what is not read, and in the order of columns", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  expect(await columns(scanParquet(paths.slice(0, 2), { columns: ["text"] })))
    .toEqual({ text: ["one", "two", "three", null] });
  expect(await columns(scanParquet([paths[0]!, paths[2]!], { columns: ["x"] })))
    .toEqual({ x: [1n, 2n, 5n] });
  const other = directory.file("other.parquet");
  writeColumns(other, [
    { name: "text", data: ["six"], type: "STRING" },
    { name: "x", data: [6n], type: "INT64", nullable: false },
  ]);
  const stream = scanParquet([paths[0]!, other]);
  expect(await columns(stream)).toEqual({ x: [1n, 2n, 6n], text: ["one", "two", "six"] });
});

test("as the first file: others are widened to it, lack columns as nulls and lose their own", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  const scan = () => scanParquet(paths, { schema: "first" });
  expect(await fieldsOf(scan())).toEqual(["x: Int64", "text: Utf8"]);
  expect(await columns(scan())).toEqual({
    x: [1n, 2n, 3n, 4n, 5n],
    text: ["one", "two", "three", null, null],
  });
  expect(await mismatches(scanParquet([paths[1]!, paths[0]!], { schema: "first" })))
    .toEqual([["x", "Int64", "Int32"]]);
});

test("a union has all columns, each of a type that holds all values", async () => {
  using directory = tempDirectory();
  const [a, b, c] = writeDrifting(directory) as [string, string, string];
  const scan = (paths: string[], options: ScanOptions = {}) =>
    scanParquet(paths, { ...options, schema: "union" });
  expect(await fieldsOf(scan([b, a, c]))).toEqual(["text: Utf8", "extra: Float64", "x: Int64"]);
  expect(await columns(scan([b, a, c]))).toEqual({
    text: ["three", null, "one", "two", null],
    extra: [0.5, 1.5, null, null, null],
    x: [3n, 4n, 1n, 2n, 5n],
  });
  const some = scan([c, b], { columns: ["extra", "x"], rowIndex: "nr" });
  expect(await columns(some)).toEqual({
    nr: [0n, 1n, 2n],
    extra: [null, 0.5, 1.5],
    x: [5n, 3n, 4n],
  });
  await expect(scan([a, b], { columns: ["none"] }).schema()).rejects.toThrow(UnknownColumnError);
  const text = directory.file("text.parquet");
  writeColumns(text, [{ name: "x", data: ["six"], type: "STRING" }]);
  expect(await mismatches(scan([a, text]))).toEqual([["x", "Utf8", "Int64"]]);
});

test("a schema that is given decides over columns, their order and types", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  const schema = new Schema([
    new Field("note", new Utf8(), true),
    new Field("extra", new Float64(), true),
    new Field("x", new Int64(), true),
  ]);
  const scan = (options: ScanOptions = {}) => scanParquet(paths, { ...options, schema });
  expect(await fieldsOf(scan())).toEqual(["note: Utf8", "extra: Float64", "x: Int64"]);
  const nothing = [null, null, null, null, null];
  expect(await columns(scan())).toEqual({
    note: nothing,
    extra: [null, null, 0.5, 1.5, null],
    x: [1n, 2n, 3n, 4n, 5n],
  });
  expect(await columns(scan({ limit: 3 }))).toEqual({
    note: nothing.slice(2),
    extra: [null, null, 0.5],
    x: [1n, 2n, 3n],
  });
  const narrow = new Schema([new Field("x", new Int32(), true)]);
  expect(await mismatches(scanParquet(paths, { schema: narrow }))).toEqual([[
    "x",
    "Int64",
    "Int32",
  ]]);
});

test("predicates and computed columns see wide types, and nulls where a column is missing", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  const scan = (options: ScanOptions) => scanParquet(paths, { schema: "union", ...options });
  expect(await columns(scan({ where: col("extra").isNull(), columns: ["x"] })))
    .toEqual({ x: [1n, 2n, 5n] });
  expect(await columns(scan({ where: col("extra").gt(1).or(col("x").eq(5n)), columns: ["x"] })))
    .toEqual({ x: [4n, 5n] });
  expect(await columns(scan({ where: col("text").startsWith("t"), columns: ["x"] })))
    .toEqual({ x: [2n, 3n] });
  const big = 2n ** 40n;
  const computed = scan({ columns: ["x", "extra"] })
    .pipeThrough(withColumns({ sum: col("x").add(big), half: col("extra").mul(2) }))
    .pipeThrough(rename({ x: "number" }));
  expect(await columns(computed)).toEqual({
    number: [1n, 2n, 3n, 4n, 5n],
    extra: [null, null, 0.5, 1.5, null],
    sum: [1n, 2n, 3n, 4n, 5n].map((x) => x + big),
    half: [null, null, 1, 3, null],
  });
  expect(await scan({}).min("extra")).toBe(0.5);
  expect(await scan({}).max("x")).toBe(5n);
  expect(await scan({ where: col("extra").isNotNull() }).count()).toBe(2);
});

test("a predicate of the program's own finds nulls where a file lacks the column", async () => {
  using directory = tempDirectory();
  const paths = writeDrifting(directory);
  const skipped: number[] = [];
  const where = {
    shouldSkipRowGroup: (
      statistics: { numRows: number; column(name: string): { nullCount: number | undefined } },
    ) => {
      const skips = statistics.column("extra").nullCount === statistics.numRows;
      if (skips) skipped.push(statistics.numRows);
      return skips;
    },
    apply: <Batch>(batch: Batch) => batch,
  };
  expect(await columns(scanParquet(paths, { schema: "union", where, columns: ["x"] })))
    .toEqual({ x: [3n, 4n] });
  expect(skipped.toSorted()).toEqual([1, 2]);
});

test("nested columns fit where they are the same, and are null where they are missing", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const path = (name: string) => directory.file(`${name}.parquet`);
  await duckdb.write(path("a"), "SELECT 1 AS id, {a: 1, b: 'x'} AS s, [1, 2] AS l");
  await duckdb.write(path("b"), "SELECT [3] AS l, 2 AS id, MAP {'k': 7} AS m");
  await duckdb.write(path("c"), "SELECT 3 AS id, {a: 4, b: NULL::VARCHAR} AS s");
  await duckdb.write(path("d"), "SELECT 4 AS id, {a: 4, c: 'y'} AS s");
  const paths = ["a", "b", "c"].map(path);
  expect(await columns(scanParquet(paths, { schema: "union" }))).toEqual({
    id: [1n, 2n, 3n],
    s: [{ a: 1n, b: "x" }, null, { a: 4n, b: null }],
    l: [[1n, 2n], [3n], null],
    m: [null, [{ key: "k", value: 7n }], null],
  });
  expect(await columns(scanParquet([path("a"), path("c")], { columns: ["s.a"] })))
    .toEqual({ s: [{ a: 1n }, { a: 4n }] });
  const found = await mismatches(scanParquet([path("a"), path("d")], { schema: "union" }));
  expect(found.map((each) => (each as unknown[])[0])).toEqual(["s"]);
});

test("a dictionary serves files that store its column in different encodings", async () => {
  using directory = tempDirectory();
  const paths = range(0, 4).map((part) => {
    const path = directory.file(`${part}.parquet`);
    const data = range(0, 60).map((row) => row % 7 === 0 ? null : `value ${(row + part) % 5}`);
    const encoding = part % 2 === 0 ? "PLAIN" : undefined;
    writeColumns(path, [{ name: "text", data, type: "STRING", ...encoding && { encoding } }]);
    return path;
  });
  const plain = await columns(scanParquet(paths));
  for (const schema of ["strict", "first", "union"] as const) {
    for (const dictionary of [["text"], true] as const) {
      const scan = () => scanParquet(paths, { schema, dictionary });
      expect(await columns(scan())).toEqual(plain);
      if (dictionary === true) continue;
      expect(await fieldsOf(scan())).toEqual(["text: Dictionary<Int32, Utf8>"]);
    }
  }
  for await (const batch of scanParquet(paths, { dictionary: ["text"], batchSize: 9 })) {
    // Nulls that are stored without a dictionary may have an empty text in it.
    const values = [...batch.getChild("text")!.data[0]!.dictionary!].filter((value) =>
      value !== ""
    );
    expect(values.toSorted()).toEqual(range(0, 5).map((value) => `value ${value}`));
  }
});

test("strings are all alike, or as their files have them", async () => {
  using directory = tempDirectory();
  const large = directory.file("large.parquet");
  copyFileSync(fixture("strings"), large);
  const small = directory.file("small.parquet");
  writeColumns(small, [
    { name: "large_utf8", data: ["small"], type: "STRING" },
    { name: "dictionary8", data: ["plain"], type: "STRING" },
  ]);
  const names = ["large_utf8", "dictionary8"];
  const paths = [large, small];
  const own = await columns(scanParquet(large, { columns: names }));
  const wanted = {
    large_utf8: [...own["large_utf8"]!, "small"],
    dictionary8: [...own["dictionary8"]!, "plain"],
  };
  expect(await columns(scanParquet(paths, { columns: names }))).toEqual(wanted);
  const preserved = { columns: names, strings: "preserve" } as const;
  expect(await mismatches(scanParquet(paths, preserved)))
    .toEqual([["large_utf8", "Utf8", "LargeUtf8"]]);
  // Text can be given as the dictionary that the first file has.
  const coded = () => scanParquet(paths, { ...preserved, columns: ["dictionary8"] });
  expect(await fieldsOf(coded())).toEqual(["dictionary8: Dictionary<Int32, Utf8>"]);
  expect(await columns(coded())).toEqual({ dictionary8: wanted.dictionary8 });
  for (const order of [paths, paths.toReversed()]) {
    const union = () => scanParquet(order, { ...preserved, schema: "union" });
    expect(await fieldsOf(union())).toEqual(["large_utf8: LargeUtf8", "dictionary8: Utf8"]);
    const read = await columns(union());
    expect(read["large_utf8"]!.toSorted()).toEqual(wanted.large_utf8.toSorted());
    expect(read["dictionary8"]!.toSorted()).toEqual(wanted.dictionary8.toSorted());
  }
});
