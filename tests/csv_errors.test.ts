import { expect } from "@std/expect";
import { Float64, Int64 } from "apache-arrow";
import { writeFileSync } from "node:fs";
import {
  type CsvScanOptions,
  MalformedDataError,
  MemoryLimitError,
  scanCsv,
  UnknownColumnError,
} from "spillway";
import { tempDirectory, test } from "./support/harness.ts";

/** The error of reading a text, and the path that it was read from. */
async function failure(text: string | Uint8Array, options?: CsvScanOptions) {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  writeFileSync(path, text);
  const error: unknown = await scanCsv(path, options).collect().then(() => null, (error) => error);
  return { error, path };
}

async function malformed(text: string | Uint8Array, options?: CsvScanOptions) {
  const { error, path } = await failure(text, options);
  expect(error).toBeInstanceOf(MalformedDataError);
  const { message, line, column, path: told } = error as MalformedDataError;
  expect(told).toBe(path);
  return { message, line, column };
}

test("a bad cell is told with its line, its column and its text", async () => {
  const types = { n: new Int64() };
  const told = await malformed('t,n\n"two\r\nlines",1\n\nx,12a\n', { types });
  expect(told).toMatchObject({ line: 5, column: "n" });
  expect(told.message).toContain("'12a'");
  const long = await malformed(`n\n${"9".repeat(150)}\n`, { types });
  expect(long.message).toContain(`'${"9".repeat(100)}…'`);
});

test("a bad cell far behind the sample is told with its line", async () => {
  const lines = Array.from({ length: 200_000 }, (_, row) => `${row},"a\nb",x\n`);
  lines[150_000] = "150000,q,y\n15x,q,y\n";
  const told = await malformed("n,t,u\n" + lines.join(""));
  expect(told).toMatchObject({ line: 2 + 150_000 * 2 + 1, column: "n" });
  expect(told.message).toContain("'15x'");
});

test("spaces around numbers are no part of them", async () => {
  for (const cell of [" 1", "1 ", "1\t", "1e400"]) {
    expect(await malformed(`n\n${cell}\n`, { types: { n: new Float64() } })).toMatchObject({
      line: 2,
      column: "n",
    });
  }
});

test("a ragged row is told with its line and both counts", async () => {
  const told = await malformed('a,b\n"1\n",2\n3\n');
  expect(told.line).toBe(4);
  expect(told.message).toContain("1 cell for 2 columns");
  expect((await malformed("a,b\n1,2,3\n")).message).toContain("3 cells for 2 columns");
});

test("quotes that nothing closes are told with the line that they open in", async () => {
  const rows = "1,2\n".repeat(1000);
  expect((await malformed(`a,b\n${rows}3,"x\n${rows}`)).line).toBe(1002);
});

test("a quote that nothing closes is no reason to hold more than the limit", async () => {
  const { error } = await failure(`a,b\n1,"x\n${"2,y\n".repeat(1_000_000)}`, {
    memoryLimit: "1MB",
  });
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(error).toMatchObject({ line: 2 });
});

test("bytes that are no UTF-8 are told with their line", async () => {
  const text = new TextEncoder().encode("a,b\nx,y\n");
  const bytes = new Uint8Array([...text, 0x7a, 0x2c, 0xc3, 0x0a]);
  expect((await malformed(bytes)).line).toBe(3);
});

test("a header that names a column twice is an error", async () => {
  expect(await malformed("\na,b,a\n1,2,3\n")).toMatchObject({ line: 2, column: "a" });
});

test("bad cells may be null, and are counted", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  writeFileSync(path, "a,b\n1,2\nx,3\n4,y\n");
  const stream = scanCsv(path, { infer: { rows: 1 }, onBadCell: "null" });
  const table = await stream.collect();
  expect(Array.from(table.getChild("a")!)).toEqual([1n, null, 4n]);
  expect(Array.from(table.getChild("b")!)).toEqual([2n, 3n, null]);
  expect(stream.stats().nulledValues).toBe(2);
});

test("a type for a column that there is not is an error that knows the near one", async () => {
  const { error } = await failure("price\n1\n", { types: { prise: new Int64() } });
  expect(error).toBeInstanceOf(UnknownColumnError);
  expect((error as UnknownColumnError).suggestions).toEqual(["price"]);
});

test("an empty file has no header", async () => {
  const { error } = await failure("");
  expect(String(error)).toContain("there is no line");
});

test("options that can't be are refused before a file is opened", () => {
  const scan = (options: object) => () => scanCsv("absent.csv", options as CsvScanOptions);
  expect(scan({ delimiter: ";;" })).toThrow(RangeError);
  expect(scan({ delimiter: "ä" })).toThrow(RangeError);
  expect(scan({ quote: "," })).toThrow(RangeError);
  expect(scan({ comment: "\n" })).toThrow(RangeError);
  expect(scan({ decimalComma: true })).toThrow(RangeError);
  expect(scan({ decimalComma: true, delimiter: ";" })).not.toThrow();
  expect(scan({ delimiter: 3 })).toThrow(TypeError);
  expect(scan({ header: "a" })).toThrow(TypeError);
  expect(scan({ header: ["a", "a"] })).toThrow(TypeError);
  expect(scan({ raggedRows: "skip" })).toThrow(TypeError);
  expect(scan({ infer: true })).toThrow(TypeError);
  expect(scan({ infer: { rows: 0 } })).toThrow(RangeError);
  expect(scan({ types: { a: "Int64" } })).toThrow(TypeError);
  expect(scan({ skipRows: -1 })).toThrow(RangeError);
  expect(scan({ delimeter: ";" })).toThrow("Did you mean delimiter?");
});
