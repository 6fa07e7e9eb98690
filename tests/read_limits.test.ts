import { expect } from "@std/expect";
import {
  Field,
  Int32,
  List,
  Table,
  tableFromArrays,
  tableToIPC,
  vectorFromArray,
} from "apache-arrow";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import {
  CorruptFileError,
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  LimitExceededError,
  MmapParquetReader,
  type ReadLimits,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  scanParquet,
  tableToStream,
  writeParquet,
} from "spillway";
import { checkLimits } from "../src/scan/read_limits.ts";
import { editParquet, pageFields } from "./support/edit_parquet.ts";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { range } from "./support/number_files.ts";
import { integer } from "./support/thrift.ts";

/** What a stream is refused for. */
async function refusal(stream: RecordBatchStream): Promise<LimitExceededError> {
  const error = await stream.collect().catch((error) => error);
  expect(error).toBeInstanceOf(LimitExceededError);
  return error;
}

const greatest = 2 ** 31 - 1;

test("a page that declares 2 GiB is refused, and what is declared is not believed", async () => {
  using directory = tempDirectory();
  const path = directory.file("page.parquet");
  for (const codec of ["snappy", "gzip", "brotli", "lz4", "lz4_raw", "zstd"]) {
    editParquet(fixture(`codec_${codec}`), path, {
      page({ header, index, rowGroup }) {
        if (rowGroup > 0 || index > 0) return;
        header.set(pageFields.uncompressedSize, integer(greatest, 5));
      },
    });
    for (const io of ["mmap", "read"] as const) {
      const error = await refusal(scanParquet(path, { io }));
      expect(error).toMatchObject({ path, rowGroup: 0, code: "LIMIT_EXCEEDED" });
      expect(error.message).toContain(
        `it takes ${greatest} bytes, more than the 268435456 of \`limits.pageBytes\`; raise that limit`,
      );
    }
    // Snappy tells before its memory is made that it has less.
    if (codec !== "snappy") continue;
    const trusted = scanParquet(path, { limits: { pageBytes: "2GiB" }, memoryLimit: "64MB" });
    await expect(trusted.collect()).rejects.toThrow(CorruptFileError);
  }
});

test("a page may be as large as it says below the limit", async () => {
  const path = fixture("one_row_group");
  const { rowGroups } = await scanParquet(path).metadata();
  const largest = Math.max(
    ...rowGroups[0]!.columns.map(({ uncompressedSize }) => uncompressedSize),
  );
  const { numRows } = await scanParquet(path, { limits: { pageBytes: largest } }).collect();
  expect(numRows).toBe(rowGroups[0]!.numRows);
  await refusal(scanParquet(path, { limits: { pageBytes: 100 } }));
});

test("a row of a list is bounded, however few bytes it is stored in", async () => {
  using directory = tempDirectory();
  const path = directory.file("lists.parquet");
  const lists = [[1], new Array<number>(100_000).fill(7), [2, 3]];
  for (const dataPageVersion of [1, 2] as const) {
    const table = new Table({
      list: vectorFromArray(lists, new List(new Field("item", new Int32(), true))),
    });
    const options = { dataPageVersion, overwrite: true } as const;
    await tableToStream(table).pipeTo(writeParquet(path, options));
    const error = await refusal(scanParquet(path, { limits: { rowBytes: 100_000 } }));
    expect(error.message).toMatch(
      /^Cannot read a row of column 'list\.list\.element' of row group 0, one of page 0/,
    );
    const all = await scanParquet(path).collect();
    expect(Array.from(all.getChild("list")!, (list) => list!.length)).toEqual([1, 100_000, 2]);
  }
});

test("the footer, its schema and its column chunks are bounded", async () => {
  const path = fixture("sequence");
  const { numRowGroups, rowGroups } = await scanParquet(path).metadata();
  const chunks = numRowGroups * rowGroups[0]!.columns.length;
  const cases: [ReadLimits, string][] = [
    [{ metadataBytes: 500 }, "more than the 500 of `limits.metadataBytes`"],
    [{ columns: 1 }, "more than the 1 of `limits.columns`"],
    [{ columnChunks: chunks - 1 }, `it takes ${chunks} column chunks, more than the ${chunks - 1}`],
  ];
  for (const [limits, message] of cases) {
    const streams = () => scanParquet(path, { limits });
    expect((await refusal(streams())).message).toContain(message);
    const others: (() => Promise<unknown>)[] = [
      () => streams().schema(),
      () => streams().metadata(),
      () => streams().explain(),
      () => streams().count(),
      () => scanParquet([fixture("one_row"), path], { limits, schema: "union" }).schema(),
      () => Promise.try(() => new MmapParquetReader(path, { limits })),
    ];
    for (const other of others) await expect(other()).rejects.toThrow(LimitExceededError);
  }
  expect(await scanParquet(path, { limits: { columnChunks: chunks } }).count()).toBeGreaterThan(0);
  const nested = { limits: { nestingDepth: 1 } };
  expect((await refusal(scanParquet(fixture("nested"), nested))).message)
    .toContain("more than the 1 of `limits.nestingDepth`");
});

test("a record of a text is bounded, compressed or pushed", async () => {
  using directory = tempDirectory();
  const long = "x".repeat(300_000);
  const csv = `a,b\n1,2\n3,${long}\n`;
  const ndjson = `{"a":1,"b":"2"}\n{"a":3,"b":"${long}"}\n`;
  const limits = { rowBytes: "64KiB" };
  const more = { rowBytes: "1MiB" };
  const files: [string, string, typeof scanCsv | typeof scanNdjson][] = [
    ["a.csv", csv, scanCsv],
    ["a.ndjson", ndjson, scanNdjson],
  ];
  for (const [name, text, scan] of files) {
    const path = directory.file(name);
    writeFileSync(path, text);
    writeFileSync(`${path}.gz`, gzipSync(text));
    for (const each of [path, `${path}.gz`]) {
      const error = await refusal(scan(each, { limits }));
      expect(error.message).toMatch(
        /Cannot read the record at line \d: it takes 65537 bytes, more than the 65536/,
      );
      expect(error).toMatchObject({ path: each });
      expect((await scan(each, { limits: more }).collect()).numRows).toBe(2);
    }
  }
  for (const decode of [() => decodeCsv({ limits }), () => decodeNdjson({ limits })]) {
    const { readable, writable } = decode();
    new Response(long).body!.pipeTo(writable).catch(() => {});
    await refusal(readable);
  }
});

test("a text of many columns is refused before its columns are made", async () => {
  using directory = tempDirectory();
  const path = directory.file("wide.csv");
  writeFileSync(path, `${range(0, 200).map((at) => `c${at}`).join()}\n${",".repeat(199)}\n`);
  for (const header of [true, false]) {
    const error = await refusal(scanCsv(path, { header, limits: { columns: 199 } }));
    expect(error.message).toContain("it takes 200 columns, more than the 199");
    expect((await scanCsv(path, { header, limits: { columns: 200 } }).schema()).fields.length).toBe(
      200,
    );
  }
});

test("schemas and metadata of Arrow IPC are bounded, in files and pushed", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.arrow");
  const table = tableFromArrays(Object.fromEntries(range(0, 50).map((at) => [`c${at}`, [at]])));
  const cases: [ReadLimits, string][] = [
    [{ columns: 49 }, "more than the 49 of `limits.columns`"],
    [{ metadataBytes: 1_000 }, "more than the 1000 of `limits.metadataBytes`"],
  ];
  for (const format of ["file", "stream"] as const) {
    const bytes = tableToIPC(table, format);
    writeFileSync(path, bytes);
    for (const [limits, message] of cases) {
      expect((await refusal(scanArrow(path, { limits }))).message).toContain(message);
    }
    expect((await scanArrow(path, { limits: { columns: 50 } }).collect()).numRows).toBe(1);
  }
  for (const [limits, message] of cases) {
    const { readable, writable } = decodeArrow({ limits });
    new Response(tableToIPC(table, "stream").slice()).body!.pipeTo(writable).catch(() => {});
    expect((await refusal(readable)).message).toContain(message);
  }
});

test("limits are checked, and named where they are wrong", () => {
  expect(checkLimits(undefined)).toEqual({});
  expect(checkLimits({ pageBytes: "1MiB", columns: 5, rowBytes: undefined }))
    .toEqual({ pageBytes: 2 ** 20, columns: 5 });
  const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ pageByte: 5 }, TypeError, /Limits have no option pageByte. Did you mean pageBytes\?/],
    [{ pageBytes: "five" }, TypeError, /limits\.pageBytes can't be read/],
    [{ pageBytes: 0 }, RangeError, /limits\.pageBytes must be from 1 byte/],
    [{ columns: "5" }, TypeError, /limits\.columns must be a number/],
    [{ columns: 0 }, RangeError, /limits\.columns must be a whole number, 1 or more/],
    [{ nestingDepth: 129 }, RangeError, /limits\.nestingDepth must be 128 or less, not 129/],
    [null, TypeError, /The options of limits must be an object/],
  ];
  for (const [limits, type, message] of wrong) {
    const check = () => checkLimits(limits as ReadLimits);
    expect(check).toThrow(type);
    expect(check).toThrow(message);
  }
});
