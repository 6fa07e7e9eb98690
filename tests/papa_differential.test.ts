import { expect } from "@std/expect";
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { type CsvScanOptions, MalformedDataError, scanCsv } from "spillway";
import { textRows } from "./support/csv_rows.ts";
import { type CsvManner, csvText } from "./support/csv_text.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { nastyTexts } from "./support/nasty_csv.ts";
import { papaCells, type PapaDialect } from "./support/papa_parse.ts";

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

type Cells = string[][];

/** Cells as this library reads them; Papa Parse knows no null, and has empty texts. */
async function ownCells(text: string | Uint8Array, options: CsvScanOptions = {}): Promise<Cells> {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  writeFileSync(path, text);
  const rows = await textRows(scanCsv(path, { infer: false, header: false, ...options }));
  return rows.map((row) => row.map((cell) => cell ?? ""));
}

for (const [name, text] of Object.entries(nastyTexts)) {
  test(`a file with ${name} has the cells that Papa Parse finds`, async () => {
    const { rows, errors } = papaCells(text);
    expect({ rows: await ownCells(text), errors }).toEqual({ rows, errors: [] });
  });
}

/** Texts in other dialects, and what both are told of them. */
const dialects: Readonly<Record<string, readonly [string, CsvScanOptions, PapaDialect]>> = {
  "tabs": ['a\tb\n1\t"2\t3"\n', { delimiter: "\t" }, { delimiter: "\t" }],
  "semicolons": ['a;b\n1,5;";"\n', { delimiter: ";" }, { delimiter: ";" }],
  "bars": ["a|b\n|\nx|y", { delimiter: "|" }, { delimiter: "|" }],
  "apostrophes": ["a,b\n'1,2','it''s'\n\"x\",y\n", { quote: "'" }, { quoteChar: "'" }],
  "comments": ['#x\na,b\n# "y\n1,#2\n"#3",4\n#', { comment: "#" }, { comments: "#" }],
  "escaped quotes": ['a,b\n"x \\"y\\"",z\n', { escape: "\\" }, { escapeChar: "\\" }],
  "CR alone": ['a,b\r1,"x\ry"\r', {}, { newline: "\r" }],
};

for (const [name, [text, options, dialect]] of Object.entries(dialects)) {
  test(`a file with ${name} has the cells that Papa Parse finds, told the same`, async () => {
    const { rows, errors } = papaCells(text, dialect);
    expect({ rows: await ownCells(text, options), errors }).toEqual({ rows, errors: [] });
  });
}

test("bytes that are no UTF-8 are replaced as by the decoder that Papa Parse relies on", async () => {
  const bytes = Uint8Array.of(97, 44, 98, 10, 0xe4, 44, 0xf0, 0x9f, 0x8c, 10, 0xff, 0xfe, 44, 120);
  const { rows } = papaCells(new TextDecoder().decode(bytes));
  expect(await ownCells(bytes, { encodingErrors: "replace" })).toEqual(rows);
  await expect(ownCells(bytes)).rejects.toThrow(MalformedDataError);
});

test("numbers with a decimal comma are those that cells of Papa Parse stand for", async () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n};"${n},${n % 8}";-0,${n}e3\n`);
  const text = `a;b;c\n${lines.join("")}`;
  const { rows: [names, ...rows] } = papaCells(text, { delimiter: ";" });
  using directory = tempDirectory();
  writeFileSync(directory.file("a.csv"), text);
  const found: unknown[] = [];
  const options: CsvScanOptions = { delimiter: ";", decimalComma: true };
  for await (using batch of scanCsv(directory.file("a.csv"), options)) {
    for (const row of batch) found.push(names!.map((name) => Number(row[name])));
  }
  expect(found).toEqual(rows.map((row) => row.map((cell) => Number(cell.replace(",", ".")))));
});

test("rows of other lengths are those of Papa Parse, filled or cut to the first row's", async () => {
  const text = 'a,b,c\n1\n2,3\n4,5,6\n7,8,9,10\n"",,\n"x\ny","z"\n';
  const fitted = (cells: Cells) => cells.map((row) => [0, 1, 2].map((at) => row[at] ?? ""));
  const { rows, errors } = papaCells(text);
  expect(errors).toEqual([]);
  expect(await ownCells(text, { raggedRows: "truncate" })).toEqual(fitted(rows));
  await expect(ownCells(text, { raggedRows: "fill" })).rejects.toThrow(MalformedDataError);
  await expect(ownCells(text)).rejects.toThrow(MalformedDataError);
});

/** What the two read otherwise, each with the reason why it stays so. */
const differences: Readonly<
  Record<string, { text: string; options?: CsvScanOptions; own: Cells | "error"; papa: Cells }>
> = {
  // Papa Parse tells one kind of line break from the beginning, and has the others in cells.
  "mixed line breaks": {
    text: "a,b\r\n1,2\r\n3,4\n5,6\r\n",
    own: [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]],
    papa: [["a", "b"], ["1", "2"], ["3", "4\n5", "6"]],
  },
  // A line with a quoted empty text is a row: of a table of one column it could not be told else.
  "quoted empty cells of a lone column": {
    text: 'a\n""\n\nb\n',
    own: [["a"], [""], ["b"]],
    papa: [["a"], ["b"]],
  },
  // Papa Parse says that the quotes are wrong, and takes the delimiter for a part of the text.
  "text behind a closing quote": {
    text: 'a,b\n"1"x,2\n',
    own: [["a", "b"], ["1x", "2"]],
    papa: [["a", "b"], ['1"x,2\n']],
  },
  // Papa Parse says so in its errors, and gives what it has.
  "a quote that nothing closes": {
    text: 'a,b\n1,"2\n3,4\n',
    own: "error",
    papa: [["a", "b"], ["1", "2\n3,4\n"]],
  },
  // Papa Parse takes spaces between a closing quote and a delimiter for nothing.
  "spaces behind a closing quote": {
    text: 'a,b\n"1" ,2\n',
    own: [["a", "b"], ["1 ", "2"]],
    papa: [["a", "b"], ["1", "2"]],
  },
};

for (const [name, { text, options, own, papa }] of Object.entries(differences)) {
  test(`${name} are read otherwise than by Papa Parse, as is said here`, async () => {
    expect(papaCells(text).rows).toEqual(papa);
    if (own === "error") await expect(ownCells(text, options)).rejects.toThrow(MalformedDataError);
    else expect(await ownCells(text, options)).toEqual(own);
  });
}

const anyCell = fc.oneof(
  fc.constantFrom("", '"', ",", "\n", "\r\n", "\r", "a", " ", "ä", "\u{1f30a}", "#", "\\", "\0"),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.array(fc.constantFrom('"', ",", ";", "\n", "\r", "x", "é"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

const anyManner: fc.Arbitrary<CsvManner & { readonly lineBreak: "\n" | "\r" | "\r\n" }> = fc.record(
  {
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    lineBreak: fc.constantFrom("\n", "\r\n", "\r"),
    quoteAll: fc.boolean(),
    lastBreak: fc.boolean(),
  },
);

test("any table that is written has the cells that Papa Parse finds", async () => {
  const anyTable = fc.integer({ min: 2, max: 5 }).chain((columns) =>
    fc.array(fc.array(anyCell, { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 40,
    })
  );
  const property = fc.asyncProperty(anyTable, anyManner, async (cells, manner) => {
    const { delimiter, lineBreak: newline } = manner;
    const text = csvText(cells, manner);
    const { rows, errors } = papaCells(text, { delimiter, newline });
    expect(errors).toEqual([]);
    expect(await ownCells(text, { delimiter })).toEqual(rows);
  });
  await fc.assert(property, { seed, numRuns: 60 });
});

test("any text that Papa Parse finds nothing wrong with has its cells", async () => {
  const anyText = fc.array(fc.constantFrom(...'"",,\n\nax1;'), { minLength: 1, maxLength: 60 })
    .map((characters) => characters.join(""));
  let compared = 0;
  const property = fc.asyncProperty(anyText, async (text) => {
    const { rows: [first, ...rest], errors } = papaCells(text, { newline: "\n" });
    if (first === undefined || errors.length > 0) return;
    // A line of a quoted empty text alone is the difference above.
    if (/^""$/m.test(text)) return;
    const fitted = [first, ...rest].map((row) => first.map((_, at) => row[at] ?? ""));
    expect(await ownCells(text, { raggedRows: "truncate" })).toEqual(fitted);
    compared++;
  });
  await fc.assert(property, { seed, numRuns: 300 });
  expect(compared).toBeGreaterThan(20);
});
