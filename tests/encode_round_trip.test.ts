import { expect } from "@std/expect";
import {
  DataType,
  DateUnit,
  Field,
  Int32,
  IntervalMonthDayNano,
  List,
  Map_,
  type RecordBatch,
  Schema,
  Struct,
  TimeUnit,
  Utf8View,
} from "apache-arrow";
import fc from "fast-check";
import {
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  type FileOptions,
  type FileSink,
  scanParquet,
  UnsupportedFeatureError,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { columnsOf, type PlainValue } from "./support/arrow_values.ts";
import { columnSamples, sampleBatch } from "./support/column_samples.ts";
import { corpus, corpusFiles, corpusPath, hasRightChecksums } from "./support/corpus.ts";
import { type Columns, encoded, roundTrips } from "./support/encoded.ts";
import { generatedBatch } from "./support/generated_batch.ts";
import { test } from "./support/harness.ts";
import { ownReaders } from "./support/own_readers.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";
import { mapLeaves } from "./support/text_values.ts";

type Batches = readonly [RecordBatch, ...RecordBatch[]];
type Leaf = (type: DataType, value: PlainValue) => PlainValue;

/** What a format makes of a value that it has no exact like of. */
const changes: Readonly<Record<string, Leaf>> = {
  // Seconds are stored as milliseconds.
  Parquet: (type, value) =>
    (DataType.isTime(type) || DataType.isTimestamp(type)) && type.unit === TimeUnit.SECOND
      ? value as bigint * 1_000n
      : value,
  // JSON has no NaN and no infinities.
  NDJSON: (_, value) => typeof value === "number" && !Number.isFinite(value) ? null : value,
};

/** Whether a format has columns of a type. */
const refused: Readonly<Record<string, (type: DataType) => boolean>> = {
  Parquet: (type) => String(type) === "Interval<MONTH_DAY_NANO>" || isEmptyStruct(type),
  NDJSON: (type) => DataType.isMap(type) && !DataType.isUtf8(keyOf(type)),
  CSV: (type) => type.children?.length > 0 || DataType.isStruct(type),
};

const encoders = { Parquet: encodeParquet, NDJSON: encodeNdjson, CSV: encodeCsv };

function isEmptyStruct(type: DataType): boolean {
  return DataType.isStruct(type) && type.children.length === 0;
}

function keyOf(type: DataType): DataType {
  return type.children[0]!.type.children[0]!.type;
}

function anyWithin(type: DataType, test: (type: DataType) => boolean): boolean {
  if (test(type)) return true;
  if (DataType.isDictionary(type)) return anyWithin(type.dictionary, test);
  return type.children?.some((child: Field) => anyWithin(child.type, test)) ?? false;
}

/** The columns of intervals: their text is shown in the tests of each format. */
function hasIntervals(type: DataType): boolean {
  return anyWithin(type, DataType.isInterval);
}

/** Whether dates are in it that ISO 8601's writers have no year for. */
function isBeyondCalendar(type: DataType, value: PlainValue): boolean {
  let beyond = false;
  mapLeaves(type, value, (type, value) => {
    if (DataType.isDate(type)) {
      const day = type.unit === DateUnit.DAY ? 86_400_000 : 1;
      const year = new Date(Number(value) * day).getUTCFullYear();
      beyond ||= year > 262_142 || year < -262_143;
    }
    return value;
  });
  return beyond;
}

/** Checks that each format gives the values back, or names a column that it can't hold. */
async function expectRoundTrips(batches: Batches): Promise<void> {
  const { fields } = batches[0].schema;
  const source = columnsOf(batches);
  for (const [format, roundTrip] of Object.entries(roundTrips)) {
    const wrong = fields.filter(({ type }) => anyWithin(type, refused[format] ?? (() => false)));
    if (wrong.length > 0) {
      const encoder = encoders[format as keyof typeof encoders]();
      const error = await encoded(batches, encoder).catch((reason) => reason);
      expect(error).toBeInstanceOf(UnsupportedFeatureError);
      expect(error.column).toBe(wrong[0]!.name);
      continue;
    }
    const isText = format === "NDJSON" || format === "CSV";
    if (
      isText &&
      fields.some(({ name, type }) => source[name]?.some((value) => isBeyondCalendar(type, value)))
    ) {
      await expect(roundTrip(batches)).rejects.toThrow(UnsupportedFeatureError);
      continue;
    }
    if (isText && (fields.length === 0 || fields.some(({ type }) => hasIntervals(type)))) continue;
    const change = changes[format] ?? ((_, value) => value);
    const expected: Columns = Object.fromEntries(
      fields.map(({ name, type }) => [
        name,
        (source[name] ?? []).map((value) => mapLeaves(type, value, change)),
      ]),
    );
    const [other, own] = await Promise.all([roundTrip(batches), ownReaders[format]?.(batches)]);
    for (const [reader, found] of [other, ...own ?? []].entries()) {
      expect({ format, reader, ...found }).toEqual({
        format,
        reader,
        ...(batches[0].numRows > 0 ? expected : found),
      });
      expect(Object.values(found)[0]?.length ?? 0).toBe(Object.values(source)[0]?.length ?? 0);
    }
  }
}

for (const sample of columnSamples) {
  test(`values of type ${sample[0]} come back from every format that has them`, async () => {
    const whole = sampleBatch(sample, 45);
    await expectRoundTrips([whole]);
    await expectRoundTrips([whole.slice(3, 20), whole.slice(20, 21), whole.slice(21)]);
  });
}

/** With a text for failures: fast-check takes some of apache-arrow's types for dates. */
const shown = generatedBatch.map((batch) =>
  Object.assign(batch, {
    [fc.toStringMethod]: () => `${batch.schema}: ${JSON.stringify(columnsOf([batch]), bigints)}`,
  })
);

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

test("any batches come back from every format that has their types", async () => {
  await fc.assert(
    fc.asyncProperty(shown, async (batch) => {
      if (batch.schema.fields.length === 0) return; // Rows without columns have tests of their own.
      const half = batch.numRows >> 1;
      await expectRoundTrips(half > 0 ? [batch.slice(0, half), batch.slice(half)] : [batch]);
    }),
    { numRuns: 150 },
  );
});

if (corpus === null) test.skip("files of the corpus come back from every format", () => {});

for (const { path, rows } of corpusFiles.filter(({ expect }) => expect === "read")) {
  test(`the first rows of ${path} come back from every format that has their types`, async () => {
    const verifyChecksums = hasRightChecksums(path);
    const { batches } = await scanParquet(corpusPath(path), { limit: 300, verifyChecksums })
      .collect();
    const [first, ...rest] = batches;
    if (first === undefined) expect(rows).toBe(0);
    else await expectRoundTrips([first, ...rest]);
  });
}

const entries = new Struct<{ key: Int32; value: Int32 }>([
  new Field("key", new Int32(), false),
  new Field("value", new Int32(), true),
]);
const numbered = new Map_(new Field("entries", entries, false));
const nanoseconds = new IntervalMonthDayNano();
const views = new Utf8View();

const refusals: [string, (path: string, options: FileOptions) => FileSink, DataType][] = [
  ["Parquet intervals of nanoseconds", writeParquet, nanoseconds],
  ["Parquet lists of them", writeParquet, new List(new Field("item", nanoseconds, true))],
  ["Parquet structs of nothing", writeParquet, new Struct([])],
  ["CSV lists", writeCsv, new List(new Field("item", new Int32(), true))],
  ["CSV structs", writeCsv, new Struct([new Field("a", new Int32(), true)])],
  ["CSV maps", writeCsv, numbered],
  ["NDJSON maps of numbers", writeNdjson, numbered],
  ["NDJSON lists of them", writeNdjson, new List(new Field("item", numbered, true))],
  ["Parquet views of text", writeParquet, views],
  ["Arrow views of text", writeArrow, views],
  ["CSV views of text", writeCsv, views],
  ["NDJSON views of text", writeNdjson, views],
];

for (const [what, write, type] of refusals) {
  sinkTest(`${what} are refused by the column's name, before there is a file`, async (folder) => {
    const schema = new Schema([
      new Field("n", new Int32(), true),
      new Field("the column", type, true),
    ]);
    for (const options of [{}, { maxFileRows: 5 }, { partitionBy: ["n"] }]) {
      const sink = write(folder.file("a"), { schema, ...options });
      const error = await sink.close().catch((reason) => reason);
      expect(error).toBeInstanceOf(UnsupportedFeatureError);
      expect(error.column).toContain("the column");
      expect(error.message).toContain("the column");
      expect(namesIn(folder.path)).toEqual([]);
    }
  });
}
