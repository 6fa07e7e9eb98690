import { expect } from "@std/expect";
import process from "node:process";
import {
  col,
  limit,
  MalformedDataError,
  type NdjsonScanOptions,
  offset,
  type RecordBatchStream,
  rename,
  scanNdjson,
  select,
  UnknownColumnError,
  where,
  withColumns,
} from "spillway";
import { test } from "./support/harness.ts";
import { ndjsonText, type SensorRow, sensorRows, textFiles } from "./support/ndjson.ts";

/** The rows as JSON would have them: integers of 64 bits as numbers. */
async function plain(stream: RecordBatchStream): Promise<unknown[]> {
  const rows = await Array.fromAsync(stream.rows());
  const asNumber = (_: string, value: unknown) => typeof value === "bigint" ? Number(value) : value;
  return rows.map((row) => JSON.parse(JSON.stringify(row, asNumber)));
}

const all = sensorRows(20_000);
const directory = textFiles({ "sensors.ndjson": ndjsonText(all) });
const path = directory.file("sensors.ndjson");
process.on("exit", () => directory[Symbol.dispose]());

test("rows are what the lines say, nested values too", async () => {
  expect(await plain(scanNdjson(path))).toEqual(all);
  const { fields } = await scanNdjson(path).schema();
  expect(fields.map(String)).toEqual([
    "n: Int64",
    "sensor: Utf8",
    "celsius: Float64",
    "place: Struct<{room:Utf8, floor:Int64}>",
    "tags: List<Utf8>",
  ]);
});

const options: Record<string, NdjsonScanOptions> = {
  "exact batches": { batchSize: 777 },
  "one row a batch at first": { batchSize: 1, limit: 50 },
  "reads of ranges": { io: "read" },
  copies: { zeroCopy: false },
  "little memory": { memoryLimit: "300KB" },
  "a limit": { limit: 5_001 },
  "an offset": { offset: 19_000 },
  "an offset and a limit": { offset: 7_777, limit: 3_333 },
  "an offset past the end": { offset: 30_000 },
  "no rows": { limit: 0 },
};

for (const [name, option] of Object.entries(options)) {
  test(`a scan with ${name} gives the same rows`, async () => {
    const { offset = 0, limit = Infinity, batchSize } = option;
    const wanted = all.slice(offset, offset + limit);
    const stream = scanNdjson(path, option);
    const sizes: number[] = [];
    const rows: unknown[] = [];
    for await (using batch of stream) {
      sizes.push(batch.numRows);
      rows.push(...batch.getChild("n")!.toArray());
    }
    expect(rows.map(Number)).toEqual(wanted.map(({ n }) => n));
    if (batchSize) expect(new Set(sizes.slice(0, -1))).toEqual(new Set([batchSize]));
    const { rows: given, peakBytes, limitBytes } = stream.stats();
    expect(given).toBe(wanted.length);
    expect(peakBytes).toBeLessThanOrEqual(limitBytes);
  });
}

test("columns are given in the order asked for, and parts of objects by their paths", async () => {
  const columns = ["place.floor", "n"];
  const rows = await plain(scanNdjson(path, { columns, limit: 3 }));
  expect(rows).toEqual(all.slice(0, 3).map(({ n, place: { floor } }) => ({ place: { floor }, n })));
  const { schema } = await scanNdjson(path, { columns: ["tags", "celsius"], limit: 1 }).collect();
  expect(schema.names).toEqual(["tags", "celsius"]);
});

test("a column that is not there is told, with the nearest names", async () => {
  const error = await scanNdjson(path, { columns: ["celcius"] }).schema().catch((error) => error);
  expect(error).toBeInstanceOf(UnknownColumnError);
  expect(error).toMatchObject({ path, column: "celcius", suggestions: ["celsius"] });
});

const predicates: Record<string, [NdjsonScanOptions["where"], (row: SensorRow) => boolean]> = {
  "a number": [col("celsius").ge(30), ({ celsius }) => celsius >= 30],
  "a text": [col("sensor").eq("s5"), ({ sensor }) => sensor === "s5"],
  "a null": [col("sensor").isNull(), ({ sensor }) => sensor === null],
  "a part of an object": [
    col("place.room").eq("cellar"),
    ({ place }) => place.room === "cellar",
  ],
  "no row": [col("n").lt(0), () => false],
  "every row": [col("n").ge(0), () => true],
};

for (const [name, [predicate, passes]] of Object.entries(predicates)) {
  test(`a predicate on ${name} keeps what plain filtering keeps`, async () => {
    const kept = all.filter(passes);
    expect(await plain(scanNdjson(path, { where: predicate }))).toEqual(kept);
    const columns = ["place.floor", "celsius"];
    const some = await plain(
      scanNdjson(path, { where: predicate, columns, limit: 100, offset: 3 }),
    );
    expect(some).toEqual(
      kept.slice(3, 103).map(({ celsius, place: { floor } }) => ({ place: { floor }, celsius })),
    );
    expect(await scanNdjson(path, { where: predicate }).count()).toBe(kept.length);
  });
}

test("a function filters as an expression does", async () => {
  const stream = scanNdjson(path, {
    where: (batch) => Array.from(batch.getChild("celsius")!, (celsius) => celsius >= 30),
    columns: ["n"],
  });
  expect(await plain(stream)).toEqual(
    all.filter(({ celsius }) => celsius >= 30).map(({ n }) => ({ n })),
  );
});

test("steps are taken by the scan, in their order", async () => {
  const stream = scanNdjson(path)
    .pipeThrough(where(col("celsius").gt(0)))
    .pipeThrough(withColumns({ twice: col("n").mul(2) }))
    .pipeThrough(rename({ n: "number" }))
    .pipeThrough(select("twice", "number"))
    .pipeThrough(offset(10))
    .pipeThrough(limit(5));
  expect(stream.planned).toBe(true);
  const plan = await stream.explain();
  expect(plan).toMatchObject({
    path,
    rows: null,
    columns: ["n", "celsius"],
    outputs: ["twice", "number"],
    tested: ["celsius"],
    filter: "celsius > 0",
  });
  expect(String(plan)).toContain("where");
  const wanted = all.filter(({ celsius }) => celsius > 0).slice(10, 15);
  expect(await plain(stream)).toEqual(wanted.map(({ n }) => ({ twice: 2 * n, number: n })));
});

test("rows are counted and numbered without building columns", async () => {
  expect(await scanNdjson(path).count()).toBe(all.length);
  const numbered = scanNdjson(path, { rowIndex: "row", columns: [], offset: 10_000, limit: 2 });
  expect(await plain(numbered)).toEqual([{ row: 10_000 }, { row: 10_001 }]);
  const tested = scanNdjson(path, { rowIndex: "row", columns: [], where: col("row").ge(19_998) });
  expect(await plain(tested)).toEqual([{ row: 19_998 }, { row: 19_999 }]);
});

test("the least and the greatest value are found by reading", async () => {
  expect(await scanNdjson(path).min("celsius")).toBe(-10.5);
  expect(await scanNdjson(path).max("n")).toBe(19_999n);
});

test("blank lines, a byte order mark, CRLF and a missing last line break are no rows", async () => {
  using files = textFiles({ "odd.ndjson": '\ufeff\n{"a":1}\r\n\r\n   \n{"a":2}\n{"a":3}' });
  expect(await plain(scanNdjson(files.file("odd.ndjson")))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test("an empty file has no rows and no columns", async () => {
  using files = textFiles({ "empty.ndjson": "", "blank.ndjson": "\n \n", "gz.ndjson.gz": "" });
  for (const name of ["empty.ndjson", "blank.ndjson", "gz.ndjson.gz"]) {
    const table = await scanNdjson(files.file(name)).collect();
    expect([table.numRows, table.numCols]).toEqual([0, 0]);
    expect(await scanNdjson(files.file(name)).count()).toBe(0);
  }
});

const bad: Record<string, [line: string, message: string]> = {
  "a line that breaks off": ['{"a":', "it ends where a value is expected at character 6"],
  "a list": ["[1]", "it is no object at character 1"],
  "two objects": ["{} {}", "something follows the object at character 4"],
  "a comma too many": ['{"a":1,}', "a comma has nothing behind it at character 8"],
  "another type": ['{"a":"x"}', "column 'a' holds Int64, and character 6 begins something else"],
  "a fraction": ['{"a":1.5}', "column 'a' holds Int64, and character 6 begins something else"],
  "a field twice": ['{"a":1,"a":2}', "the object has column 'a' more than once"],
  "deep nesting": [
    `{"b":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
    "it is nested deeper than 128 levels at character 133",
  ],
};

for (const [name, [line, message]] of Object.entries(bad)) {
  test(`${name} is an error that tells the line and quotes it`, async () => {
    using files = textFiles({ "bad.ndjson": `{"a":1}\n{"a":2}\n${line}\n{"a":4}\n` });
    const path = files.file("bad.ndjson");
    const error = await scanNdjson(path, { inferRows: 1 }).collect().catch((error) => error);
    expect(error).toBeInstanceOf(MalformedDataError);
    expect(error).toMatchObject({ path, line: 3 });
    const quoted = line.length > 100 ? `${line.slice(0, 100)}…` : line;
    expect(error.message).toBe(`Cannot read line 3: ${message}, in '${quoted}' ('${path}')`);
  });
}

test("bytes that are no UTF-8 are an error with their line", async () => {
  const bytes = Uint8Array.of(...new TextEncoder().encode('{"a":"b"}\n{"a":"'), 0xff, 0x22, 0x7d);
  using files = textFiles({ "bad.ndjson": bytes });
  const path = files.file("bad.ndjson");
  const error = await scanNdjson(path).collect().catch((error) => error);
  expect(error).toBeInstanceOf(MalformedDataError);
  expect(error.line).toBe(2);
  expect(error.message).toContain("it is not UTF-8 at character 7");
});

test("bad records are left out or null where that is wanted, and counted", async () => {
  using files = textFiles({ "bad.ndjson": '{"a":1,"b":"x"}\nno\n{"a":{},"b":"y"}\n{"a":3}\n' });
  const path = files.file("bad.ndjson");
  const skipping = scanNdjson(path, { onBadRecord: "skip", inferRows: 1 });
  expect(await plain(skipping)).toEqual([{ a: 1, b: "x" }, { a: 3, b: null }]);
  expect(skipping.stats()).toMatchObject({ skippedRecords: 2, nulledValues: 0 });
  const nulling = scanNdjson(path, { onBadRecord: "null", inferRows: 1 });
  expect(await plain(nulling)).toEqual([
    { a: 1, b: "x" },
    { a: null, b: null },
    { a: null, b: "y" },
    { a: 3, b: null },
  ]);
  expect(nulling.stats()).toMatchObject({ skippedRecords: 0, nulledValues: 2 });
});

test("a field seen after the sample is passed over, or an error", async () => {
  using files = textFiles({ "late.ndjson": '{"a":1}\n{"a":2,"late":true}\n' });
  const path = files.file("late.ndjson");
  expect(await plain(scanNdjson(path, { inferRows: 1 }))).toEqual([{ a: 1 }, { a: 2 }]);
  const strict = scanNdjson(path, { inferRows: 1, onUnknownField: "error", columns: ["a"] });
  const error = await strict.collect().catch((error) => error);
  expect(error).toMatchObject({ code: "MALFORMED_DATA", line: 2, column: "late" });
});

test("wrong options are told before anything is opened", () => {
  const scan = (options: object) => () => scanNdjson("absent.ndjson", options);
  expect(scan({ inferrows: 1 })).toThrow(
    new TypeError("Scans have no option inferrows. Did you mean inferRows?"),
  );
  expect(scan({ rowGroups: [1] })).toThrow(TypeError);
  expect(scan({ inferRows: 0 })).toThrow(RangeError);
  expect(scan({ schema: "strict" })).toThrow(TypeError);
  expect(scan({ onBadRecord: "ignore" })).toThrow(
    new TypeError('onBadRecord must be "error" or "skip" or "null", not "ignore"'),
  );
  expect(scan({ compression: "brotli" })).toThrow(TypeError);
});
