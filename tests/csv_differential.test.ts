import { expect } from "@std/expect";
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { type CsvScanOptions, EmptyFileError, MalformedDataError, scanCsv } from "spillway";
import { textRows } from "./support/csv_rows.ts";
import { type CsvManner, csvText } from "./support/csv_text.ts";
import { openDuckDB } from "./support/duckdb.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { nastyTexts } from "./support/nasty_csv.ts";

const RUNS = 60;

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

test("rows of nasty files are those that DuckDB reads", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  for (const [name, text] of Object.entries(nastyTexts)) {
    const path = directory.file("a.csv");
    writeFileSync(path, text);
    const expected = await duckdb.rows(
      `SELECT * FROM read_csv('${path}', auto_detect = false, header = true, delim = ',', quote = '"',
        escape = '"', columns = {'a': 'VARCHAR', 'b': 'VARCHAR'}, allow_quoted_nulls = false,
        max_line_size = 4194304, strict_mode = false)`,
    );
    const rows = await textRows(scanCsv(path, { infer: false }));
    expect({ name, rows }).toEqual({ name, rows: expected });
  }
});

test("types are those that DuckDB tells, and values those that it reads", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const path = directory.file("a.csv");
  await duckdb.run(
    `COPY (SELECT i AS id, i * 0.25::DOUBLE AS part, i % 2 = 0 AS even, DATE '2000-01-01' + i::INT AS day,
        TIMESTAMP '2000-01-01 00:00:00' + INTERVAL (i * 7919) SECOND AS moment,
        CASE WHEN i % 5 = 0 THEN NULL WHEN i % 5 = 1 THEN '' ELSE 'say "' || i || chr(10) || ',' END AS text
      FROM range(30000) r(i)) TO '${path}' (FORMAT csv, HEADER)`,
  );
  const expected = await duckdb.rows(
    `SELECT sum(id), sum(part), sum(even::INT), sum(day - DATE '1970-01-01'), sum(epoch_ms(moment)),
        count(text), sum(length(text)) FROM read_csv('${path}', all_varchar = false, allow_quoted_nulls = false)`,
  );
  const schema = await scanCsv(path).schema();
  expect(schema.fields.map((field) => String(field.type))).toEqual([
    "Int64",
    "Float64",
    "Bool",
    "Date32<DAY>",
    "Timestamp<MICROSECOND>",
    "Utf8",
  ]);
  let [id, part, even, day, at, texts, length] = [0n, 0, 0n, 0n, 0n, 0n, 0n];
  for await (using batch of scanCsv(path)) {
    for (const row of batch) {
      id += row["id"];
      part += row["part"];
      even += BigInt(row["even"]);
      day += BigInt(Number(row["day"]) / 86_400_000);
      at += BigInt(row["moment"]);
      texts += row["text"] === null ? 0n : 1n;
      length += BigInt(row["text"]?.length ?? 0);
    }
  }
  const sums = [id, part, even, day, at, texts, length];
  expect(sums.map(String)).toEqual(expected[0]!.map(String));
});

test("bytes that are no UTF-8 are an error, as for DuckDB", async () => {
  using directory = tempDirectory();
  await using duckdb = await openDuckDB();
  const path = directory.file("a.csv");
  writeFileSync(path, Uint8Array.from([...new TextEncoder().encode("a,b\nx,"), 0xe4, 0x0a]));
  await expect(duckdb.rows(`SELECT * FROM read_csv('${path}')`)).rejects.toThrow();
  await expect(scanCsv(path).collect()).rejects.toThrow(MalformedDataError);
});

test("any bytes are rows or an error", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  const special = [...'",;\n\r#\\\t ax1-.0é\u{feff}'].flatMap((
    text,
  ) => [...new TextEncoder().encode(text)]);
  const anyByte = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...special) },
    { weight: 1, arbitrary: fc.nat(255) },
  );
  const anyOptions: fc.Arbitrary<CsvScanOptions> = fc.record({
    quote: fc.constantFrom('"', null),
    escape: fc.constantFrom("\\", '"', null),
    comment: fc.constantFrom("#", null),
    header: fc.constantFrom<boolean | string[]>(true, false, ["a", "b"]),
    trim: fc.boolean(),
    raggedRows: fc.constantFrom("error", "fill", "truncate"),
    encodingErrors: fc.constantFrom("error", "replace"),
    onBadCell: fc.constantFrom("error", "null"),
    skipBlankLines: fc.boolean(),
    skipRows: fc.nat(3),
    infer: fc.constantFrom<false | { rows: number }>(false, { rows: 1 }),
  }, { requiredKeys: [] });
  const property = fc.asyncProperty(
    fc.array(anyByte, { maxLength: 200 }),
    anyOptions,
    async (bytes, options) => {
      writeFileSync(path, Uint8Array.from(bytes));
      const error: unknown = await scanCsv(path, options).collect().then(
        () => null,
        (error) => error,
      );
      expect(
        error === null || error instanceof EmptyFileError || error instanceof MalformedDataError,
      )
        .toBe(true);
    },
  );
  await fc.assert(property, { seed, numRuns: 5 * RUNS });
});

const anyCell = fc.oneof(
  fc.constant(null),
  fc.constantFrom("", '"', ",", "\n", "\r\n", "\r", "a", " ", "ä", "\u{1f30a}", "#", "\\", "\0"),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.array(fc.constantFrom('"', ",", ";", "\n", "\r", "x", "é"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

const anyManner: fc.Arbitrary<CsvManner> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineBreak: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  lastBreak: fc.boolean(),
});

test("any table that is written is read as it was", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  const anyTable = fc.integer({ min: 2, max: 5 }).chain((columns) =>
    fc.array(fc.array(anyCell, { minLength: columns, maxLength: columns }), { maxLength: 40 })
      .map((rows) => ({ columns, rows }))
  );
  const property = fc.asyncProperty(anyTable, anyManner, async ({ columns, rows }, manner) => {
    const names = Array.from({ length: columns }, (_, column) => `c${column}`);
    writeFileSync(path, csvText([names, ...rows], manner));
    const stream = scanCsv(path, { infer: false, delimiter: manner.delimiter });
    expect(await textRows(stream)).toEqual(rows);
  });
  await fc.assert(property, { seed, numRuns: RUNS });
});

const micros = fc.integer({ min: Date.UTC(1600, 0), max: Date.UTC(2500, 0) });

/** Values of a type as JavaScript has them, and as a file does. */
const anyTyped = fc.record({
  int: fc.option(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  float: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true })),
  bool: fc.option(fc.boolean()),
  day: fc.option(micros.map((ms) => Math.floor(ms / 86_400_000) * 86_400_000)),
  at: fc.option(micros),
  zoned: fc.option(micros),
});

test("values of any type are read as they were written", async () => {
  using directory = tempDirectory();
  const path = directory.file("a.csv");
  const iso = (ms: number) => new Date(ms).toISOString();
  // A value of each type in the first row tells the types.
  const first = { int: 1n, float: 0.5, bool: true, day: 0, at: 1, zoned: 1 };
  const property = fc.asyncProperty(fc.array(anyTyped, { maxLength: 60 }), async (others) => {
    const rows = [first, ...others];
    const cells = rows.map(({ int, float, bool, day, at, zoned }) => [
      int?.toString() ?? null,
      // A zero behind the point keeps what is whole, and large, from being an integer.
      float === null ? null : Object.is(float, -0) ? "-0.0" : float.toExponential(),
      bool?.toString() ?? null,
      day === null ? null : iso(day).slice(0, 10),
      at === null ? null : iso(at).slice(0, -1),
      zoned === null ? null : iso(zoned),
    ]);
    writeFileSync(path, csvText([Object.keys(first), ...cells]));
    const read: unknown[] = [];
    for await (using batch of scanCsv(path)) for (const row of batch) read.push({ ...row });
    const comparable = ({ zoned, at, ...row }: Record<string, unknown>) => ({
      ...row,
      at: at === null ? null : Number(at),
      zoned: zoned === null ? null : Number(zoned),
    });
    expect(read.map((row) => comparable(row as Record<string, unknown>)))
      .toEqual(rows.map((row) => comparable(row)));
  });
  await fc.assert(property, { seed, numRuns: RUNS });
});
