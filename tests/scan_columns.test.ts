import { expect } from "@std/expect";
import { type ScanOptions, scanParquet, UnknownColumnError } from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { expectSequences, pointOf, sequenceColumns, sum } from "./support/sequence.ts";

/** The fixture `names` has ten rows; values are the row plus 100 times this number. */
const NAMES = { id: 0, ID: 1, "a.b": 2, "with space": 3, "straße 水": 4, "": 5 } as const;

async function read(name: string, options: ScanOptions): Promise<Record<string, PlainValue[]>> {
  return columnsOf(await Array.fromAsync(scanParquet(fixture(name), options)));
}

async function schemaNames(name: string, options: ScanOptions): Promise<string[]> {
  const stream = scanParquet(fixture(name), options);
  const names = (await stream.schema()).fields.map((field) => field.name);
  await stream.cancel();
  return names;
}

function tens(hundreds: number): bigint[] {
  return Array.from({ length: 10 }, (_, row) => BigInt(hundreds * 100 + row));
}

test("all columns come in the file's order unless some are named", async () => {
  expect(await schemaNames("sequence", {})).toEqual(sequenceColumns);
});

test("columns come in the order in which they are named, with their own values", async () => {
  const columns = ["price", "id", "flag"];
  expect(await schemaNames("sequence", { columns })).toEqual(columns);
  const sizes = await expectSequences(scanParquet(fixture("sequence"), { columns }));
  expect(sum(sizes)).toBe(100_000);
});

test("every column can be read alone", async () => {
  for (const column of sequenceColumns) {
    expect(await schemaNames("sequence", { columns: [column] })).toEqual([column]);
    const stream = scanParquet(fixture("sequence"), { columns: [column], limit: 12_000 });
    expect(sum(await expectSequences(stream))).toBe(12_000);
  }
});

test("a column among many is read without the others", async () => {
  const columns = ["c499", "c0", "c250"];
  const { c499, c0, c250, ...others } = await read("wide", { columns });
  expect(others).toEqual({});
  const from = (start: number) => Array.from({ length: 20 }, (_, row) => BigInt(start + row));
  expect([c499, c0, c250]).toEqual([from(49_900), from(0), from(25_000)]);
});

test("hundreds of columns come at once", async () => {
  const columns = await read("wide", { batchSize: 7 });
  expect(Object.keys(columns)).toEqual(Array.from({ length: 500 }, (_, at) => `c${at}`));
  expect(Object.values(columns).every((values, at) => values[19] === BigInt(at * 100 + 19)))
    .toBe(true);
});

test("a path reads one field of a struct, and keeps the struct around it", async () => {
  const options = { columns: ["point.x", "id"], offset: 10_005, limit: 3 };
  const { point, id } = await read("sequence", options);
  expect(await schemaNames("sequence", options)).toEqual(["point", "id"]);
  expect(point).toEqual([{ x: 10_005n }, { x: 10_006n }, { x: 10_007n }]);
  expect(id).toEqual([10_005n, 10_006n, 10_007n]);
});

test("a path reads a field of a struct in a struct", async () => {
  const { point } = await read("sequence", { columns: ["point.in.word"], offset: 8, limit: 4 });
  expect(point).toEqual(["w8", "w9", "w0", "w1"].map((word) => ({ in: { word } })));
});

test("paths into the same struct are read together", async () => {
  const { point } = await read("sequence", { columns: ["point.in", "point.x"], limit: 2 });
  expect(point).toEqual([pointOf(0), pointOf(1)]);
});

test("a struct that is named whole and by a path is read whole", async () => {
  const { point } = await read("sequence", { columns: ["point.x", "point"], limit: 2 });
  expect(point).toEqual([pointOf(0), pointOf(1)]);
});

test("upper and lower case differ", async () => {
  expect(await read("names", { columns: ["ID", "id"] })).toEqual({ ID: tens(1), id: tens(0) });
});

test("names may hold dots, spaces, any letters, or nothing", async () => {
  for (const [name, hundreds] of Object.entries(NAMES)) {
    expect(await read("names", { columns: [name] })).toEqual({ [name]: tens(hundreds) });
  }
});

test("a path goes through names that hold dots", async () => {
  expect(await read("names", { columns: ["a.c.d"] }))
    .toEqual({ a: tens(7).map((value) => ({ "c.d": value })) });
  const { a } = await read("names", { columns: ["a"] });
  expect(a![3]).toEqual({ b: 603n, "c.d": 703n });
});

test("a row index may not take the name of a column", async () => {
  const stream = scanParquet(fixture("sequence"), { rowIndex: "id" });
  await expect(stream.schema()).rejects.toThrow(RangeError);
});

test("an unknown column is named in the error, with those that are near", async () => {
  for (const [column, near] of [["prize", "price"], ["ide", "id"], ["point.y", "point.x"]]) {
    const stream = scanParquet(fixture("sequence"), { columns: ["id", column!] });
    const error = await stream.getReader().read().catch((reason) => reason);
    expect(error).toBeInstanceOf(UnknownColumnError);
    expect(error).toMatchObject({ code: "UNKNOWN_COLUMN", column, path: fixture("sequence") });
    expect(error.suggestions).toContain(near);
    expect(error.message).toContain(near);
  }
});
