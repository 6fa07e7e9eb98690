import { expect } from "@std/expect";
import {
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { col, type CsvScanOptions, scanCsv } from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import { rowsOf } from "./support/rows_of.ts";

/** The schema and the rows of a text, as JSON. */
async function read(text: string | Uint8Array, options?: CsvScanOptions) {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  writeFileSync(path, text);
  const schema = await scanCsv(path, options).schema();
  const types = schema.fields.map(({ name, type }) => `${name}: ${type}`);
  return { types, rows: await rowsOf(scanCsv(path, options)) };
}

test("types are told from the values", async () => {
  const text = "id,big,price,open,day,at,zoned,code,none\r\n" +
    "1,9223372036854775808,1.5,true,2024-01-02,2024-01-02T03:04:05.25,2024-01-02T03:04:05+01:00,007,\r\n" +
    '-2,,1e3,FALSE,1969-12-31,2024-01-02,1970-01-01T00:00:00Z,"",\r\n';
  const { types, rows } = await read(text);
  expect(types).toEqual([
    "id: Int64",
    "big: Decimal[38e0]",
    "price: Float64",
    "open: Bool",
    "day: Date32<DAY>",
    "at: Timestamp<MICROSECOND>",
    "zoned: Timestamp<MICROSECOND, UTC>",
    "code: Utf8",
    "none: Utf8",
  ]);
  expect(rows).toHaveLength(2);
  expect(rows[1]).toContain('"id":"-2n"');
  expect(rows[1]).toContain('"big":null,"price":1000,"open":false');
  expect(rows[1]).toContain('"code":"","none":null');
});

test("integers are never rounded", async () => {
  const { types, rows } = await read("a,b\n9007199254740993,1\n9007199254740992,0.5\n");
  expect(types).toEqual(["a: Int64", "b: Float64"]);
  expect(rows[0]).toBe('{"a":"9007199254740993n","b":1}');
  const mixed = await read("a\n9007199254740993\n0.5\n");
  expect(mixed).toEqual({ types: ["a: Utf8"], rows: ['{"a":"9007199254740993"}', '{"a":"0.5"}'] });
});

test("types are text where none are inferred, and days where that is not asked for", async () => {
  const text = "a,b\n1,2024-01-02\n";
  expect((await read(text, { infer: false })).types).toEqual(["a: Utf8", "b: Utf8"]);
  expect((await read(text, { infer: { dates: false } })).types).toEqual(["a: Int64", "b: Utf8"]);
});

test("types of some columns may be given", async () => {
  const types: Record<string, DataType> = {
    id: new Int32(),
    price: new Decimal(2, 9, 128),
    at: new TimestampMicrosecond(),
  };
  const read = await readTypes("id,price,at,n\n007,1.50,2024-01-02,5\n", { types });
  expect(read).toEqual(["Int32", "Decimal[9e+2]", "Timestamp<MICROSECOND>", "Int64"]);
});

async function readTypes(text: string, options: CsvScanOptions): Promise<string[]> {
  return (await read(text, options)).types.map((type) => type.slice(type.indexOf(" ") + 1));
}

test("a schema has all columns, by the names of the header or without one", async () => {
  const schema = new Schema([
    new Field("a", new Int64(), false),
    new Field("b", new Utf8(), true),
  ]);
  const rows = ['{"a":"1n","b":"2"}'];
  expect((await read("a,b\n1,2\n", { schema })).rows).toEqual(rows);
  expect((await read("1,2\n", { schema, header: false })).rows).toEqual(rows);
  await expect(read("a,c\n1,2\n", { schema })).rejects.toThrow(
    "its column 2 is 'b' there and 'c' in the header",
  );
});

test("names come from the header, from a list or from numbers", async () => {
  const names = async (options: CsvScanOptions) =>
    (await read("x,\n1,2\n", options)).types.map((type) => type.split(":")[0]);
  expect(await names({})).toEqual(["x", "column_2"]);
  expect(await names({ header: false })).toEqual(["column_1", "column_2"]);
  expect(await names({ header: ["p", "q"] })).toEqual(["p", "q"]);
  expect((await read("x,y\n1,2\n", { header: ["p", "q"], skipRows: 1 })).rows).toEqual([
    '{"p":"1n","q":"2n"}',
  ]);
});

test("delimiters, quotes, escapes and comments are options", async () => {
  const text = "# made 'today'\na;b\n'x;''y''';1\n# a;'\n'\\';z';2\n";
  const options: CsvScanOptions = { delimiter: ";", quote: "'", escape: "\\", comment: "#" };
  expect((await read(text, options)).rows).toEqual([
    `{"a":"x;'y'","b":"1n"}`,
    `{"a":"';z","b":"2n"}`,
  ]);
  expect((await read('a\tb\n"x\t1\n', { delimiter: "\t", quote: null })).rows).toEqual([
    `{"a":"\\"x","b":"1n"}`,
  ]);
});

test("null values, trimming and decimal commas are options", async () => {
  const text = 'a;b\n 1,5 ;NA\n-;" NA "\n';
  const options: CsvScanOptions = {
    delimiter: ";",
    trim: true,
    decimalComma: true,
    nullValues: ["NA", "-"],
  };
  expect((await read(text, options)).rows).toEqual([
    '{"a":1.5,"b":null}',
    '{"a":null,"b":" NA "}',
  ]);
});

test("days and points of time may be written in other ways", async () => {
  const { types, rows } = await read("day,at\n31.12.2024,12/31/2024 23:59:58.25\n", {
    dateFormat: "%d.%m.%Y",
    timestampFormat: "%m/%d/%Y %H:%M:%S%.f",
  });
  expect(types).toEqual(["day: Date32<DAY>", "at: Timestamp<MICROSECOND>"]);
  expect(rows).toEqual([`{"day":${Date.UTC(2024, 11, 31)},"at":1735689598250}`]);
  const given = { types: { day: new DateDay() }, dateFormat: "%Y%m%d" };
  expect((await read("day\n19700102\n", given)).rows).toEqual([`{"day":86400000}`]);
});

test("ragged rows may be filled or truncated", async () => {
  const text = "a,b\n1\n2,3,4\n";
  expect((await read(text, { raggedRows: "truncate" })).rows).toEqual([
    '{"a":"1n","b":null}',
    '{"a":"2n","b":"3n"}',
  ]);
  await expect(read(text, { raggedRows: "fill" })).rejects.toThrow("line 3");
});

test("blank lines are skipped unless they are rows", async () => {
  const rows = async (skipBlankLines: boolean) =>
    (await read("a\n\nx\r\n\r\n", { skipBlankLines })).rows;
  expect(await rows(true)).toEqual(['{"a":"x"}']);
  expect(await rows(false)).toEqual(['{"a":null}', '{"a":"x"}', '{"a":null}']);
});

test("bytes that are no UTF-8 may be replaced", async () => {
  const bytes = Uint8Array.from([0x61, 0x0a, 0xff, 0x78, 0x0a]);
  await expect(read(bytes)).rejects.toThrow("line 2");
  expect((await read(bytes, { encodingErrors: "replace" })).rows).toEqual(['{"a":"\u{fffd}x"}']);
});

test("columns, predicates, limits and offsets are those of a plain filter", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  const count = 50_000;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const line = (number: number) =>
    `${number},"text\n${number % 7}",${number % 10 === 0 ? "" : number / 4}\n`;
  writeFileSync(path, "number,text,quarter\n" + numbers.map(line).join(""));
  const numbersOf = async (options: CsvScanOptions) => {
    const table = await scanCsv(path, options).collect();
    return Array.from(table.getChild("number")!, Number);
  };
  expect(await numbersOf({})).toEqual(numbers);
  expect(await numbersOf({ memoryLimit: "1MB", io: "read" })).toEqual(numbers);
  const wanted = numbers.filter((number) => number % 7 === 3 && number % 10 !== 0);
  const where = col("text").eq("text\n3").and(col("quarter").isNotNull());
  expect(await numbersOf({ where, columns: ["number"] })).toEqual(wanted);
  expect(await numbersOf({ where, offset: 5, limit: 1000 })).toEqual(wanted.slice(5, 1005));
  expect(await numbersOf({ columns: ["quarter", "number"], offset: count - 3, limit: 9 }))
    .toEqual(numbers.slice(-3));
  expect(await scanCsv(path, { where }).count()).toBe(wanted.length);
  const table = await scanCsv(path, { columns: ["quarter", "number"], limit: 1 }).collect();
  expect(table.schema.fields.map((field) => [field.name, String(field.type)])).toEqual([
    ["quarter", String(new Float64())],
    ["number", String(new Int64())],
  ]);
});

test("many files are one stream, if their headers are the same", async () => {
  using directory = tempDirectory();
  const paths = [0, 1, 2].map((index) => {
    const path = directory.file(`${index}.csv`);
    writeFileSync(path, `n,t\n${index},x\n${index + 10},"y\n"\n`);
    return path;
  });
  const table = await scanCsv(paths).collect();
  expect(Array.from(table.getChild("n")!, Number)).toEqual([0, 10, 1, 11, 2, 12]);
  expect(await scanCsv(directory.path).count()).toBe(6);
  const other = directory.file("3.csv");
  writeFileSync(other, "n,u\n1,x\n");
  const error = await scanCsv([paths[0]!, other]).collect().then(() => null, (error) => error);
  expect(String(error)).toContain(other);
  expect(String(error)).toContain(paths[0]!);
});

test("compressed files are read by their names or as told", async () => {
  using directory = tempDirectory();
  const half = (from: number) => gzipSync(`${from}\n${from + 1}\n`);
  const bytes = Buffer.concat([gzipSync("n\n"), half(1), half(3)]);
  const named = directory.file("a.csv.gz");
  const unnamed = directory.file("b");
  writeFileSync(named, bytes);
  writeFileSync(unnamed, bytes);
  for (const stream of [scanCsv(named), scanCsv(unnamed, { compression: "gzip" })]) {
    const table = await stream.collect();
    expect(Array.from(table.getChild("n")!, Number)).toEqual([1, 2, 3, 4]);
  }
});
