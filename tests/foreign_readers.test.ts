import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { readFileSync } from "node:fs";
import {
  type ArrowWriteOptions,
  type ParquetCompression,
  tableToStream,
  writeArrow,
  writeParquet,
  type WriteParquetOptions,
} from "spillway";
import { Table } from "apache-arrow";
import { batchOf } from "./support/batch_of.ts";
import { type ColumnSample, columnSamples, sampleVector } from "./support/column_samples.ts";
import { openDuckDB } from "./support/duckdb.ts";
import {
  expectedColumns,
  type ForeignColumns,
  fromDuckDB,
  fromHyparquet,
} from "./support/foreign_values.ts";
import { unpackLz4 } from "./support/generated_file.ts";
import type { TempDirectory } from "./support/harness.ts";
import { readWithParquetWasm } from "./support/parquet_wasm.ts";
import { pythonReaders, readWithPython, wrongStatistics } from "./support/python.ts";
import { sinkTest } from "./support/sink_test.ts";

const ROWS = 200;

/** What a reader can't read, or reads as something else: its own limits, by the beginnings of types' names. */
const limits: Readonly<Record<string, readonly string[]>> = {
  // Seconds are stored as milliseconds.
  hyparquet: ["interval", "duration", "decimal256", "decimal", "time s", "timestamp s"],
  DuckDB: ["interval", "duration", "decimal256"],
  "parquet-wasm": ["interval nano"],
  pyarrow: ["interval"],
  polars: ["interval", "decimal256", "fixed size binary"],
  duckdb: ["interval", "duration", "decimal256"],
};

/** Columns of all types that a reader knows, with nulls and without. */
function batchFor(reader: string): RecordBatch {
  const known = ([name]: ColumnSample) => !limits[reader]!.some((limit) => name.startsWith(limit));
  return batchOf(
    Object.fromEntries(
      columnSamples.filter(known).map((sample) => [sample[0], sampleVector(sample, ROWS)]),
    ),
  );
}

const codecs: readonly ParquetCompression[] = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"];

/** Files of each codec and each version of data pages, of several row groups and pages, by a name for each. */
const variants: Readonly<Record<string, WriteParquetOptions>> = {
  ...Object.fromEntries(
    codecs.flatMap((compression) =>
      ([1, 2] as const).map((dataPageVersion) => [
        `${compression} pages of version ${dataPageVersion}`,
        { compression, dataPageVersion, rowGroupRows: 70, pageBytes: 100 },
      ])
    ),
  ),
  "no dictionaries": { dictionary: false, rowGroupRows: 70, pageBytes: 100 },
  "delta encodings": {
    encoding: {
      int32: "delta_binary_packed",
      int64: "delta_binary_packed",
      "int64 or null": "delta_binary_packed",
      utf8: "delta_length_byte_array",
      "utf8 or null": "delta_byte_array",
      binary: "delta_byte_array",
      float64: "byte_stream_split",
      "float32 or null": "byte_stream_split",
      bool: "rle",
    },
    pageBytes: 100,
  },
  "Bloom filters": { bloomFilterColumns: ["int64", "utf8", "float64", "list"] },
};

async function write(folder: TempDirectory, batch: RecordBatch): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, options] of Object.values(variants).entries()) {
    const path = folder.file(`${index}.parquet`);
    // Batches that are no multiples of row groups.
    const table = new Table([batch.slice(0, 90), batch.slice(90, 120), batch.slice(120)]);
    await tableToStream(table).pipeTo(writeParquet(path, options));
    paths.push(path);
  }
  return paths;
}

function expectColumns(variant: string, found: ForeignColumns, expected: ForeignColumns): void {
  for (const [name, values] of Object.entries(expected)) {
    const row = values.findIndex((value, row) => !same(value, found[name]?.[row]));
    if (row < 0 && found[name]?.length === values.length) continue;
    expect({ variant, name, row, value: found[name]?.[row] })
      .toEqual({ variant, name, row, value: values[row] });
  }
  expect(Object.keys(found)).toEqual(Object.keys(expected));
}

function same(left: unknown, right: unknown): boolean {
  return Object.is(left, right) || JSON.stringify(left) === JSON.stringify(right);
}

sinkTest("hyparquet reads every codec, version of pages and encoding", async (folder) => {
  const batch = batchFor("hyparquet");
  const asIs = (value: unknown) => value;
  const paths = await write(folder, batch);
  for (const [index, variant] of Object.keys(variants).entries()) {
    const bytes = Uint8Array.from(readFileSync(paths[index]!));
    const rows = await parquetReadObjects({
      file: bytes.buffer,
      compressors: { ...compressors, LZ4_RAW: unpackLz4 },
      utf8: false,
      parsers: {
        timestampFromMilliseconds: asIs,
        timestampFromMicroseconds: asIs,
        timestampFromNanoseconds: asIs,
        dateFromDays: asIs,
      },
    });
    const found = Object.fromEntries(
      batch.schema.fields.map(({ name, type }) => [
        name,
        rows.map((row) => fromHyparquet(type, row[name])),
      ]),
    );
    expectColumns(variant, found, expectedColumns([batch]));
  }
});

sinkTest("DuckDB reads every codec, version of pages and encoding", async (folder) => {
  const batch = batchFor("DuckDB");
  await using duckdb = await openDuckDB();
  const paths = await write(folder, batch);
  for (const [index, variant] of Object.keys(variants).entries()) {
    const rows = await duckdb.rows(`FROM read_parquet('${paths[index]}')`);
    const found = Object.fromEntries(
      batch.schema.fields.map(({ name, type }, at) => [
        name,
        rows.map((row) => fromDuckDB(type, row[at])),
      ]),
    );
    expectColumns(variant, found, expectedColumns([batch]));
  }
});

sinkTest("parquet-wasm reads every codec, version of pages and encoding", async (folder) => {
  const batch = batchFor("parquet-wasm");
  const paths = await write(folder, batch);
  for (const [index, variant] of Object.keys(variants).entries()) {
    const found = readWithParquetWasm(readFileSync(paths[index]!));
    expectColumns(variant, expectedColumns(found), expectedColumns([batch]));
  }
});

const readers = pythonReaders();

for (const reader of ["pyarrow", "polars", "duckdb"] as const) {
  sinkTest.skipIf(!readers.includes(reader))(
    `${reader} of Python reads every codec, version of pages and encoding`,
    async (folder) => {
      const batch = batchFor(reader);
      const answers = await readWithPython(reader, await write(folder, batch), folder);
      for (const [index, variant] of Object.keys(variants).entries()) {
        expectColumns(variant, answers[index]!, expectedColumns([batch]));
      }
    },
  );
}

const containers: Readonly<Record<string, ArrowWriteOptions>> = Object.fromEntries(
  (["file", "stream"] as const).flatMap((container) =>
    (["none", "lz4", "zstd"] as const).map((compression) => [
      `${container} with ${compression}`,
      { container, compression },
    ])
  ),
);

for (const reader of ["pyarrow", "polars"] as const) {
  sinkTest.skipIf(!readers.includes(reader))(
    `${reader} of Python reads Arrow files and streams of every codec`,
    async (folder) => {
      const batch = batchFor(reader);
      const paths: string[] = [];
      for (const [name, options] of Object.entries(containers)) {
        paths.push(folder.file(`${name}.arrow`));
        const table = new Table([batch.slice(0, 90), batch.slice(90)]);
        await tableToStream(table).pipeTo(writeArrow(paths.at(-1)!, options));
      }
      const answers = await readWithPython(reader, paths, folder);
      for (const [index, name] of Object.keys(containers).entries()) {
        expectColumns(name, answers[index]!, expectedColumns([batch]));
      }
    },
  );
}

sinkTest.skipIf(!readers.includes("pyarrow"))(
  "pyarrow finds the statistics of all types right",
  async (folder) => {
    const paths = await write(folder, batchFor("pyarrow"));
    const { wrong, compared } = await wrongStatistics(paths, folder);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(1_000);
  },
);
