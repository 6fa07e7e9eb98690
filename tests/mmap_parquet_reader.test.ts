import { expect } from "@std/expect";
import { statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FileNotFoundError, MmapParquetReader, NotParquetError } from "spillway";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));

test("the facts of a file are there when the reader is", () => {
  const reader = new MmapParquetReader(path);
  expect(reader.path).toBe(path);
  expect(reader.numRowGroups).toBe(4);
  expect(reader.totalRows).toBe(2_000);
  expect(reader.fileSize).toBe(statSync(path).size);
  expect(reader.schema.names).toEqual(["sensor", "at", "celsius"]);
  expect(reader.keyValueMetadata.get("station")).toBe("North Mill");
  expect(reader.metadata.formatVersion).toBeGreaterThan(0);
});

test("a file URL will do", () => {
  expect(new MmapParquetReader(pathToFileURL(path)).totalRows).toBe(2_000);
});

test("row groups say their rows, and column chunks how they are stored", () => {
  const reader = new MmapParquetReader(path);
  const group = reader.rowGroup(2);
  expect(group).toMatchObject({ index: 2, numRows: 500, firstRow: 1_000 });
  expect(group.columns.map((chunk) => chunk.path)).toEqual(["sensor", "at", "celsius"]);
  const chunk = reader.columnChunk(2, "celsius");
  expect(chunk).toMatchObject({ physicalType: "DOUBLE", codec: "SNAPPY", numValues: 500 });
  expect(chunk.compressedSize).toBeGreaterThan(0);
  expect(chunk.encodings.length).toBeGreaterThan(0);
  expect(chunk.statistics).toMatchObject({ min: 5, max: 30, nullCount: 0 });
  expect(reader.columnChunk(0, "sensor").physicalType).toBe("BYTE_ARRAY");
});

test("row groups and columns that aren't there are RangeErrors that say what is", () => {
  const reader = new MmapParquetReader(path);
  for (const index of [-1, 4, 0.5, NaN]) {
    expect(() => reader.rowGroup(index)).toThrow(RangeError);
    expect(() => reader.readRowGroup(index)).toThrow(/it has 4 row groups/);
  }
  expect(() => reader.columnChunk(0, "pressure")).toThrow(/its columns are sensor, at, celsius/);
});

test("a row group is a stream of its rows, with the options of any scan", async () => {
  const reader = new MmapParquetReader(path);
  const table = await reader.readRowGroup(3, { columns: ["celsius"] }).collect();
  expect(table.numRows).toBe(500);
  expect(table.schema.names).toEqual(["celsius"]);
  let rows = 0;
  for (let index = 0; index < reader.numRowGroups; index++) {
    for await (using batch of reader.readRowGroup(index, { batchSize: 200 })) {
      expect(batch.numRows).toBeLessThanOrEqual(200);
      rows += batch.numRows;
    }
  }
  expect(rows).toBe(2_000);
});

test("an estimate of a row's size tells what fits in memory", () => {
  const reader = new MmapParquetReader(fixture("sequence"));
  const rowSize = reader.estimateRowSize();
  expect(rowSize).toBeGreaterThan(8);
  expect(rowSize).toBeLessThan(1_000);
  const megabytes = rowSize * reader.totalRows / 2 ** 20;
  expect(reader.canFitInMemory(megabytes * 1.01)).toBe(true);
  expect(reader.canFitInMemory(megabytes * 0.99)).toBe(false);
});

test("what isn't there, or is no Parquet file, is an error at once", () => {
  expect(() => new MmapParquetReader("absent.parquet")).toThrow(FileNotFoundError);
  expect(() => new MmapParquetReader(fileURLToPath(import.meta.url))).toThrow(NotParquetError);
  expect(() => new MmapParquetReader("")).toThrow(TypeError);
});
