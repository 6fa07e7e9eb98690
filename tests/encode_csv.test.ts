import { expect } from "@std/expect";
import {
  Bool,
  DateDay,
  Float64,
  Int32,
  Int64,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  type RecordBatch,
  TimeMillisecond,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import {
  encodeCsv,
  type EncodeCsvOptions,
  type FileCompression,
  UnsupportedFeatureError,
  writeCsv,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { csvCells } from "./support/csv_cells.ts";
import { encoded, encodedText } from "./support/encoded.ts";
import { test } from "./support/harness.ts";
import { sinkTest } from "./support/sink_test.ts";

const text = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
const numbers = (values: readonly (number | null)[]) => vectorFromArray(values, new Int32());

const plain = batchOf({ n: numbers([1, null, -3]), word: text(["a", "", null]) });

async function expectText(
  expected: string,
  options: EncodeCsvOptions = {},
  batches: readonly RecordBatch[] = [plain],
): Promise<void> {
  expect(await encodedText(batches, encodeCsv(options))).toBe(expected);
}

test("a null is an empty cell, and an empty text is quoted", async () => {
  await expectText('n,word\n1,a\n,""\n-3,\n');
});

test("the header is written once, also without rows, or not at all", async () => {
  await expectText('n,word\n1,a\n,""\n-3,\n1,a\n,""\n-3,\n', {}, [plain, plain]);
  await expectText('1,a\n,""\n-3,\n', { header: false });
  await expectText("n,word\n", {}, [plain.slice(0, 0)]);
  await expectText("", { header: false }, [plain.slice(0, 0)]);
});

test("a header's names are quoted as cells are", async () => {
  const batch = batchOf({ "a,b": numbers([1]), 'the "x"': numbers([2]), "": numbers([3]) });
  await expectText('"a,b","the ""x""",""\n1,2,3\n', {}, [batch]);
});

test("delimiters, quotes and line endings are those asked for", async () => {
  await expectText('n;word\n1;a\n;""\n-3;\n', { delimiter: ";" });
  await expectText('n\tword\r\n1\ta\r\n\t""\r\n-3\t\r\n', { delimiter: "\t", lineEnding: "\r\n" });
  await expectText("n,word\n1,a\n,''\n-3,\n", { quote: "'" });
});

const special = [
  "a,b",
  'say "x"',
  "two\nlines",
  "cr\rend",
  "a;b",
  "it's",
  "back\\slash",
  " a ",
];

test("what would be read as something else is quoted, and quotes within are doubled", async () => {
  const batch = batchOf({ t: text(special), n: numbers([0, 1, 2, 3, 4, 5, 6, 7]) });
  await expectText(
    't,n\n"a,b",0\n"say ""x""",1\n"two\nlines",2\n"cr\rend",3\na;b,4\nit\'s,5\nback\\slash,6\n a ,7\n',
    {},
    [batch],
  );
  for (
    const dialect of [
      {},
      { escape: "\\" },
      { quote: "'", delimiter: ";" },
      { quote: "'", escape: "^", delimiter: "|", lineEnding: "\r\n" },
    ] as const
  ) {
    const cells = csvCells(await encodedText([batch], encodeCsv(dialect)), dialect);
    expect(cells.slice(1).map(([cell]) => cell![0])).toEqual(special);
  }
  await expectText('t\n"say \\"x\\""\n', { escape: "\\" }, [batchOf({ t: text(['say "x"']) })]);
});

test("quoteStyle tells which cells are quoted; nulls never are", async () => {
  await expectText('"n","word"\n"1","a"\n,""\n"-3",\n', { quoteStyle: "always" });
  await expectText('"n","word"\n1,"a"\n,""\n-3,\n', { quoteStyle: "nonNumeric" });
  await expectText("n,word\n1,a\n,\n-3,\n", { quoteStyle: "never" });
  const batch = batchOf({
    b: vectorFromArray([true], new Bool()),
    d: vectorFromArray([new Date(0)], new DateDay()),
  });
  await expectText('"b","d"\n"true","1970-01-01"\n', { quoteStyle: "nonNumeric" }, [batch]);
});

test("a text that needs quotes is an error where there are none", async () => {
  for (const word of special.slice(0, 4)) {
    const batch = batchOf({ n: numbers([1]), word: text([word]) });
    const error = await encodedText([batch], encodeCsv({ quoteStyle: "never" })).catch((e) => e);
    expect(error).toBeInstanceOf(UnsupportedFeatureError);
    expect(error.column).toBe("word");
  }
});

test("nullValue is what nulls are written as, and a text like it is quoted", async () => {
  const batch = batchOf({ n: numbers([1, null]), t: text(["NA", null]) });
  await expectText('n,t\n1,"NA"\nNA,NA\n', { nullValue: "NA" }, [batch]);
  await expectText("n,t\n1,NA\nNA,NA\n", { nullValue: "NA", quoteStyle: "never" }, [batch]);
  await expectText('n,word\n1,a\n\\N,""\n-3,\\N\n', { nullValue: "\\N" });
});

test("a table of one column has no blank lines, which readers skip", async () => {
  const batch = batchOf({ t: text(["a", null, ""]) });
  await expectText('t\na\n""\n""\n', {}, [batch]);
  await expectText('t\na\n-\n""\n', { nullValue: "-" }, [batch]);
});

const times = batchOf({
  d: vectorFromArray([new Date("2024-02-29")], new DateDay()),
  ts: vectorFromArray([Date.UTC(2024, 1, 29, 13, 5, 7, 89)], new TimestampMillisecond()),
  z: vectorFromArray([Date.UTC(2024, 1, 29, 13, 5, 7, 89)], new TimestampMillisecond("Asia/Tokyo")),
  t: vectorFromArray([47_107_089], new TimeMillisecond()),
});

test("dates and times are in ISO 8601, or in the patterns given", async () => {
  await expectText(
    "2024-02-29,2024-02-29T13:05:07.089,2024-02-29T13:05:07.089Z,13:05:07.089\n",
    { header: false },
    [times],
  );
  await expectText(
    "29.02.24,2024/060,2024/060,13h05\n",
    { header: false, dateFormat: "%d.%m.%y", timestampFormat: "%Y/%j", timeFormat: "%Hh%M" },
    [times],
  );
  await expectText('"29,02"\n', { header: false, dateFormat: "%d,%m" }, [
    batchOf({ d: times.getChild("d")! }),
  ]);
});

test("intervals are written in words", async () => {
  const batch = batchOf({
    m: vectorFromArray([Int32Array.of(2, 5)], new IntervalYearMonth()),
    d: vectorFromArray([Int32Array.of(3, 4_500)], new IntervalDayTime()),
    n: vectorFromArray([Int32Array.of(1, 2, 3, 0)], new IntervalMonthDayNano()),
  });
  await expectText(
    "2 years 5 mons,3 days 4.500 secs,1 mons 2 days 0.000000003 secs\n",
    { header: false },
    [batch],
  );
});

test("numbers have all their digits", async () => {
  const batch = batchOf({
    i: vectorFromArray([2n ** 63n - 1n, -(2n ** 63n)], new Int64()),
    f: vectorFromArray([0.1 + 0.2, 5e-324], new Float64()),
  });
  const [first, second] = csvCells(await encodedText([batch], encodeCsv({ header: false })));
  expect(first!.map(([cell]) => cell)).toEqual(["9223372036854775807", "0.30000000000000004"]);
  expect(second![0]).toEqual(["-9223372036854775808", false]);
  expect(Number(second![1]![0])).toBe(5e-324);
});

const decompress: Record<FileCompression, (bytes: Uint8Array) => Uint8Array> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
};

test("compression is of the whole text", async () => {
  const batch = batchOf({ t: text(Array.from({ length: 50_000 }, (_, row) => `row ${row}`)) });
  const expected = await encoded([batch], encodeCsv());
  for (const compression of ["gzip", "zstd"] as const) {
    const bytes = await encoded([batch, batch.slice(0, 0)], encodeCsv({ compression }));
    expect(bytes.length).toBeLessThan(expected.length / 2);
    expect(new Uint8Array(decompress[compression](bytes))).toEqual(expected);
  }
  const none = await encoded([batch.slice(0, 0)], encodeCsv({ compression: "gzip" }));
  expect(gunzipSync(none).toString()).toBe("t\n");
});

sinkTest("a file is compressed as its name says, unless an option says else", async (folder) => {
  const cases: [string, FileCompression | undefined, FileCompression][] = [
    ["a.csv", undefined, "none"],
    ["a.csv.gz", undefined, "gzip"],
    ["a.CSV.GZ", undefined, "gzip"],
    ["a.csv.zst", undefined, "zstd"],
    ["b.csv.gz", "none", "none"],
    ["b.csv.zst", "gzip", "gzip"],
    ["b.csv", "zstd", "zstd"],
  ];
  for (const [name, compression, expected] of cases) {
    const sink = writeCsv(folder.file(name), { compression });
    await batchStream([plain]).pipeTo(sink);
    const bytes = readFileSync(folder.file(name));
    expect((await sink.result).bytes).toBe(bytes.length);
    const text = new TextDecoder().decode(decompress[expected](bytes));
    expect({ name, text }).toEqual({ name, text: 'n,word\n1,a\n,""\n-3,\n' });
  }
  // What gzip's own tools write is no other.
  writeFileSync(folder.file("theirs.gz"), gzipSync("x"));
  expect(readFileSync(folder.file("a.csv.gz")).subarray(0, 3))
    .toEqual(readFileSync(folder.file("theirs.gz")).subarray(0, 3));
});
