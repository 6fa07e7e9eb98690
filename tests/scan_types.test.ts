import { expect } from "@std/expect";
import { type DataType, Dictionary, Table, type Vector } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { writeFileSync } from "node:fs";
import { type ScanOptions, scanParquet, type SpillwayBatch, UnknownColumnError } from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { checksumOf } from "./support/checksum.ts";
import { compareChecksums } from "./support/compare_checksums.ts";
import { expectedTable, fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";

const GENERATED = ["types", "nested", "strings", "nested_v2", "plain_v2", "encodings", "empty"];
const CODECS = ["uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4", "lz4_raw"];

const ways: Readonly<Record<string, ScanOptions>> = {
  "as they come": {},
  "by ranges": { io: "read" },
  "in small batches": { batchSize: 37 },
  "as copies": { zeroCopy: false },
  "with dictionaries": { dictionary: true },
  "as stored": { strings: "preserve" },
};

async function expectExpected(name: string, expected: string, options: ScanOptions): Promise<void> {
  const want = expectedTable(expected);
  const stream = scanParquet(fixture(name), options);
  const schema = await stream.schema();
  const batches = await Array.fromAsync(stream);
  expect(schema.fields.map((field) => field.name)).toEqual(
    want.schema.fields.map(({ name }) => name),
  );
  expect(columnsOf(batches)).toEqual(columnsOf(want.batches.filter(({ numRows }) => numRows > 0)));
  // The corpus' files are compared by checksums: those have to agree as well.
  const { why } = compareChecksums(
    await checksumOf(want.batches, want.schema),
    await checksumOf(batches, schema),
  );
  expect(why.filter((reason) => !reason.includes("interval"))).toEqual([]);
}

for (const name of GENERATED) {
  for (const [way, options] of Object.entries(ways)) {
    test(`the values of ${name} are right, ${way}`, async () => {
      await expectExpected(name, name, options);
    });
  }
}

for (const codec of CODECS) {
  test(`values compressed with ${codec} are right`, async () => {
    await expectExpected(`codec_${codec}`, "codec", {});
    await expectExpected(`codec_${codec}`, "codec", { batchSize: 99, io: "read" });
  });
}

for (const name of ["types", "nested"]) {
  test(`getters of ${name} give what apache-arrow gives for the same values`, async () => {
    const want = expectedTable(name);
    const got = new Table(await Array.fromAsync(scanParquet(fixture(name), { batchSize: 64 })));
    for (const { name: column } of want.schema.fields) {
      const [wanted, given] = [want, got].map((table) => printed(table.getChild(column)!));
      expect({ column, values: given }).toEqual({ column, values: wanted });
    }
  });
}

function printed(vector: Vector): unknown[] {
  return Array.from(
    vector,
    (value) => typeof value === "object" && value !== null ? JSON.stringify(value, big) : value,
  );
}

function big(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

async function typesOf(name: string, options: ScanOptions = {}): Promise<Record<string, string>> {
  const stream = scanParquet(fixture(name), options);
  const { fields } = await stream.schema();
  await stream.cancel();
  return Object.fromEntries(fields.map(({ name, type }) => [name, String(type as DataType)]));
}

test("text and bytes are Utf8 and Binary however they are stored", async () => {
  const types = await typesOf("strings");
  for (
    const name of ["utf8", "large_utf8", "utf8_view", "dictionary8", "dictionary32", "runs_of_text"]
  ) {
    expect([name, types[name]]).toEqual([name, "Utf8"]);
  }
  for (const name of ["binary", "large_binary", "binary_view", "dictionary_of_binary"]) {
    expect([name, types[name]]).toEqual([name, "Binary"]);
  }
});

test("large text and dictionaries stay what they are where that is asked for", async () => {
  const { large_utf8, large_binary, utf8, dictionary32 } = await typesOf("strings", {
    strings: "preserve",
  });
  expect([large_utf8, large_binary, utf8]).toEqual(["LargeUtf8", "LargeBinary", "Utf8"]);
  expect(dictionary32).toContain("Dictionary");
});

test("decimals are 128 bits wide or wider, as apache-arrow needs them", async () => {
  const stream = scanParquet(fixture("types"));
  const { fields } = await stream.schema();
  await stream.cancel();
  const decimals = fields.filter(({ name }) => name.startsWith("decimal"))
    .map(({ type: { precision, scale, bitWidth } }) => [precision, scale, bitWidth]);
  expect(decimals).toEqual([[7, 3, 128], [15, 2, 128], [38, 10, 128], [10, 2, 128], [60, 20, 256]]);
});

test("a batch has the types that the schema announces", async () => {
  for (const name of ["types", "nested", "strings"]) {
    const stream = scanParquet(fixture(name));
    const schema = await stream.schema();
    for await (using batch of stream) {
      expect(batch.schema).toBe(schema);
      schema.fields.forEach(({ type }, at) => {
        expect(String(batch.getChildAt(at)!.type)).toBe(String(type));
        expect(batch.getChildAt(at)!.length).toBe(batch.numRows);
      });
    }
  }
});

test("arrays come in the shape that apache-arrow wants", async () => {
  for await (using batch of scanParquet(fixture("nested"), { batchSize: 61 })) {
    const queue = [...batch.data.children];
    for (let data = queue.pop(); data; data = queue.pop()) {
      const { valueOffsets, nullBitmap } = data;
      expect(data.offset).toBe(0);
      if (valueOffsets) {
        expect([valueOffsets.length, Number(valueOffsets[0])]).toEqual([data.length + 1, 0]);
      }
      let nulls = 0;
      for (let i = 0; i < data.length; i++) if (!data.getValid(i)) nulls++;
      if (nullBitmap) expect(data.nullCount).toBe(nulls);
      queue.push(...data.children);
    }
  }
});

async function dictionaryBatches(options: ScanOptions): Promise<SpillwayBatch[]> {
  return await Array.fromAsync(
    scanParquet(fixture("sequence"), { columns: ["text", "bucket"], ...options }),
  );
}

test("a dictionary belongs to its column for the whole stream", async () => {
  const batches = await dictionaryBatches({
    dictionary: ["text"],
    limit: 25_000,
    batchSize: 6_000,
  });
  expect(batches.length).toBe(5);
  const ids = batches.map(({ schema }) => {
    const { type } = schema.fields[0]!;
    expect(type).toBeInstanceOf(Dictionary);
    return type.id;
  });
  expect(new Set(ids).size).toBe(1);
  // Codes of early batches must read the same after later row groups have added to the dictionary.
  expect(columnsOf(batches)["text"]).toEqual(
    Array.from({ length: 25_000 }, (_, row) => `row ${row}`),
  );
  const table = new Table(batches);
  expect(table.getChild("text")!.get(24_999)).toBe("row 24999");
  expect(table.getChild("text")!.get(0)).toBe("row 0");
});

test("codes of a dictionary stand for the same value in all batches", async () => {
  const meanings = new Map<number, string>();
  const codes = new Map<string, number>();
  for await (
    using batch of scanParquet(fixture("strings"), { dictionary: ["utf8"], batchSize: 170 })
  ) {
    const data = batch.getChild("utf8")!.data[0]!;
    const { utf8 } = columnsOf([batch]);
    utf8!.forEach((text, at) => {
      if (text === null) return;
      const code = data.values[at]!;
      expect(meanings.get(code) ?? text).toBe(text);
      meanings.set(code, text as string);
      codes.set(text as string, code);
    });
  }
  expect(codes.size).toBe(meanings.size);
  expect(codes.size).toBeGreaterThan(100);
});

test("only the named columns become dictionaries", async () => {
  const types = await typesOf("strings", { dictionary: ["large_utf8"] });
  expect(types["large_utf8"]).toContain("Dictionary");
  expect(types["utf8"]).toBe("Utf8");
});

test("a dictionary of what is not read, or not text, is refused", async () => {
  const absent = scanParquet(fixture("strings"), { columns: ["utf8"], dictionary: ["required"] });
  await expect(absent.schema()).rejects.toThrow(UnknownColumnError);
  const number = scanParquet(fixture("types"), { dictionary: ["required_Int32"] });
  await expect(number.schema()).rejects.toThrow(RangeError);
});

test("JSON is text, and may be a dictionary", async () => {
  using directory = tempDirectory();
  const path = directory.file("json.parquet");
  const data = Array.from({ length: 300 }, (_, row) => ({ open: row % 3 === 0 }));
  const file = parquetWriteBuffer({ columnData: [{ name: "gate", type: "JSON", data }] });
  writeFileSync(path, new Uint8Array(file));
  const want = data.map((value) => JSON.stringify(value));
  for (const dictionary of [undefined, true, ["gate"]] as const) {
    const { gate } = columnsOf(await Array.fromAsync(scanParquet(path, { dictionary })));
    expect(gate).toEqual(want);
  }
});
