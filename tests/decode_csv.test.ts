import { expect } from "@std/expect";
import { writeFileSync } from "node:fs";
import { type CsvDecodeOptions, decodeCsv, MalformedDataError, scanCsv } from "spillway";
import { textRows } from "./support/csv_rows.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { rowsOf } from "./support/rows_of.ts";

/** A stream of these pieces of bytes. */
function bytesOf(pieces: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces);
}

const encode = (text: string) => new TextEncoder().encode(text);

const nasty = '\u{feff}naïve,"b ""b"""\r\n"ä\r\n",1\r\n"",\r\n\n\u{1f30a},"x""\n"\r\n,"';

test("chunks may end anywhere, also within a character, quotes or a line break", async () => {
  const bytes = encode(`${nasty}"`);
  const expected = [["ä\r\n", "1"], ["", null], ["\u{1f30a}", 'x"\n'], [null, ""]];
  for (let size = 1; size <= bytes.length; size++) {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
    const decoded = bytesOf(pieces).pipeThrough(decodeCsv({ infer: false }));
    expect({ size, rows: await textRows(decoded) }).toEqual({ size, rows: expected });
  }
});

test("a larger text in chunks of any size has the rows that a scan has", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  const lines = Array.from({ length: 30_000 }, (_, row) => `${row},"ä\n${row}",${row / 8}\n`);
  const bytes = encode("n,t,e\n" + lines.join(""));
  writeFileSync(path, bytes);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 65_537 + 1) {
    pieces.push(bytes.slice(at, at + size));
  }
  const decoded = bytesOf(pieces).pipeThrough(decodeCsv());
  expect(await rowsOf(decoded)).toEqual(await rowsOf(scanCsv(path)));
});

test("a response of bytes is read as rows", async () => {
  const response = new Response("a,b\n1,x\n");
  expect(await rowsOf(response.body!.pipeThrough(decodeCsv()))).toEqual(['{"a":"1n","b":"x"}']);
});

test("a bad cell is told with its line", async () => {
  const read = async (text: string, options?: CsvDecodeOptions) => {
    const decoded = bytesOf([encode(text)]).pipeThrough(decodeCsv(options));
    return await rowsOf(decoded).then(() => null, (error: unknown) => error);
  };
  const infer = { rows: 1 };
  const error = await read("a\n1\n\nx\n", { infer });
  expect(error).toBeInstanceOf(MalformedDataError);
  expect(error).toMatchObject({ line: 4, column: "a", path: null });
  expect(await read(nasty)).toMatchObject({ code: "MALFORMED_DATA", line: 8 });
  expect(await read("a\n1\n\nx\n", { infer, onBadCell: "null" })).toBeNull();
});
