import { expect } from "@std/expect";
import {
  Binary,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  IntervalDayTime,
  IntervalMonthDayNano,
  List,
  Map_,
  type RecordBatch,
  Struct,
  TimeMillisecond,
  TimestampMillisecond,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { readFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  encodeNdjson,
  type EncodeNdjsonOptions,
  scanParquet,
  UnsupportedFeatureError,
  writeNdjson,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { batchStream } from "./support/batch_stream.ts";
import { encoded, encodedText } from "./support/encoded.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { sinkTest } from "./support/sink_test.ts";

const pair = new Struct([new Field("a", new Int32(), true), new Field("b", new Utf8(), true)]);

/** The lines of batches. */
async function lines(batch: RecordBatch, options: EncodeNdjsonOptions = {}): Promise<string[]> {
  const text = await encodedText([batch], encodeNdjson(options));
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

test("each line is a row, as JSON.parse reads it", async () => {
  const scan = () =>
    scanParquet(fixture("sequence"), {
      limit: 20_000,
      columns: ["id", "text", "price", "flag", "maybe", "point"],
    });
  const text = await encodedText(scan(), encodeNdjson({ explicitNulls: true }));
  const found = text.slice(0, -1).split("\n").map((line) => JSON.parse(line));
  expect(found.length).toBe(20_000);
  let row = 0;
  for await (const expected of scan().rows()) {
    const plain = JSON.parse(
      JSON.stringify(expected, (_, each) => typeof each === "bigint" ? Number(each) : each),
    );
    if (JSON.stringify(found[row]) !== JSON.stringify(plain)) expect(found[row]).toEqual(plain);
    row++;
  }
  expect(row).toBe(20_000);
});

test("integers and decimals have all their digits", async () => {
  const batch = batchOf({
    i: vectorFromArray([2n ** 63n - 1n, -(2n ** 63n), 0n], new Int64()),
    u: vectorFromArray([2n ** 64n - 1n, 2n ** 53n + 1n, 0n], new Uint64()),
    d: vectorFromArray([
      Uint32Array.of(1, 0, 0, 0),
      Uint32Array.of(0, 0, 1, 0),
      Uint32Array.of(0, 0, 0, 0),
    ], new Decimal(3, 30)),
  });
  expect(await lines(batch)).toEqual([
    '{"i":9223372036854775807,"u":18446744073709551615,"d":0.001}',
    '{"i":-9223372036854775808,"u":9007199254740993,"d":18446744073709551.616}',
    '{"i":0,"u":0,"d":0.000}',
  ]);
});

test("floats read back as the same, and what JSON lacks is null", async () => {
  const values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0, 1e21, 123456789012345680];
  const batch = batchOf({
    f: vectorFromArray([...values, NaN, Infinity, -Infinity], new Float64()),
  });
  const found = (await lines(batch, { explicitNulls: true })).map((line) => JSON.parse(line).f);
  expect(found).toEqual([...values, null, null, null]);
  expect(Object.is(found[3], -0)).toBe(true);
});

test("texts are escaped as JSON wants them", async () => {
  const values = [
    '"quoted"',
    "back\\slash",
    "line\nbreak",
    "\t\r\b\f\0\u001f",
    "ünï €𝄞",
    "\u2028",
    "</script>",
    "",
  ];
  const found = await lines(batchOf({ 'the "key"\n': vectorFromArray(values, new Utf8()) }));
  expect(found.length).toBe(values.length);
  expect(found.map((line) => JSON.parse(line)['the "key"\n'])).toEqual(values);
});

test("nulls are left out, or written, at every depth but in lists", async () => {
  const batch = batchOf({
    n: vectorFromArray([null, 1], new Int32()),
    s: vectorFromArray([{ a: null, b: "x" }, null], pair),
    l: vectorFromArray([[1, null], null], new List(new Field("item", new Int32(), true))),
  });
  expect(await lines(batch)).toEqual(['{"s":{"b":"x"},"l":[1,null]}', '{"n":1}']);
  expect(await lines(batch, { explicitNulls: true })).toEqual([
    '{"n":null,"s":{"a":null,"b":"x"},"l":[1,null]}',
    '{"n":1,"s":null,"l":null}',
  ]);
});

test("a map with texts as keys is an object", async () => {
  const entries = new Struct<{ key: Utf8; value: Int32 }>([
    new Field("key", new Utf8(), false),
    new Field("value", new Int32(), true),
  ]);
  const type = new Map_(new Field("entries", entries, false));
  const batch = batchOf({
    m: vectorFromArray([new Map([["a b", 1], ["", null]]), new Map(), null], type),
  });
  expect(await lines(batch, { explicitNulls: true }))
    .toEqual(['{"m":{"a b":1,"":null}}', '{"m":{}}', '{"m":null}']);
  expect(await lines(batch)).toEqual(['{"m":{"a b":1}}', '{"m":{}}', "{}"]);
});

test("binary is in hexadecimal", async () => {
  const batch = batchOf({
    b: vectorFromArray([Uint8Array.of(0, 255), new Uint8Array()], new Binary()),
  });
  expect(await lines(batch)).toEqual(['{"b":"00ff"}', '{"b":""}']);
});

test("dates and times are in ISO 8601, or in the patterns given, at every depth", async () => {
  const at = Date.UTC(2024, 1, 29, 13, 5, 7, 89);
  const zoned = new TimestampMillisecond("Asia/Tokyo");
  const batch = batchOf({
    d: vectorFromArray([new Date("2024-02-29")], new DateDay()),
    z: vectorFromArray([at], zoned),
    t: vectorFromArray([47_107_089], new TimeMillisecond()),
    s: vectorFromArray([{ at }], new Struct([new Field("at", new TimestampMillisecond(), true)])),
  });
  expect(await lines(batch)).toEqual([
    '{"d":"2024-02-29","z":"2024-02-29T13:05:07.089Z","t":"13:05:07.089","s":{"at":"2024-02-29T13:05:07.089"}}',
  ]);
  const patterns = { dateFormat: '"%d"', timestampFormat: "%Y/%j", timeFormat: "%Hh%M" };
  expect(await lines(batch, patterns)).toEqual([
    '{"d":"\\"29\\"","z":"2024/060","t":"13h05","s":{"at":"2024/060"}}',
  ]);
});

test("intervals are written in words", async () => {
  const batch = batchOf({
    d: vectorFromArray([Int32Array.of(3, 4_500)], new IntervalDayTime()),
    n: vectorFromArray([Int32Array.of(1, 2, 3, 0)], new IntervalMonthDayNano()),
  });
  expect(await lines(batch)).toEqual([
    '{"d":"3 days 4.500 secs","n":"1 mons 2 days 0.000000003 secs"}',
  ]);
});

test("two fields of one name are an error that names them", async () => {
  const twice = new Struct([new Field("x", new Int32(), true), new Field("x", new Int32(), true)]);
  const batch = batchOf({ s: vectorFromArray([null], twice) });
  const error = await encodedText([batch], encodeNdjson()).catch((reason) => reason);
  expect(error).toBeInstanceOf(UnsupportedFeatureError);
  expect(error.column).toBe("s");
  expect(error.message).toContain("two fields named 'x'");
});

sinkTest("a file is compressed as its name says, unless an option says else", async (folder) => {
  const words = Array.from({ length: 30_000 }, (_, row) => `row ${row}`);
  const batch = batchOf({ t: vectorFromArray(words, new Utf8()) });
  const expected = new TextDecoder().decode(await encoded([batch], encodeNdjson()));
  const decompressed: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    "a.ndjson.gz": gunzipSync,
    "a.ndjson.zst": zstdDecompressSync,
    "a.ndjson": (bytes) => bytes,
  };
  for (const [name, decompress] of Object.entries(decompressed)) {
    await batchStream([batch]).pipeTo(writeNdjson(folder.file(name)));
    const found = decompress(readFileSync(folder.file(name)));
    expect(new TextDecoder().decode(found) === expected).toBe(true);
  }
  const compression = "gzip";
  await batchStream([batch]).pipeTo(writeNdjson(folder.file("b.zst"), { compression }));
  expect(new TextDecoder().decode(gunzipSync(readFileSync(folder.file("b.zst")))) === expected)
    .toBe(true);
});
