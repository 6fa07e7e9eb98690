import { expect } from "@std/expect";
import { Field, Int32, List, Table, vectorFromArray } from "apache-arrow";
import {
  col,
  CorruptFileError,
  type ScanOptions,
  scanParquet,
  tableToStream,
  writeParquet,
  type WriteParquetOptions,
} from "spillway";
import { type EditedPage, editParquet, type ParquetEdits } from "./support/edit_parquet.ts";
import { pageFields } from "./support/edit_parquet.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { range } from "./support/number_files.ts";
import { integer, integerAt, type Struct, structAt, structsAt } from "./support/thrift.ts";

const ROWS = 3_000;
const GROUP = 1_000;

/** The lists have none to three items, scattered so that a page holds few of them in every encoding. */
function listOf(number: number): number[] {
  return range(0, number % 4).map((item) => Math.imul(number * 4 + item, 0x9e3779b1));
}

/** Writes three row groups of the numbers from 0, their texts and their lists, in pages of a kilobyte. */
async function written(path: string, form: WriteParquetOptions): Promise<void> {
  const numbers = range(0, ROWS);
  const table = new Table({
    number: vectorFromArray(numbers, new Int32()),
    text: vectorFromArray(numbers.map((number) => `text ${number}`)),
    list: vectorFromArray(numbers.map(listOf), new List(new Field("item", new Int32(), true))),
  });
  // Else consecutive numbers would fit one page.
  const encoding = { number: "plain", text: "plain" } as const;
  const options = { ...form, encoding, dictionary: false, rowGroupRows: GROUP, pageBytes: 1_024 };
  await tableToStream(table).pipeTo(writeParquet(path, { ...options, overwrite: true }));
}

/** How many rows came before the error, if one came; all that came are checked. */
async function read(path: string, options: ScanOptions) {
  let rows = 0;
  let next = options.offset ?? 0;
  try {
    for await (using batch of scanParquet(path, { batchSize: 100, ...options })) {
      const expected = range(next, next + batch.numRows);
      expect(Array.from(batch.getChild("number") ?? expected)).toEqual(expected);
      const texts = batch.getChild("text");
      if (texts) expect(Array.from(texts)).toEqual(expected.map((number) => `text ${number}`));
      const lists = Array.from(batch.getChild("list") ?? [], (list) => Array.from(list));
      if (lists.length > 0) expect(lists).toEqual(expected.map(listOf));
      next += batch.numRows;
      rows += batch.numRows;
    }
    return { rows, error: null };
  } catch (error) {
    if (!(error instanceof CorruptFileError)) throw error;
    return { rows, error };
  }
}

const versions = [1, 2] as const;

/** Scans that come by the damage in the row group 1. */
const scans: readonly ScanOptions[] = [
  {},
  { io: "read" },
  { where: col("number").ge(0) },
  { prune: false, where: col("number").ge(0), columns: ["text", "list"] },
  { offset: 990, limit: 1_500 },
  { offset: 1_990 },
  { rowGroups: [0, 1] },
];

/** Asserts that a damaged file is refused by every scan that comes by the damage in row group 1, and gives no wrong row. */
async function expectRefused(edits: ParquetEdits, column: string, version: 1 | 2) {
  using directory = tempDirectory();
  const [path, damaged] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await written(path, { dataPageVersion: version });
  editParquet(path, damaged, edits);
  for (const options of scans) {
    const { error } = await read(damaged, options);
    expect({ options, error }).toMatchObject({ options, error: { rowGroup: 1, path: damaged } });
    expect(error!.column).toMatch(new RegExp(`^${column}`));
  }
  expect(await read(damaged, { limit: GROUP })).toEqual({ rows: GROUP, error: null });
  const others = ["number", "text", "list"].filter((name) => !column.startsWith(name));
  expect(await read(damaged, { columns: others })).toEqual({ rows: ROWS, error: null });
}

/** The column chunk of a column in row group 1: its metadata. */
function chunkOf(footer: Struct, column: number): Struct {
  return structAt(structsAt(structsAt(footer, 4)[1]!, 1)[column]!, 3);
}

function add(struct: Struct, id: number, count: number): void {
  struct.set(id, integer(Number(integerAt(struct, id)) + count, 5));
}

/** Lets a row group, and the file with it, declare other rows. */
function declareRows(footer: Struct, rowGroup: number, rows: number): void {
  const group = structsAt(footer, 4)[rowGroup]!;
  const more = BigInt(rows) - integerAt(group, 3);
  group.set(3, integer(rows));
  footer.set(3, integer(integerAt(footer, 3) + more));
}

/** Whether a page is the second of a column in row group 1. */
const inner = (column: string) => ({ rowGroup, column: own, index }: EditedPage) =>
  rowGroup === 1 && own.startsWith(column) && index === 1;

for (const version of versions) {
  for (const column of ["number", "list"]) {
    test(`a chunk that lacks a page is refused: version ${version}, ${column}`, async () => {
      const page = (page: EditedPage) => inner(column)(page) ? "leave out" : undefined;
      await expectRefused({ page }, column, version);
    });

    test(`a chunk with a page too many is refused: version ${version}, ${column}`, async () => {
      const page = (page: EditedPage) => inner(column)(page) ? "twice" : undefined;
      await expectRefused({ page }, column, version);
    });

    for (const count of [-1, 1]) {
      test(`a page that declares ${count} values more than it has is refused: version ${version}, ${column}`, async () => {
        const page = (page: EditedPage) => {
          if (!inner(column)(page)) return;
          add(structAt(page.header, version === 1 ? pageFields.data : pageFields.dataV2), 1, count);
        };
        await expectRefused({ page }, column, version);
      });

      test(`a chunk that declares ${count} values more than it has is refused: version ${version}, ${column}`, async () => {
        const place = ["number", "text", "list"].indexOf(column);
        const footer = (footer: Struct) => add(chunkOf(footer, place), 5, count);
        if (column === "list") return await expectRefused({ footer }, column, version);
        // Values of a flat column are rows: this shows in the footer alone.
        using directory = tempDirectory();
        const [path, damaged] = [directory.file("a.parquet"), directory.file("b.parquet")];
        await written(path, { dataPageVersion: version });
        editParquet(path, damaged, { footer });
        expect(await read(damaged, {})).toMatchObject({ rows: 0, error: { rowGroup: 1, column } });
      });
    }
  }

  for (const count of [-1, 1]) {
    test(`a row group of ${count} rows more than its lists is refused: version ${version}`, async () => {
      using directory = tempDirectory();
      const [path, damaged] = [directory.file("a.parquet"), directory.file("b.parquet")];
      await written(path, { dataPageVersion: version });
      editParquet(path, damaged, {
        footer: (footer) => declareRows(footer, 1, GROUP + count),
      });
      const { rows, error } = await read(damaged, { columns: ["list"] });
      expect(rows).toBeLessThan(2 * GROUP);
      expect(error).toMatchObject({ rowGroup: 1 });
      expect(error!.message).toContain(`the footer declares ${GROUP + count} rows`);
      // A count is that of the footer: nothing is decoded for it.
      expect(await scanParquet(damaged).count()).toBe(ROWS + count);
    });
  }
}

test("a file whose row groups have other rows than it declares is not opened", async () => {
  using directory = tempDirectory();
  const [path, damaged] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await written(path, {});
  for (const count of [-1, 1]) {
    editParquet(path, damaged, { footer: (footer) => add(structsAt(footer, 4)[1]!, 3, count) });
    const error = await scanParquet(damaged).count().catch((error) => error);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error.cause).toBe(`it declares ${ROWS} rows, and ${ROWS + count} in its row groups`);
  }
});

test("pages of version 2 that declare other rows than they have are refused", async () => {
  for (const column of ["number", "list"]) {
    const page = (page: EditedPage) => {
      if (inner(column)(page)) add(structAt(page.header, pageFields.dataV2), 3, 1);
    };
    await expectRefused({ page }, column, 2);
  }
});

test("a billion declared rows that are not there end in an error, and in few rows' memory", async () => {
  using directory = tempDirectory();
  const [path, damaged] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await written(path, {});
  const billion = 10 ** 9;
  for (const declared of [billion, 2 ** 53]) {
    editParquet(path, damaged, {
      footer(footer) {
        declareRows(footer, 2, declared);
        structsAt(structsAt(footer, 4)[2]!, 1).slice(0, 2).forEach((chunk) =>
          structAt(chunk, 3).set(5, integer(declared))
        );
      },
    });
    expect(await scanParquet(damaged).count()).toBe(declared + 2 * GROUP);
    const options = { columns: ["number", "text"] };
    expect(await read(damaged, { ...options, limit: 2 * GROUP })).toEqual({
      rows: 2 * GROUP,
      error: null,
    });
    for (
      const more of [{}, { where: col("number").lt(2_500) }, { offset: 2_500 }, {
        offset: billion - 1,
      }]
    ) {
      const { error } = await read(damaged, { ...options, memoryLimit: "16MB", ...more });
      expect({ more, error }).toMatchObject({ more, error: { rowGroup: 2 } });
    }
  }
});
