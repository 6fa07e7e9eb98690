import { expect } from "@std/expect";
import { parquetWriteBuffer } from "hyparquet-writer";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import {
  CorruptFileError,
  EmptyFileError,
  EncryptedFileError,
  FileAccessError,
  FileChangedError,
  FileNotFoundError,
  MemoryLimitError,
  NotAFileError,
  NotParquetError,
  scanParquet,
  SpillwayError,
  TruncatedFileError,
  UnsupportedFeatureError,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { type TempDirectory, tempDirectory, test } from "./support/harness.ts";
import { mayReadAll } from "./support/may_read_all.ts";
import { runScript } from "./support/run_script.ts";
import { scanOutcome } from "./support/scan_outcome.ts";
import { expectSequence } from "./support/sequence.ts";

type ErrorClass = new (message: string) => SpillwayError;

const MAGIC = "PAR1";
const PAGE_VALUES = 500;

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function littleEndian(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** A file of two row groups with a page or more for each column. */
function smallFile(codec: "SNAPPY" | "UNCOMPRESSED" | "LZO"): Uint8Array {
  const rows = Array.from({ length: 2 * PAGE_VALUES }, (_, row) => row);
  return new Uint8Array(parquetWriteBuffer({
    columnData: [
      { name: "id", data: rows, type: "INT32", nullable: false, encoding: "PLAIN" },
      { name: "text", data: rows.map((row) => `row ${row % 50}`), type: "STRING" },
      { name: "maybe", data: rows.map((row) => row % 3 === 0 ? null : row / 4), type: "DOUBLE" },
    ],
    rowGroupSize: PAGE_VALUES,
    pageSize: 1_000,
    codec,
    compressors: { LZO: (bytes) => bytes },
  }));
}

/** Writes a file that was not there before: one that is mapped into memory may not be rewritten. */
function written(directory: TempDirectory, name: string, content: Uint8Array): string {
  const path = directory.file(`${name}.parquet`);
  writeFileSync(path, content, { flag: "wx" });
  return path;
}

/** Whether the system lets this process read files of any mode, as it lets root. */
async function expectFault(
  path: string,
  expected: ErrorClass,
  code: string,
): Promise<SpillwayError> {
  for (const io of ["mmap", "read"] as const) {
    const { error, rows } = await scanOutcome(path, { io });
    expect(error).toBeInstanceOf(expected);
    expect(error).toBeInstanceOf(SpillwayError);
    expect(error).toMatchObject({ code, path, name: expected.name });
    expect(rows).toBe(0);
    expect((error as Error).message).toContain(path);
  }
  const error = await scanParquet(path).schema().catch((reason) => reason);
  expect(error).toBeInstanceOf(expected);
  return error;
}

test("a file that is not there", async () => {
  using directory = tempDirectory();
  await expectFault(directory.file("absent.parquet"), FileNotFoundError, "FILE_NOT_FOUND");
  await expectFault(directory.file("no/such/folder.parquet"), FileNotFoundError, "FILE_NOT_FOUND");
});

test("a directory without files", async () => {
  using directory = tempDirectory();
  const path = directory.file("folder.parquet");
  mkdirSync(path);
  await expectFault(path, FileNotFoundError, "FILE_NOT_FOUND");
});

test.skipIf(process.platform !== "linux")("a device", async () => {
  await expectFault("/dev/null", NotAFileError, "NOT_A_FILE");
});

test.skipIf(mayReadAll())(
  "a file that may not be read",
  async () => {
    using directory = tempDirectory();
    const path = directory.file("secret.parquet");
    writeFileSync(path, smallFile("SNAPPY"), { mode: 0o000 });
    await expectFault(path, FileAccessError, "FILE_ACCESS");
  },
);

test("a file of no bytes", async () => {
  using directory = tempDirectory();
  await expectFault(written(directory, "empty", new Uint8Array()), EmptyFileError, "EMPTY_FILE");
});

test("a file of another format", async () => {
  using directory = tempDirectory();
  const contents = [
    text("id,name\n1,weir\n"),
    text("x"),
    text("ORC".repeat(100)),
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, ...new Array(500).fill(0)),
  ];
  for (const [at, content] of contents.entries()) {
    await expectFault(written(directory, `other${at}`, content), NotParquetError, "NOT_PARQUET");
  }
});

test("a file that is cut short anywhere", async () => {
  using directory = tempDirectory();
  const whole = readFileSync(fixture("one_row"));
  for (let length = 12; length < whole.length; length++) {
    const path = written(directory, `cut${length}`, whole.subarray(0, length));
    const { error, rows } = await scanOutcome(path, { io: length % 2 ? "mmap" : "read" });
    expect({ length, rows, code: (error as SpillwayError)?.code })
      .toEqual({ length, rows: 0, code: "TRUNCATED_FILE" });
  }
});

test("a file that is cut down to less than a footer", async () => {
  using directory = tempDirectory();
  const whole = readFileSync(fixture("one_row"));
  for (let length = 1; length < 12; length++) {
    const { error } = await scanOutcome(
      written(directory, `stub${length}`, whole.subarray(0, length)),
    );
    expect(error).toBeInstanceOf(SpillwayError);
    expect(["NOT_PARQUET", "TRUNCATED_FILE"]).toContain((error as SpillwayError).code);
  }
});

test("a large file that is cut short", async () => {
  using directory = tempDirectory();
  const whole = readFileSync(fixture("sequence"));
  for (let part = 1; part < 20; part++) {
    const content = whole.subarray(0, Math.floor(whole.length * part / 20));
    await expectFault(
      written(directory, `part${part}`, content),
      TruncatedFileError,
      "TRUNCATED_FILE",
    );
  }
});

test("a footer that claims to be longer than the file", async () => {
  using directory = tempDirectory();
  const content = concat(text(MAGIC), text("data"), littleEndian(1_000_000), text(MAGIC));
  const path = written(directory, "short", content);
  const { error } = await scanOutcome(path);
  expect(error).toBeInstanceOf(SpillwayError);
  expect(["TRUNCATED_FILE", "CORRUPT_FILE"]).toContain((error as SpillwayError).code);
});

test("a footer that is no footer", async () => {
  using directory = tempDirectory();
  const junk = Uint8Array.from({ length: 64 }, (_, at) => (at * 37 + 11) & 0xff);
  for (const footer of [junk, new Uint8Array()]) {
    const content = concat(text(MAGIC), footer, littleEndian(footer.length), text(MAGIC));
    const path = written(directory, `footer${footer.length}`, content);
    await expectFault(path, CorruptFileError, "CORRUPT_FILE");
  }
});

test("a page that does not unpack is placed in its row group and column", async () => {
  using directory = tempDirectory();
  const bytes = smallFile("SNAPPY");
  const { rowGroups } = await scanParquet(written(directory, "sound", bytes)).metadata();
  const chunk = rowGroups[1]!.columns.find(({ path }) => path === "maybe")!;
  // Past the page's header, where the compressed values lie.
  const start = chunk.dataPageOffset + 60;
  bytes.fill(0xff, start, chunk.dataPageOffset + chunk.compressedSize);
  const path = written(directory, "broken", bytes);

  const stream = scanParquet(path, { batchSize: 100 });
  let rows = 0;
  const failing = async () => {
    for await (using batch of stream) rows += batch.numRows;
  };
  const error = await failing().catch((reason) => reason);
  expect(error).toBeInstanceOf(CorruptFileError);
  expect(error).toMatchObject({ code: "CORRUPT_FILE", path, column: "maybe", rowGroup: 1 });
  expect(rows).toBeLessThan(2 * PAGE_VALUES);
  expect(await scanOutcome(path, { columns: ["id", "text"] }))
    .toEqual({ rows: 2 * PAGE_VALUES, error: null });
});

for (const codec of ["SNAPPY", "UNCOMPRESSED"] as const) {
  test(`a byte that is wrong anywhere, ${codec}, ends in rows or in a typed error`, async () => {
    using directory = tempDirectory();
    const whole = smallFile(codec);
    // Every third byte of the footer and every eleventh of the data, each with another bit flipped.
    const footer = whole.length - 8 - new DataView(whole.buffer).getUint32(whole.length - 8, true);
    for (let at = 0; at < whole.length; at += at < footer ? 11 : 3) {
      const bytes = whole.slice();
      bytes[at]! ^= 1 << (at % 8);
      const path = written(directory, `flipped${at}`, bytes);
      const { error } = await scanOutcome(path, { memoryLimit: "64MB" });
      rmSync(path);
      if (error === null) continue;
      const { code = String(error) } = error as SpillwayError;
      expect({ at, code, isSpillway: error instanceof SpillwayError }).toEqual({
        at,
        code,
        isSpillway: true,
      });
      expect([at, code]).not.toEqual([at, "INTERNAL"]);
    }
  });
}

for (const io of ["mmap", "read"] as const) {
  test(`a file that is written to while it is read, ${io}`, async () => {
    using directory = tempDirectory();
    const path = written(directory, "growing", readFileSync(fixture("one_row_group")));
    const reader = scanParquet(path, { io, memoryLimit: "2MB", batchSize: 1_000 }).getReader();
    const { value } = await reader.read();
    value!.release();
    appendFileSync(path, "x");
    const rest = async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "read to the end";
        value.release();
      }
    };
    const error = await rest().catch((reason) => reason);
    expect(error).toBeInstanceOf(FileChangedError);
    expect(error).toMatchObject({ code: "FILE_CHANGED", path });
    expect((await scanOutcome(path, { io })).error).toBeInstanceOf(TruncatedFileError);
  });
}

for (const io of ["mmap", "read"] as const) {
  test(`a file that is cut off while it is read, ${io}`, async () => {
    using directory = tempDirectory();
    const path = written(directory, "shrinking", readFileSync(fixture("one_row_group")));
    // In a process of its own: to touch a map beyond the file's end would kill it.
    const { code, stdout } = await runScript("cut_off", { args: [path, io] });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"code":"FILE_CHANGED"}\n' });
  });
}

test("a codec that is not supported", async () => {
  using directory = tempDirectory();
  const path = written(directory, "lzo", smallFile("LZO"));
  const { error } = await scanOutcome(path);
  expect(error).toBeInstanceOf(UnsupportedFeatureError);
  expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE", path });
  expect((error as Error).message).toContain("LZO");
});

test("an encrypted file", async () => {
  using directory = tempDirectory();
  const content = concat(text("PARE"), text("secret".repeat(20)), littleEndian(40), text("PARE"));
  await expectFault(written(directory, "encrypted", content), EncryptedFileError, "ENCRYPTED_FILE");
});

test("a memory limit that is too small for one row", async () => {
  const LONG = 5 * 2 ** 20;
  const { error, rows } = await scanOutcome(fixture("long_after_short"), { memoryLimit: "1MB" });
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(error).toMatchObject({ code: "MEMORY_LIMIT", path: fixture("long_after_short") });
  // The short rows before it fit, and are given; the first long one shares its page with some of them.
  expect([30_000, 30_001]).toContain(rows);
  const enough = await scanOutcome(fixture("long_after_short"), { memoryLimit: 4 * LONG });
  expect(enough).toEqual({ rows: 31_012, error: null });
});

test("a memory limit of next to nothing", async () => {
  const { error, rows } = await scanOutcome(fixture("sequence"), { memoryLimit: 10 });
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(rows).toBe(0);
});

test("arguments that are wrong are refused at once", () => {
  const path = fixture("sequence");
  const wrong: [unknown, typeof TypeError | typeof RangeError][] = [
    [{ batchSize: 0 }, RangeError],
    [{ batchSize: 1.5 }, RangeError],
    [{ limit: -1 }, RangeError],
    [{ offset: NaN }, RangeError],
    [{ rowGroups: [-1] }, RangeError],
    [{ memoryLimit: 0 }, RangeError],
    [{ memoryLimit: "lots" }, TypeError],
    [{ columns: "id" }, TypeError],
    [{ columns: ["id", "id"] }, TypeError],
    [{ io: "http" }, TypeError],
    [{ dictionary: "text" }, TypeError],
    [{ strings: "utf16" }, TypeError],
    [{ signal: {} }, TypeError],
    [{ batchsize: 10 }, TypeError],
    [{ batchSize: 10, chunkStrategy: { calculateChunkSize: () => 1, adjust() {} } }, TypeError],
    ["id", TypeError],
  ];
  for (const [options, expected] of wrong) {
    expect(() => scanParquet(path, options as never)).toThrow(expected);
  }
  for (const path of ["", "a\0b", 7, null, new URL("https://example.com/a.parquet")]) {
    expect(() => scanParquet(path as never)).toThrow(TypeError);
  }
});

test("row groups that the file does not have are refused when it is open", async () => {
  for (const rowGroups of [[10], [0, 99], [3, 3]]) {
    const { error, rows } = await scanOutcome(fixture("sequence"), { rowGroups });
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toContain(String(rowGroups.at(-1)));
    expect(rows).toBe(0);
  }
});

test("an error stays with the stream, and does not touch others", async () => {
  using directory = tempDirectory();
  const absent = scanParquet(directory.file("absent.parquet"));
  const reader = absent.getReader();
  const first = await reader.read().catch((reason) => reason);
  expect(first).toBeInstanceOf(FileNotFoundError);
  expect(await reader.read().catch((reason) => reason)).toBe(first);
  expect(await reader.closed.catch((reason) => reason)).toBe(first);
  const sound = scanParquet(fixture("sequence")).getReader();
  const { value } = await sound.read();
  expectSequence(value!, 0);
  await sound.cancel();
});
