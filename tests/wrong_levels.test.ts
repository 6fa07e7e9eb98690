import { expect } from "@std/expect";
import { Field, Int32, List, Struct, Table, vectorFromArray } from "apache-arrow";
import {
  col,
  CorruptFileError,
  type ScanOptions,
  scanParquet,
  tableToStream,
  UnsupportedFeatureError,
  writeParquet,
} from "spillway";
import { editParquet, pageFields, type ParquetEdits } from "./support/edit_parquet.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { integer, structAt } from "./support/thrift.ts";

const pair = new Struct<{ a: Int32; b: Int32 }>([
  new Field("a", new Int32(), true),
  new Field("b", new Int32(), true),
]);
const two = [{ a: 1, b: -1 }, { a: 2, b: -2 }];

/** Writes a number beside a list of structs that has two elements in the first row and one in the second, with changes. */
async function written(
  directory: ReturnType<typeof tempDirectory>,
  edits: ParquetEdits,
): Promise<string> {
  const [sound, changed] = [directory.file("sound.parquet"), directory.file("changed.parquet")];
  const table = new Table({
    number: vectorFromArray([7, null], new Int32()),
    list: vectorFromArray([two, two.slice(1)], new List(new Field("item", pair, true))),
  });
  const options = { compression: "none", dictionary: false } as const;
  await tableToStream(table).pipeTo(writeParquet(sound, options));
  editParquet(sound, changed, edits);
  return changed;
}

/** How many rows a scan gives. */
async function rows(path: string, options: ScanOptions): Promise<number> {
  let rows = 0;
  for await (using batch of scanParquet(path, options)) rows += batch.numRows;
  return rows;
}

const scans: readonly ScanOptions[] = [
  {},
  { batchSize: 1 },
  { where: col("number").eq(7) },
  { io: "read", columns: ["list"] },
];

test("lists that are longer in one column of their structs than in another are refused", async () => {
  using directory = tempDirectory();
  // Three repetition levels in one packed group: 0 1 0, and in one of the columns 0 0 1.
  const path = await written(directory, {
    page(page) {
      if (!page.column.endsWith("b")) return;
      expect([...page.body.subarray(0, 6)]).toEqual([2, 0, 0, 0, 3, 0b010]);
      page.body[5] = 0b100;
    },
  });
  for (const options of scans) {
    const error = await rows(path, options).catch((error) => error);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(String(error.cause)).toContain("contradict each other in row 0");
  }
  expect(await rows(path, { columns: ["number"] })).toBe(2);
  expect(await rows(path, { columns: ["list.a"] })).toBe(2);
});

test("levels that are packed without runs are refused", async () => {
  using directory = tempDirectory();
  const path = await written(directory, {
    page({ column, header }) {
      const definitions = 3;
      if (column === "number") structAt(header, pageFields.data).set(definitions, integer(4, 5));
    },
  });
  for (const options of scans.slice(0, 3)) {
    const error = await rows(path, options).catch((error) => error);
    expect(error).toBeInstanceOf(UnsupportedFeatureError);
    expect(error).toMatchObject({ column: "number", rowGroup: 0, path });
    expect(error.message).toContain("packed without runs");
  }
  expect(await rows(path, { columns: ["list"] })).toBe(2);
});
