import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import { col, MmapParquetReader, type RowFilter, type ScanOptions, scanParquet } from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";

test("a path into a struct may be given where another part of it is tested", async () => {
  const scans: [RowFilter, columns: string[]][] = [
    [col("id").ge(10_005), ["point.x", "id"]],
    [col("point.x").ge(10_005), ["point.x", "id"]],
    [col("point.in.word").ne("x").and(col("id").ge(10_005)), ["point.x", "id"]],
    [col("point").field("x").ge(10_005), ["point.x", "id"]],
    [(batch) => Array.from(batch.getChild("id")!, (id) => id >= 10_005n), ["point.x", "id"]],
  ];
  for (const [filter, columns] of scans) {
    const options: ScanOptions = { where: filter, columns, offset: 1, limit: 2, batchSize: 20_000 };
    const stream = scanParquet(fixture("sequence"), options);
    const schema = await stream.schema();
    expect(String(schema)).toBe("Schema<{ 0: point: Struct<{x:Int32}>, 1: id: Int64 }>");
    const batches = await Array.fromAsync(stream);
    expect(batches.every((batch) => String(batch.schema) === String(schema))).toBe(true);
    expect(columnsOf(batches)).toEqual({
      point: [{ x: 10_006n }, { x: 10_007n }],
      id: [10_006n, 10_007n],
    });
  }
});

test("parts of structs in lists and structs come as without a filter", async () => {
  const path = fixture("nested");
  const { columns: chunks } = new MmapParquetReader(path).rowGroup(0);
  // The name of a list's element is the writer's own.
  const stored = (root: string, leaf: string) =>
    chunks.find((chunk) => chunk.path.startsWith(`${root}.`) && chunk.path.endsWith(`.${leaf}`))!
      .path;
  const paths = [
    ["person.home.at.y", "points.x"],
    ["people.home.zip", "people.tags", "codes"],
    [stored("points", "y"), "money.small"],
    ["lookups.values.x", "person.home"],
    ["fixed", "maps.keys", "person.tags"],
  ];
  const everyRow = (batch: RecordBatch) => new Uint8Array(batch.numRows).fill(1);
  const tested = col("person.name").isNull().or(col("person.name").isNotNull());
  for (const columns of paths) {
    const options = { columns, batchSize: 60, offset: 3, limit: 150 };
    const plain = await Array.fromAsync(scanParquet(path, options));
    for (const filter of [everyRow, tested]) {
      const batches = await Array.fromAsync(scanParquet(path, { ...options, where: filter }));
      expect(String(batches[0]!.schema)).toBe(String(plain[0]!.schema));
      expect(columnsOf(batches)).toEqual(columnsOf(plain));
    }
  }
});

test("names that hold dots are told from paths", async () => {
  const options = { columns: ["a.b", "id"], limit: 2 };
  const filters: RowFilter[] = [
    col("a").field("c.d").ge(703),
    col("ID").ge(103),
    col("a.b").ge(203),
  ];
  for (const filter of filters) {
    const batches = await Array.fromAsync(
      scanParquet(fixture("names"), { ...options, where: filter }),
    );
    expect(columnsOf(batches)).toEqual({ "a.b": [203n, 204n], id: [3n, 4n] });
  }
  const inner = scanParquet(fixture("names"), { where: col("a.b").ge(208), columns: ["a.c.d"] });
  expect(columnsOf(await Array.fromAsync(inner))).toEqual({
    a: [{ "c.d": 708n }, { "c.d": 709n }],
  });
});
