import { expect } from "@std/expect";
import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Float64,
  Int32,
  Int64,
  type RecordBatch,
  TimestampMicrosecond,
  TimestampSecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import {
  col,
  FileWriteError,
  type HiveType,
  scanParquet,
  UnknownColumnError,
  UnsupportedFeatureError,
  writeCsv,
  writeParquet,
  type WriteParquetOptions,
  type WriteResult,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { fixture } from "./support/fixtures.ts";
import { sum } from "./support/sequence.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";

const text = (values: readonly unknown[]) => vectorFromArray(values, new Utf8());
const numbers = (values: readonly unknown[]) => vectorFromArray(values, new Int32());

async function written(
  path: string,
  batches: readonly RecordBatch[],
  options: WriteParquetOptions,
): Promise<WriteResult> {
  const sink = writeParquet(path, options);
  await batchStream(batches).pipeTo(sink);
  return await sink.result;
}

/** The rows of a folder of partitions, by their column `n`. */
async function readBack(path: string, hiveTypes: Record<string, HiveType> = {}) {
  const rows = [];
  const scan = scanParquet(`${path}/`, { hivePartitioning: true, hiveTypes });
  for await (const row of scan.rows()) rows.push({ ...row });
  return rows.sort((left, right) => Number(left.n) - Number(right.n));
}

function folders(path: string): string[] {
  return namesIn(path).filter((name) => name.endsWith("/"));
}

const strange = [
  "",
  "plain",
  "a/b",
  "a\\b",
  "..",
  ".",
  ".hidden",
  "_hidden",
  " between ",
  "ünï €𝄞",
  "a=b",
  "50%",
  "%2F",
  "null",
  "NULL",
  "__HIVE_DEFAULT_PARTITION__",
  "line\nbreak",
  "tab\t",
  "\0",
  "a:b*c?d\"e'f<g>h|i#j{k}l[m]n^o",
  "A",
  "a",
  "1",
  "01",
  "true",
  "2024-01-01",
];

sinkTest("texts of any characters, and nulls, come back as they were", async (folder) => {
  const values = [...strange, null, "plain", null];
  const path = folder.file("a");
  const batch = batchOf({ k: text(values), n: numbers(values.map((_, n) => n)) });
  const { rows, files } = await written(path, [batch], { partitionBy: ["k"] });
  expect({ rows, files: files.length }).toEqual({ rows: values.length, files: strange.length + 1 });
  expect(await readBack(path, { k: "string" })).toEqual(values.map((k, n) => ({ n, k })));
  // Nothing lies deeper, or higher, than one folder for the value.
  expect(folders(folder.path).length).toBe(1 + files.length);
  expect(namesIn(path)).toContain("k=__HIVE_DEFAULT_PARTITION__/part-0.parquet");
});

sinkTest("names of columns may have any characters too", async (folder) => {
  const names = ["a=b", "c/d", "ü %", "_id", ".x", "__HIVE_DEFAULT_PARTITION__", "%5Fid"];
  for (const [index, name] of names.entries()) {
    const path = folder.file(String(index));
    await written(path, [batchOf({ [name]: text(["x", null]), n: numbers([1, 2]) })], {
      partitionBy: [name],
    });
    expect(await readBack(path)).toEqual([{ n: 1, [name]: "x" }, { n: 2, [name]: null }]);
  }
});

sinkTest("several columns become folders in their order, and leave the files", async (folder) => {
  const path = folder.file("a");
  const batch = batchOf({
    city: text(["Oslo", "Rome", null, "Oslo", "Oslo"]),
    n: numbers([0, 1, 2, 3, 4]),
    year: numbers([2024, 2023, 2023, 2023, 2024]),
  });
  const { files } = await written(path, [batch], { partitionBy: ["year", "city"] });
  expect(files.map((file) => [file.path.slice(path.length), file.rows]).sort()).toEqual([
    ["/year=2023/city=Oslo/part-0.parquet", 1],
    ["/year=2023/city=Rome/part-0.parquet", 1],
    ["/year=2023/city=__HIVE_DEFAULT_PARTITION__/part-0.parquet", 1],
    ["/year=2024/city=Oslo/part-0.parquet", 2],
  ]);
  expect(await readBack(path)).toEqual([
    { n: 0, year: 2024n, city: "Oslo" },
    { n: 1, year: 2023n, city: "Rome" },
    { n: 2, year: 2023n, city: null },
    { n: 3, year: 2023n, city: "Oslo" },
    { n: 4, year: 2024n, city: "Oslo" },
  ]);
  const { names } = await scanParquet(files[0]!.path).schema();
  expect(names).toEqual(["n"]);
});

sinkTest("a scan reads only the folders that a predicate leaves", async (folder) => {
  const path = folder.file("a");
  const scan = scanParquet(fixture("sequence"), { limit: 5_000, columns: ["id", "bucket"] });
  await scan.pipeTo(writeParquet(path, { partitionBy: ["bucket"] }));
  const where = col("bucket").eq(3);
  const plan = await scanParquet(`${path}/`, { hivePartitioning: true, where }).explain();
  expect(plan.rows).toBe(1_000);
});

sinkTest("values of every type that has names are those of the scan", async (folder) => {
  const day = 86_400_000;
  const columns = {
    bool: vectorFromArray([true, false, null], new Bool()),
    int64: vectorFromArray([2n ** 60n, -5n, null], new Int64()),
    date: vectorFromArray([new Date(0), new Date(19_000 * day), null], new DateDay()),
    dictionary: vectorFromArray(["x", "y", null], new Dictionary(new Utf8(), new Int32())),
    decimal: vectorFromArray(
      [Uint32Array.of(150, 0, 0, 0), Uint32Array.of(7, 0, 0, 0), null],
      new Decimal(2, 10),
    ),
    second: vectorFromArray([0, 90_000, null], new TimestampSecond()),
    zoned: vectorFromArray([0, 90_000, null], new TimestampMicrosecond("Europe/Berlin")),
  };
  const expected: Record<string, [HiveType, string[]]> = {
    bool: ["string", ["true", "false"]],
    int64: ["int64", ["1152921504606846976", "-5"]],
    date: ["date", ["1970-01-01", "2022-01-08"]],
    dictionary: ["string", ["x", "y"]],
    decimal: ["string", ["1.50", "0.07"]],
    second: ["string", ["1970-01-01T00%3A00%3A00", "1970-01-01T00%3A01%3A30"]],
    zoned: ["string", ["1970-01-01T00%3A00%3A00Z", "1970-01-01T00%3A01%3A30Z"]],
  };
  const n = numbers([0, 1, 2]);
  for (const [name, [type, values]] of Object.entries(expected)) {
    const path = folder.file(name);
    const column = columns[name as keyof typeof columns];
    await written(path, [batchOf({ n, [name]: column })], { partitionBy: [name] });
    const names = [...values, "__HIVE_DEFAULT_PARTITION__"].map((value) => `${name}=${value}/`);
    expect(folders(path)).toEqual(names.sort());
    const found = (await readBack(path, { [name]: type })).map((row) => row[name]);
    expect(found[2]).toBe(null);
    if (type === "string") expect(found.slice(0, 2)).toEqual(values.map(decodeURIComponent));
    else expect(found.slice(0, 2)).toEqual([column.get(0), column.get(1)]);
  }
});

sinkTest("partitions that come in turns share the few files that may be open", async (folder) => {
  const path = folder.file("a");
  const count = 2_000;
  const batches = Array.from({ length: count / 50 }, (_, part) => {
    const n = Array.from({ length: 50 }, (_, row) => part * 50 + row);
    return batchOf({ k: numbers(n.map((each) => each % 7)), n: numbers(n) });
  });
  const { files } = await written(path, batches, {
    partitionBy: ["k"],
    maxOpenFiles: 2,
    // Batches are taken one by one, and not all at once.
    memoryLimit: "1KB",
  });
  expect(files.length).toBeGreaterThan(7);
  expect(files.map(({ path }) => path).sort()).toEqual(
    namesIn(path).filter((name) => name.endsWith(".parquet")).map((name) => `${path}/${name}`)
      .sort(),
  );
  expect(await readBack(path)).toEqual(
    Array.from({ length: count }, (_, n) => ({ n, k: BigInt(n % 7) })),
  );
  const open = await written(folder.file("b"), batches, { partitionBy: ["k"] });
  expect(open.files.length).toBe(7);
});

sinkTest("no more files are open at once than maxOpenFiles", async (folder) => {
  const descriptors = "/proc/self/fd";
  const writer = writeParquet(folder.file("a"), { partitionBy: ["k"], maxOpenFiles: 3 })
    .getWriter();
  const before = openFiles();
  for (let part = 0; part < 20; part++) {
    const n = Array.from({ length: 100 }, (_, row) => row);
    await writer.write(batchOf({ k: numbers(n), n: numbers(n) }));
    expect(openFiles() - before).toBeLessThanOrEqual(3 + 2);
  }
  await writer.close();
  expect(openFiles()).toBeLessThanOrEqual(before + 2);

  function openFiles(): number {
    try {
      return readdirSync(descriptors).length;
    } catch {
      return 0; // Only Linux tells.
    }
  }
});

sinkTest("rows of a partition keep their order", async (folder) => {
  const path = folder.file("a");
  const scan = scanParquet(fixture("sequence"), {
    limit: 10_000,
    batchSize: 333,
    columns: ["id", "flag"],
  });
  const sink = writeParquet(path, {
    partitionBy: ["flag"],
    sortingColumns: ["id"],
    maxFileRows: 1_000,
  });
  await scan.pipeTo(sink);
  const { files } = await sink.result;
  expect(files.map(({ rows }) => rows)).toEqual([
    ...[1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 666], // false
    ...[1_000, 1_000, 1_000, 334],
  ]);
  for (const [folderName, rest] of [["flag=true", [0]], ["flag=false", [1, 2]]] as const) {
    const ids: number[] = [];
    for (const { path } of files.filter(({ path }) => path.includes(folderName))) {
      for await (const { id } of scanParquet(path).rows()) ids.push(Number(id));
    }
    const expected = Array.from({ length: 10_000 }, (_, id) => id)
      .filter((id) => (rest as readonly number[]).includes(id % 3));
    expect(ids).toEqual(expected);
  }
});

sinkTest("partitions of text formats are read as text", async (folder) => {
  const sink = writeCsv(folder.file("a"), { partitionBy: ["k"], header: false });
  await batchStream([batchOf({ k: text(["x", "y", "x"]), n: numbers([1, 2, 3]) })]).pipeTo(sink);
  const { files } = await sink.result;
  expect(files.map(({ rows }) => rows)).toEqual([2, 1]);
  expect(namesIn(folder.file("a"))).toEqual(["k=x/", "k=x/part-0.csv", "k=y/", "k=y/part-0.csv"]);
});

sinkTest("a stream without rows makes a folder without files", async (folder) => {
  const scan = scanParquet(fixture("sequence"), { limit: 0 });
  const sink = writeParquet(folder.file("a"), { partitionBy: ["bucket"] });
  await scan.pipeTo(sink);
  expect(await sink.result).toEqual({ rows: 0, bytes: 0, rowGroups: 0, files: [] });
  expect(namesIn(folder.path)).toEqual(["a/"]);
  expect(await scanParquet(`${folder.file("a")}/`, { allowEmpty: true }).count()).toBe(0);
});

sinkTest("columns that can't become folders are errors, and no folder is made", async (folder) => {
  const batch = batchOf({
    k: text(["x"]),
    f: vectorFromArray([1.5], new Float64()),
    n: numbers([1]),
  });
  const failure = (partitionBy: string[], options: WriteParquetOptions = {}) =>
    written(folder.file("a"), [batch], { partitionBy, ...options }).catch((reason) => reason);
  const unknown = await failure(["K"]);
  expect(unknown).toBeInstanceOf(UnknownColumnError);
  expect(unknown).toMatchObject({ column: "K", suggestions: ["k"] });
  const float = await failure(["f"]);
  expect(float).toBeInstanceOf(UnsupportedFeatureError);
  expect(float.column).toBe("f");
  expect(await failure(["k", "f", "n"])).toBeInstanceOf(UnsupportedFeatureError);
  expect(await failure(["k", "n"])).toMatchObject({ rows: 1 });
  const all = await written(folder.file("b"), [batchOf({ k: text(["x"]) })], { partitionBy: ["k"] })
    .catch((reason) => reason);
  expect(all).toBeInstanceOf(RangeError);
  // The files don't have the column any more.
  const sorted = await failure(["k"], { sortingColumns: ["k"], overwrite: true });
  expect(sorted).toBeInstanceOf(UnknownColumnError);
  expect(namesIn(folder.path)).toEqual(["a/", "a/k=x/", "a/k=x/n=1/", "a/k=x/n=1/part-0.parquet"]);
});

sinkTest("all rows come back, of many partitions and files", async (folder) => {
  const path = folder.file("a");
  const scan = scanParquet(fixture("sequence"), {
    limit: 30_000,
    columns: ["id", "bucket", "flag"],
  });
  const sink = writeParquet(path, {
    partitionBy: ["bucket", "flag"],
    maxFileRows: 200,
    maxOpenFiles: 5,
  });
  await scan.pipeTo(sink);
  const { files } = await sink.result;
  expect(sum(files.map(({ rows }) => rows))).toBe(30_000);
  let rows = 0;
  const back = scanParquet(`${path}/`, { hivePartitioning: true });
  for await (const { id, bucket, flag } of back.rows()) {
    rows++;
    if (Number(bucket) !== Math.floor(Number(id) / 1_000) || flag !== `${Number(id) % 3 === 0}`) {
      expect({ id, bucket, flag }).toBe("as in the fixture");
    }
  }
  expect(rows).toBe(30_000);
});

sinkTest("no partition is written through a link", async (folder) => {
  const batches = [batchOf({ key: text(["a", "b"]), n: numbers([1, 2]) })];
  const options = { partitionBy: ["key"], overwrite: true };
  mkdirSync(folder.file("elsewhere"));
  mkdirSync(folder.file("real"));
  for (const name of ["key=a", "key=b"]) {
    symlinkSync("../elsewhere", folder.file(`real/${name}`));
    const error = await written(folder.file("real"), batches, options).catch((error) => error);
    expect(error).toBeInstanceOf(FileWriteError);
    expect(error.message).toContain(`${folder.file("real/key=a")}: it is a symbolic link`);
  }
  expect(namesIn(folder.path)).toEqual(["elsewhere/", "real/", "real/key=a", "real/key=b"]);
  // The folder of all is the caller's, who may name it by a link.
  mkdirSync(folder.file("other"));
  symlinkSync("other", folder.file("link"));
  expect((await written(folder.file("link"), batches, options)).rows).toBe(2);
  expect(await readBack(folder.file("other"))).toEqual([{ key: "a", n: 1 }, { key: "b", n: 2 }]);
});
