import { expect } from "@std/expect";
import { tableFromArrays } from "apache-arrow";
import {
  col,
  CorruptFileError,
  type ScanOptions,
  scanParquet,
  tableToStream,
  writeParquet,
  type WriteParquetOptions,
} from "spillway";
import { corpus, corpusPath } from "./support/corpus.ts";
import { type EditedPage, editParquet, setChecksum } from "./support/edit_parquet.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { range } from "./support/number_files.ts";

const ROWS = 3_000;
const GROUP = 1_000;

/** The forms of pages that there are. */
const forms: readonly WriteParquetOptions[] = [
  { compression: "snappy", dictionary: false },
  { compression: "none", dataPageVersion: 2, dictionary: false },
  { compression: "zstd", dataPageVersion: 2 },
  { compression: "gzip" },
];

/** Writes three row groups of the numbers from 0 and their texts, in pages of a kilobyte. */
async function written(path: string, form: WriteParquetOptions): Promise<void> {
  const numbers = range(0, ROWS);
  const table = tableFromArrays({
    number: Int32Array.from(numbers),
    text: numbers.map((number) => `text ${number % 50}`),
  });
  const options = { ...form, rowGroupRows: GROUP, pageBytes: 1_024, overwrite: true };
  await tableToStream(table).pipeTo(writeParquet(path, options));
}

/** The numbers that came, and the error that ended them. */
async function read(path: string, options: ScanOptions = {}) {
  const numbers: number[] = [];
  try {
    for await (using batch of scanParquet(path, { batchSize: 100, ...options })) {
      numbers.push(...batch.getChild("number")!.toArray());
      expect(batch.getChild("text")!.toArray()).toEqual(
        numbers.slice(-batch.numRows).map((number) => `text ${number % 50}`),
      );
    }
    return { numbers, error: null };
  } catch (error) {
    if (!(error instanceof CorruptFileError)) throw error;
    return { numbers, error };
  }
}

test("pages whose checksums are right are read", async () => {
  using directory = tempDirectory();
  const [path, checked] = [directory.file("a.parquet"), directory.file("b.parquet")];
  for (const form of forms) {
    await written(path, form);
    editParquet(path, checked, { page: setChecksum });
    expect(await read(checked)).toEqual({ numbers: range(0, ROWS), error: null });
  }
});

test("nothing of a page comes out whose bytes are not those of its checksum", async () => {
  using directory = tempDirectory();
  const [path, bad] = [directory.file("a.parquet"), directory.file("b.parquet")];
  const isBad = ({ rowGroup, column, index }: EditedPage) =>
    rowGroup === 1 && column === "text" && index === 0;
  for (const form of forms) {
    await written(path, form);
    let wasDictionary = false;
    editParquet(path, bad, {
      page(page) {
        setChecksum(page);
        if (!isBad(page)) return;
        wasDictionary = page.isDictionary;
        // The last byte is of a value, or of its code.
        page.body[page.body.length - 1]! ^= 1;
      },
    });
    for (const options of [{}, { io: "read" }, { where: col("text").ne("x") }] as ScanOptions[]) {
      const { numbers, error } = await read(bad, options);
      expect(numbers).toEqual(range(0, numbers.length));
      // A predicate is tested on more rows at once, of which none may come.
      if (options.where === undefined) expect(numbers.length).toBe(GROUP);
      expect(error).toMatchObject({ rowGroup: 1, column: "text", path: bad });
      const page = wasDictionary ? "the dictionary page" : "page 0";
      expect(error!.message).toMatch(
        new RegExp(
          `Cannot read ${page} of column 'text' of row group 1: its checksum is [0-9a-f]{8}`,
        ),
      );
    }
    // What is not read is not verified, and rows before it are given.
    expect((await read(bad, { limit: GROUP })).error).toBe(null);
    expect(await scanParquet(bad, { columns: ["number"] }).collect()).toMatchObject({
      numRows: ROWS,
    });
  }
});

test("a later page of a chunk is named by its number", async () => {
  using directory = tempDirectory();
  const [path, bad] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await written(path, { dictionary: false, compression: "none" });
  editParquet(path, bad, {
    page(page) {
      setChecksum(page);
      if (page.rowGroup === 2 && page.column === "number" && page.index === 2) page.body[7]! ^= 128;
    },
  });
  const { numbers, error } = await read(bad);
  expect(numbers.length).toBeGreaterThanOrEqual(2 * GROUP);
  expect(numbers).toEqual(range(0, numbers.length));
  expect(error!.message).toMatch(
    /^Cannot read page 2 of column 'number' of row group 2: its checksum/,
  );
});

test("without verification what is there is read", async () => {
  using directory = tempDirectory();
  const [path, bad] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await written(path, { dictionary: false, compression: "none" });
  editParquet(path, bad, {
    page(page) {
      setChecksum(page);
      if (page.rowGroup === 0 && page.column === "number" && page.index === 0) page.body[0] = 77;
    },
  });
  const { error } = await read(bad);
  expect(error).toBeInstanceOf(CorruptFileError);
  const table = await scanParquet(bad, { columns: ["number"], verifyChecksums: false }).collect();
  expect(table.numRows).toBe(ROWS);
  expect(table.getChild("number")!.toArray()).not.toEqual(Int32Array.from(range(0, ROWS)));
});

test.skipIf(corpus === null)(
  "files of other writers with wrong checksums are refused",
  async () => {
    for (
      const [name, page] of [
        [
          "data/datapage_v1-corrupt-checksum.parquet",
          /Cannot read page \d of column '\w+' of row group 0: its checksum is/,
        ],
        [
          "data/rle-dict-uncompressed-corrupt-checksum.parquet",
          /Cannot read the dictionary page of column '\w+' of row group 0: its checksum is/,
        ],
      ] as const
    ) {
      const error = await scanParquet(corpusPath(name)).collect().catch((error) => error);
      expect(error).toBeInstanceOf(CorruptFileError);
      expect(error.message).toMatch(page);
    }
  },
);
