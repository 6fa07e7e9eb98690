import { expect } from "@std/expect";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import process from "node:process";
import { makeVector, Table, tableFromIPC, Utf8, vectorFromArray } from "apache-arrow";
import {
  type ArrowScanOptions,
  col,
  EmptyFileError,
  limit,
  MalformedDataError,
  MemoryManager,
  offset,
  rename,
  scanArrow,
  SchemaMismatchError,
  select,
  SpillwayError,
  TruncatedFileError,
  UnknownColumnError,
  where,
  withColumns,
} from "spillway";
import { arrowBytes, filesOf, joined, numbered, numberedRows } from "./support/arrow_files.ts";
import { expectedTable, fixture } from "./support/fixtures.ts";
import { collectGarbage, test } from "./support/harness.ts";
import { rowsOf } from "./support/rows_of.ts";
import { expectSequence } from "./support/sequence.ts";

const all = numberedRows(0, 30_000);
// A large batch, some of about the size of what is given, and many small ones.
const small = Array.from(
  { length: 20 },
  (_, part) => numbered(20_000 + 500 * part, 20_500 + 500 * part),
);
const table = joined([numbered(0, 20_000), ...small]);
const directory = filesOf({
  "numbers.arrow": arrowBytes(table, "file"),
  "numbers.arrows": arrowBytes(table, "stream"),
});
const paths = [directory.file("numbers.arrow"), directory.file("numbers.arrows")] as const;
process.on("exit", () => directory[Symbol.dispose]());

/** What a table holds, as JSON. */
function plain(table: Table): string[] {
  const shown = (_: string, value: unknown) => typeof value === "bigint" ? `${value}n` : value;
  return table.toArray().map((row) => JSON.stringify(row, shown));
}

/** A file that a Rust program wrote. */
function written(name: string): string {
  return fixture("sequence").replace("sequence.parquet", name);
}

for (const path of paths) {
  const format = path.endsWith("s") ? "stream" : "file";

  test(`rows of the ${format} format are what was written`, async () => {
    const { fields } = await scanArrow(path).schema();
    expect(fields.map(String)).toEqual(["n: Int32", "text: Utf8", "kind: Utf8"]);
    const given = await scanArrow(path).collect();
    expect(plain(given)).toEqual(all.map((row) => JSON.stringify(row)));
  });

  const options: Record<string, ArrowScanOptions> = {
    "exact batches": { batchSize: 777 },
    "one row a batch at first": { batchSize: 1, limit: 50 },
    "reads of ranges": { io: "read" },
    copies: { zeroCopy: false },
    "little memory": { memoryLimit: "2MB" },
    "a limit": { limit: 5_001 },
    "an offset": { offset: 19_000 },
    "an offset and a limit": { offset: 7_777, limit: 13_333 },
    "an offset past the end": { offset: 40_000 },
    "no rows": { limit: 0 },
  };

  for (const [name, option] of Object.entries(options)) {
    test(`a scan of the ${format} format with ${name} gives the same rows`, async () => {
      const { offset = 0, limit = Infinity, batchSize } = option;
      const wanted = all.slice(offset, offset + limit);
      const stream = scanArrow(path, option);
      const sizes: number[] = [];
      const rows: unknown[] = [];
      for await (using batch of stream) {
        sizes.push(batch.numRows);
        rows.push(...batch.toArray().map((row) => JSON.stringify(row)));
      }
      expect(rows).toEqual(wanted.map((row) => JSON.stringify(row)));
      if (batchSize) {
        expect(new Set(sizes.slice(0, -1))).toEqual(
          new Set(sizes.slice(0, -1).map(() => batchSize)),
        );
      }
      const { rows: given, peakBytes, limitBytes } = stream.stats();
      expect(given).toBe(wanted.length);
      expect(peakBytes).toBeLessThanOrEqual(limitBytes);
    });
  }

  test(`steps on the ${format} format do what they do elsewhere`, async () => {
    const even = all.filter(({ n, text }) => n % 2 === 0 && text !== null);
    const stream = scanArrow(path)
      .pipeThrough(where(col("n").mod(2).eq(0).and(col("text").isNotNull())))
      .pipeThrough(withColumns({ twice: col("n").mul(2) }))
      .pipeThrough(rename({ kind: "letter" }))
      .pipeThrough(select("letter", "twice"))
      .pipeThrough(offset(10))
      .pipeThrough(limit(7_000));
    expect(await rowsOf(stream)).toEqual(
      even.slice(10, 7_010).map(({ n, kind }) =>
        JSON.stringify({ letter: kind, twice: `${2 * n}n` })
      ),
    );
    const counted = scanArrow(path, { where: col("kind").eq("b") });
    expect(await counted.count()).toBe(all.filter(({ kind }) => kind === "b").length);
    expect(await scanArrow(path).count()).toBe(30_000);
  });
}

for (const name of ["types", "nested", "strings", "encodings", "empty"]) {
  test(`every value of the file ${name}.arrow is given`, async () => {
    const expected = expectedTable(name);
    for (const strings of ["utf8", "preserve"] as const) {
      const given = await scanArrow(written(`${name}.arrow`), { strings }).collect();
      expect(given.schema.names).toEqual(expected.schema.names);
      expect(plain(given)).toEqual(plain(expected));
    }
  });
}

for (const name of ["ipc_lz4.arrow", "ipc_zstd.arrows"]) {
  test(`compressed batches of ${name} are given`, async () => {
    let rows = 0;
    for await (using batch of scanArrow(written(name))) {
      expectSequence(batch, rows);
      rows += batch.numRows;
    }
    expect(rows).toBe(50_000);
    const few = scanArrow(written(name), { columns: ["price", "id"], where: col("id").ge(49_998) });
    expect(await rowsOf(few)).toEqual([
      '{"price":12499.5,"id":"49998n"}',
      '{"price":12499.75,"id":"49999n"}',
    ]);
  });
}

test("dictionaries that grow and change are given as their values", async () => {
  const given = await scanArrow(written("ipc_words.arrows")).collect();
  // The batches' lengths are those of their builder: a word and a null each.
  expect(Array.from(given.getChild("word")!)).toEqual([
    "one",
    null,
    "two",
    null,
    "three",
    "one",
    "three",
  ]);
});

test("columns are views of the file, and what is written to them stays with the program", async () => {
  const before = readFileSync(paths[0]);
  const stream = scanArrow(paths[0], { columns: ["n"], batchSize: 20_000 });
  const [first] = await Array.fromAsync(stream);
  const values = first!.getChild("n")!.toArray() as Int32Array;
  expect(values.slice(0, 3)).toEqual(Int32Array.of(0, 1, 2));
  values.fill(-1);
  expect(values[19_999]).toBe(-1);
  expect(readFileSync(paths[0])).toEqual(before);
  expect(await scanArrow(paths[0], { where: col("n").eq(-1) }).count()).toBe(0);
  first!.release();
});

test("batches outlive their file and their stream", async () => {
  using files = filesOf({ "gone.arrow": arrowBytes(numbered(0, 30_000), "file") });
  const stream = scanArrow(files.file("gone.arrow"), { batchSize: 30_000 });
  const reader = stream.getReader();
  const { value: batch } = await reader.read();
  await reader.cancel();
  rmSync(files.file("gone.arrow"));
  await collectGarbage();
  expect(batch!.get(29_999)!.toJSON()).toEqual(all[29_999]);
  batch!.release();
});

test("a stream that is cancelled gives all memory back", async () => {
  await collectGarbage();
  const before = MemoryManager.shared.currentUsage().streamBytes;
  for (const path of [...paths, written("ipc_lz4.arrow")]) {
    const reader = scanArrow(path, { batchSize: 1_000 }).getReader();
    const { value: batch } = await reader.read();
    expect(MemoryManager.shared.currentUsage().streamBytes).toBeGreaterThan(before);
    await reader.cancel();
    batch!.release();
  }
  for (let turn = 0; turn < 100; turn++) {
    // What the stream had ahead is garbage, and workers may be at a last piece.
    await collectGarbage();
    if (MemoryManager.shared.currentUsage().streamBytes <= before) break;
  }
  expect(MemoryManager.shared.currentUsage().streamBytes).toBeLessThanOrEqual(before);
});

test("many files are one stream, with columns of their paths", async () => {
  using files = filesOf({
    "year=2024/b.arrow": arrowBytes(numbered(10, 20), "stream"),
    "year=2023/a.feather": arrowBytes(numbered(0, 10), "file"),
    "year=2024/c.parquet": new Uint8Array([1]),
  });
  const options: ArrowScanOptions = { hivePartitioning: true, fileName: "file", rowIndex: "row" };
  const { schema, ...rows } = await scanArrow(files.path, options).collect();
  expect(schema.names).toEqual(["row", "n", "text", "kind", "year", "file"]);
  expect(rows).toBeDefined();
  const given = await Array.fromAsync(scanArrow(files.path, options).rows());
  expect(given.map(({ row, n, year }) => [Number(row), n, Number(year)])).toEqual(
    all.slice(0, 20).map(({ n }) => [n, n, n < 10 ? 2023 : 2024]),
  );
  expect(String(given[0]!.file)).toContain("a.feather");
  const late = scanArrow(files.path, {
    hivePartitioning: true,
    where: col("year").eq(2024),
    columns: ["n"],
  });
  expect(await late.count()).toBe(10);
});

test("files whose columns differ are told, or shown as one", async () => {
  const other = new Table({
    n: makeVector(BigInt64Array.of(1n << 60n)),
    m: vectorFromArray(["x"], new Utf8()),
  });
  using files = filesOf({
    "1.arrow": arrowBytes(numbered(0, 2).select(["n"]), "file"),
    "2.arrow": arrowBytes(other, "stream"),
  });
  const failure = await scanArrow(files.path).collect().catch((error) => error);
  expect(failure).toBeInstanceOf(SchemaMismatchError);
  expect(failure.message).toContain("2.arrow");
  const united = await scanArrow(files.path, { schema: "union" }).collect();
  expect(plain(united)).toEqual([
    '{"n":"0n","m":null}',
    '{"n":"1n","m":null}',
    '{"n":"1152921504606846976n","m":"x"}',
  ]);
  const given = await scanArrow(files.path, { schema: other.schema, columns: ["m"] }).collect();
  expect(plain(given)).toEqual(['{"m":null}', '{"m":null}', '{"m":"x"}']);
});

test("files of other formats and files that end early are told", async () => {
  const bytes = arrowBytes(numbered(0, 5_000), "file");
  using files = filesOf({
    "parquet.arrow": readFileSync(fixture("one_row")),
    "text.arrow": new TextEncoder().encode("n,text\n1,one\n"),
    "empty.arrow": new Uint8Array(),
    "cut.arrow": bytes.slice(0, bytes.length - 20),
    "cut.arrows": arrowBytes(numbered(0, 5_000), "stream").slice(0, -100),
    "good.arrow": bytes,
  });
  const failure = (name: string) => scanArrow(files.file(name)).collect().catch((error) => error);
  expect(await failure("parquet.arrow")).toBeInstanceOf(MalformedDataError);
  expect(await failure("text.arrow")).toBeInstanceOf(MalformedDataError);
  expect(await failure("empty.arrow")).toBeInstanceOf(EmptyFileError);
  for (const name of ["cut.arrow", "cut.arrows"]) {
    const error = await failure(name);
    expect(error).toBeInstanceOf(TruncatedFileError);
    expect(error.path).toBe(files.file(name));
  }
  const skipped: string[] = [];
  const names = ["text.arrow", "good.arrow", "cut.arrow"].map((name) => files.file(name));
  const stream = scanArrow(names, { onFileError: ({ path }) => void skipped.push(path) });
  expect(await stream.count()).toBe(5_000);
  expect(skipped).toEqual([names[0], names[2]]);
});

test("columns that aren't there and options that make no sense are refused", async () => {
  await expect(scanArrow(paths[0], { columns: ["m"] }).collect()).rejects.toBeInstanceOf(
    UnknownColumnError,
  );
  const wrong = { compression: "gzip" } as ArrowScanOptions;
  expect(() => scanArrow(paths[0], wrong)).toThrow("Scans have no option compression");
  expect(() => scanArrow(paths[0], { strings: "views" as "utf8" })).toThrow(TypeError);
});

test("a file that is cut off while it is read gives an error, and never ends the process", async () => {
  using files = filesOf({
    "cut.arrow": arrowBytes(joined([numbered(0, 20_000), numbered(20_000, 40_000)]), "file"),
  });
  const path = files.file("cut.arrow");
  const stream = scanArrow(path, { batchSize: 1_000 });
  const reader = stream.getReader();
  const { value: first } = await reader.read();
  truncateSync(path, 1_000);
  const rest = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "all";
      value.release();
    }
  };
  // What was mapped before may still be given, of zeros; the second half was not.
  expect(await rest().catch((error) => error)).toBeInstanceOf(SpillwayError);
  expect(first!.numRows).toBe(1_000);
  first!.release();
});

test("flipped bytes give errors or other values, and never end the process", async () => {
  // A generator of its own, so that a failure can be repeated.
  let state = 12_345;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const sources = [
    arrowBytes(numbered(0, 300), "file"),
    arrowBytes(numbered(0, 300), "stream"),
    readFileSync(written("ipc_words.arrows")),
    readFileSync(written("nested.arrow")).subarray(0, 1 << 20),
  ];
  using files = filesOf({});
  const path = files.file("broken.arrow");
  let failed = 0;
  for (const source of sources) {
    for (let round = 0; round < 60; round++) {
      const broken = Uint8Array.from(source);
      for (let flip = 0; flip <= random(4); flip++) broken[random(broken.length)] = random(256);
      writeFileSync(path, broken);
      try {
        for await (using batch of scanArrow(path, { limit: 10_000 })) batch.toArray().map(String);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        failed++;
      }
    }
  }
  expect(failed).toBeGreaterThan(0);
});

test("what apache-arrow reads of a scan's batches is the same again", async () => {
  const given = await scanArrow(paths[1]).collect();
  expect(plain(tableFromIPC(arrowBytes(given, "file")))).toEqual(plain(given));
});
