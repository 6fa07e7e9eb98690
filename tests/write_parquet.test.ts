import { expect } from "@std/expect";
import { statSync } from "node:fs";
import {
  type ParquetCompression,
  scanParquet,
  writeParquet,
  type WriteParquetOptions,
  type WriteResult,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import type { TempDirectory } from "./support/harness.ts";
import { pagesOf } from "./support/page_headers.ts";
import { evenSizes, expectSequences, sequenceColumns, sum } from "./support/sequence.ts";
import { sinkTest } from "./support/sink_test.ts";

const ROWS = 20_000;
const leaves = [...sequenceColumns.slice(0, -1), "point.x", "point.in.word"];

/** Copies the rows of a fixture, checks the copy's, and gives what it says of itself. */
async function copied(
  folder: TempDirectory,
  options: WriteParquetOptions,
  { rows = ROWS, batchSize = 1_000 } = {},
) {
  const path = folder.file("copy.parquet");
  const sink = writeParquet(path, options);
  await scanParquet(fixture("sequence"), { limit: rows, batchSize }).pipeTo(sink);
  expect(sum(await expectSequences(scanParquet(path)))).toBe(rows);
  const metadata = await scanParquet(path).metadata();
  const columns = Object.fromEntries(
    metadata.rowGroups[0]!.columns.map((column) => [column.path, column]),
  );
  return { path, metadata, columns, result: await sink.result };
}

/** The names of the columns for which something holds, in the first row group. */
function named<Column>(
  columns: Record<string, Column>,
  holds: (column: Column) => boolean,
): string[] {
  return Object.keys(columns).filter((name) => holds(columns[name]!));
}

sinkTest(
  "a file has the columns and rows of its batches, and the result tells its size",
  async (folder) => {
    const { path, metadata, columns, result } = await copied(folder, {});
    const bytes = statSync(path).size;
    const expected: WriteResult = {
      rows: ROWS,
      bytes,
      rowGroups: 1,
      files: [{ path, rows: ROWS, bytes, rowGroups: 1 }],
    };
    expect(result).toEqual(expected);
    expect(metadata).toMatchObject({ numRows: ROWS, numRowGroups: 1, sizeBytes: bytes });
    expect(metadata.createdBy).toMatch(/^spillway version \d+\.\d+\.\d+ \(parquet-rs\)$/);
    expect(Object.keys(columns)).toEqual(leaves);
    const [before, after] = [scanParquet(fixture("sequence")), scanParquet(path)];
    expect(String(await after.schema())).toBe(String(await before.schema()));
  },
);

const codecs: Record<ParquetCompression, string> = {
  none: "UNCOMPRESSED",
  snappy: "SNAPPY",
  gzip: "GZIP",
  brotli: "BROTLI",
  zstd: "ZSTD",
  lz4: "LZ4_RAW",
};

for (const [compression, codec] of Object.entries(codecs)) {
  sinkTest(`compression "${compression}" is ${codec} in every column`, async (folder) => {
    const { columns } = await copied(folder, { compression: compression as ParquetCompression });
    expect(named(columns, (column) => column.codec === codec)).toEqual(leaves);
    const smaller = ({ compressedSize, uncompressedSize }: typeof columns[string]) =>
      compressedSize < uncompressedSize;
    expect(named(columns, smaller).length > 0).toBe(compression !== "none");
  });
}

for (
  const [compression, least, most] of [["gzip", 1, 9], ["brotli", 0, 11], ["zstd", 1, 19]] as const
) {
  sinkTest(
    `levels ${least} and ${most} of ${compression} make other bytes of the same rows`,
    async (folder) => {
      const size = async (compressionLevel: number) => {
        const options = { compression, compressionLevel, dictionary: false, overwrite: true };
        return (await copied(folder, options, { rows: 5_000 })).result.bytes;
      };
      // The higher one mostly makes fewer, but not of any data.
      expect(await size(most)).not.toBe(await size(least));
    },
  );
}

sinkTest("row groups have rowGroupRows rows, whatever the batches have", async (folder) => {
  for (const batchSize of [700, 6_000, ROWS]) {
    const options = { rowGroupRows: 3_000, overwrite: true };
    const { metadata, result } = await copied(folder, options, { batchSize });
    expect(metadata.rowGroups.map(({ numRows }) => numRows)).toEqual(evenSizes(ROWS, 3_000));
    expect(result.rowGroups).toBe(7);
  }
});

sinkTest("row groups end at the batch with which they have rowGroupBytes", async (folder) => {
  const { metadata } = await copied(folder, { rowGroupBytes: "128KiB" }, { batchSize: 500 });
  const groups = metadata.rowGroups;
  expect(groups.length).toBeGreaterThan(2);
  for (const { numRows, compressedSize } of groups.slice(0, -1)) {
    expect(numRows % 500).toBe(0);
    expect(compressedSize).toBeLessThan(2 * 128 * 1_024);
  }
  const again = await copied(folder, { rowGroupBytes: 128 * 1_024, overwrite: true }, {
    batchSize: 500,
  });
  expect(again.metadata.rowGroups.map(({ numRows }) => numRows))
    .toEqual(groups.map(({ numRows }) => numRows));
});

sinkTest("a small memory limit ends row groups early", async (folder) => {
  const { metadata } = await copied(folder, { memoryLimit: "256KB" }, { batchSize: 500 });
  expect(metadata.numRowGroups).toBeGreaterThan(2);
});

sinkTest("pages end at pageBytes", async (folder) => {
  const plain = { dictionary: false, compression: "none" } as const;
  const { path } = await copied(folder, { ...plain, pageBytes: "8KiB" }, { batchSize: 100 });
  const [pages] = pagesOf(path);
  expect(pages!.id!.length).toBeGreaterThan(15);
  for (const { bytes } of pages!.id!.slice(0, -1)) {
    expect(bytes).toBeGreaterThanOrEqual(8_192);
    expect(bytes).toBeLessThan(8_192 + 100 * 8 + 200);
  }
  const whole = await copied(folder, { ...plain, overwrite: true }, { batchSize: 100 });
  expect(pagesOf(whole.path)[0]!.id!.length).toBe(1);
});

sinkTest("dictionaries are for all columns, for those named, or for none", async (folder) => {
  const all = ["id", "bucket", "text", "price", "maybe", "point.x", "point.in.word"];
  const cases: [WriteParquetOptions["dictionary"], string[]][] = [
    [undefined, all],
    [true, all],
    [false, []],
    [["text", "point"], ["text", "point.x", "point.in.word"]],
    [["point.in.word"], ["point.in.word"]],
  ];
  for (const [dictionary, expected] of cases) {
    const { columns } = await copied(folder, { dictionary, overwrite: true }, { rows: 2_000 });
    const has = ({ dictionaryPageOffset, encodings }: typeof columns[string]) => {
      expect(encodings.includes("RLE_DICTIONARY")).toBe(dictionaryPageOffset !== null);
      return dictionaryPageOffset !== null;
    };
    expect(named(columns, has)).toEqual(expected);
  }
});

sinkTest("encodings take the place of dictionaries", async (folder) => {
  const encoding = {
    id: "delta_binary_packed",
    text: "delta_length_byte_array",
    price: "byte_stream_split",
    flag: "rle",
    "point.in.word": "delta_byte_array",
    "point.x": "plain",
  } as const;
  const { columns } = await copied(folder, { encoding });
  for (const [name, wanted] of Object.entries(encoding)) {
    expect(columns[name]!.encodings).toContain(wanted.toUpperCase());
    expect(columns[name]!.dictionaryPageOffset).toBe(null);
  }
  expect(columns.bucket!.encodings).toContain("RLE_DICTIONARY");
});

sinkTest("statistics and the page index are there, or are not", async (folder) => {
  const cases = [
    { statistics: true, pageIndex: true, hasColumnIndex: true, hasOffsetIndex: true },
    { statistics: true, pageIndex: false, hasColumnIndex: false, hasOffsetIndex: false },
    { statistics: false, pageIndex: true, hasColumnIndex: false, hasOffsetIndex: true },
    { statistics: false, pageIndex: false, hasColumnIndex: false, hasOffsetIndex: false },
  ];
  for (const { statistics, pageIndex, ...expected } of cases) {
    const { columns } = await copied(folder, { statistics, pageIndex, overwrite: true });
    for (const name of leaves) {
      expect(columns[name]).toMatchObject(expected);
      expect(columns[name]!.statistics !== null).toBe(statistics);
    }
    if (!statistics) continue;
    expect(columns.id!.statistics).toMatchObject({ nullCount: 0, min: "0", max: `${ROWS - 1}` });
    expect(columns.maybe!.statistics).toMatchObject({
      nullCount: Math.ceil(ROWS / 3),
      min: 1,
      max: ROWS - 1,
      minIsExact: true,
    });
  }
});

sinkTest("Bloom filters are there for the columns named", async (folder) => {
  const bloomFilterColumns = ["id", "point"];
  const { columns } = await copied(folder, { bloomFilterColumns });
  expect(named(columns, ({ hasBloomFilter }) => hasBloomFilter))
    .toEqual(["id", "point.x", "point.in.word"]);
});

sinkTest("key/value metadata is in the file", async (folder) => {
  const keyValueMetadata = { origin: "a test", "ключ": "значение 🌊", empty: "", none: null };
  const { metadata } = await copied(folder, { keyValueMetadata }, { rows: 10 });
  expect(metadata.keyValueMetadata).toMatchObject(keyValueMetadata);
});

for (const dataPageVersion of [1, 2] as const) {
  sinkTest(`data pages are of version ${dataPageVersion}`, async (folder) => {
    const { path, metadata } = await copied(folder, { dataPageVersion, pageBytes: "4KiB" });
    expect(metadata.formatVersion).toBe(dataPageVersion);
    const pages = Object.values(pagesOf(path)[0]!).flat();
    expect(pages.length).toBeGreaterThan(leaves.length);
    expect(new Set(pages.map(({ version }) => version))).toEqual(new Set([dataPageVersion]));
  });
}

sinkTest("a durable file is as any other", async (folder) => {
  const { result } = await copied(folder, { durable: true });
  expect(result.rows).toBe(ROWS);
});
