import { expect } from "@std/expect";
import { readFileSync } from "node:fs";
import {
  col,
  decodeArrow,
  MalformedDataError,
  MemoryLimitError,
  scanArrow,
  TruncatedFileError,
  UnsupportedFeatureError,
} from "spillway";
import { arrowBytes, filesOf, joined, numbered, numberedRows } from "./support/arrow_files.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { rowsOf } from "./support/rows_of.ts";

/** Decodes bytes that come in pieces which end at these places. */
async function decoded(
  bytes: Uint8Array<ArrayBuffer>,
  ends: Iterable<number>,
  options = {},
): Promise<string[]> {
  const { readable, writable } = decodeArrow(options);
  const writer = writable.getWriter();
  const write = async () => {
    let start = 0;
    for (const end of ends) {
      await writer.write(bytes.subarray(start, end));
      start = end;
    }
    await writer.write(bytes.subarray(start));
    await writer.close();
  };
  const [rows, written] = await Promise.allSettled([rowsOf(readable), write()]);
  if (rows.status === "rejected") throw rows.reason;
  if (written.status === "rejected") throw written.reason;
  return rows.value;
}

function json(start: number, end: number): string[] {
  return numberedRows(start, end).map((row) => JSON.stringify(row));
}

/** Numbers that can be repeated. */
function* pseudoRandom(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 8;
  }
}

test("the stream format may be cut at every place", async () => {
  const bytes = arrowBytes(joined([numbered(0, 5), numbered(5, 7)]), "stream");
  const expected = json(0, 7);
  for (let end = 0; end <= bytes.length; end++) {
    expect(await decoded(bytes, [end])).toEqual(expected);
  }
  expect(await decoded(bytes, bytes.keys())).toEqual(expected);
});

test("the stream format may be cut at many places", async () => {
  const bytes = arrowBytes(joined([numbered(0, 20_000), numbered(20_000, 20_300)]), "stream");
  const random = pseudoRandom(7);
  for (const most of [10_000, 300_000]) {
    const ends: number[] = [];
    for (let end = 0; end < bytes.length; end += random.next().value % most) ends.push(end);
    expect(await decoded(bytes, ends)).toEqual(json(0, 20_300));
  }
});

test("the file format is decoded where its schema comes first", async () => {
  // The one that apache-arrow writes has its schema in the index at the end.
  const failure = await decoded(arrowBytes(numbered(0, 5), "file"), []).catch((error) => error);
  expect(failure).toBeInstanceOf(UnsupportedFeatureError);
  expect(failure.message).toContain("scanArrow");
  const path = fixture("sequence").replace("sequence.parquet", "ipc_lz4.arrow");
  const bytes = Uint8Array.from(readFileSync(path));
  for (const ends of [[3], [6], [7], [50], [70], [bytes.length - 1]]) {
    expect((await decoded(bytes, ends, { columns: ["id"] })).at(-1)).toBe('{"id":"49999n"}');
  }
});

test("compressed batches and changing dictionaries are decoded as from files", async () => {
  for (const name of ["ipc_lz4.arrow", "ipc_zstd.arrows", "ipc_words.arrows", "nested.arrow"]) {
    const path = fixture("sequence").replace("sequence.parquet", name);
    const bytes = Uint8Array.from(readFileSync(path));
    expect(await decoded(bytes, [1_000, 100_000])).toEqual(await rowsOf(scanArrow(path)));
  }
});

test("only what is wanted is given", async () => {
  const bytes = arrowBytes(numbered(0, 30_000), "stream");
  const options = { columns: ["kind", "n"], where: col("n").ge(29_998), rowIndex: "row" };
  expect(await decoded(bytes, [7_777], options)).toEqual([
    '{"row":"29998n","kind":"b","n":29998}',
    '{"row":"29999n","kind":"c","n":29999}',
  ]);
});

test("a reader that wants no more rows ends the writing", async () => {
  const { readable, writable } = decodeArrow({ limit: 10 });
  const bytes = arrowBytes(numbered(0, 30_000), "stream");
  const writer = writable.getWriter();
  const rows = rowsOf(readable);
  const endless = (async () => {
    for (let start = 0; start < bytes.length; start += 100_000) {
      await writer.write(bytes.subarray(start, start + 100_000));
    }
    // Nobody reads what would be an error.
    for (;;) await writer.write(bytes);
  })();
  expect(await rows).toEqual(json(0, 10));
  expect(await endless.catch((error) => error)).toBeInstanceOf(TypeError);
});

test("a writer waits for a consumer that is slow", async () => {
  const tables = Array.from(
    { length: 60 },
    (_, part) => numbered(5_000 * part, 5_000 * (part + 1)),
  );
  const bytes = arrowBytes(joined([tables[0]!, ...tables.slice(1)]), "stream");
  const { readable, writable } = decodeArrow({ memoryLimit: "1MB", batchSize: 5_000 });
  let written = 0;
  const writing = (async () => {
    const writer = writable.getWriter();
    for (let start = 0; start < bytes.length; start += 50_000) {
      await writer.write(bytes.subarray(start, start + 50_000));
      written = Math.min(bytes.length, start + 50_000);
    }
    await writer.close();
  })();
  let rows = 0;
  let mostAhead = 0;
  for await (using batch of readable) {
    rows += batch.numRows;
    // Long enough for a writer that doesn't wait to be done.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    mostAhead = Math.max(mostAhead, written - rows / 300_000 * bytes.length);
  }
  await writing;
  expect(rows).toBe(300_000);
  expect(mostAhead).toBeLessThan(bytes.length / 2);
  const { peakBytes, limitBytes } = readable.stats();
  expect(peakBytes).toBeLessThanOrEqual(limitBytes);
});

test("a batch that is larger than the limit is an error", async () => {
  const bytes = arrowBytes(numbered(0, 100_000), "stream");
  await expect(decoded(bytes, [1_000], { memoryLimit: "500KB" })).rejects.toBeInstanceOf(
    MemoryLimitError,
  );
});

test("bytes that end early and bytes of other formats are told, and the writer too", async () => {
  const bytes = arrowBytes(numbered(0, 1_000), "stream");
  await expect(decoded(bytes.subarray(0, bytes.length - 100), [])).rejects.toBeInstanceOf(
    TruncatedFileError,
  );
  await expect(decoded(new Uint8Array(), [])).rejects.toBeInstanceOf(TruncatedFileError);
  const text = new TextEncoder().encode("n,text\n1,one\n2,two\n");
  await expect(decoded(text, [3])).rejects.toBeInstanceOf(MalformedDataError);
  const twice = new Uint8Array([...bytes, ...bytes]);
  await expect(decoded(twice, [])).rejects.toBeInstanceOf(MalformedDataError);
  const { readable, writable } = decodeArrow();
  const writer = writable.getWriter();
  const rows = rowsOf(readable).catch((error) => error);
  await writer.write(text).catch(() => {});
  await writer.close().catch(() => {});
  expect(await rows).toBeInstanceOf(MalformedDataError);
});

test("flipped bytes give errors or other values, and never end the process", async () => {
  const random = pseudoRandom(99);
  const below = (limit: number) => random.next().value % limit;
  const path = fixture("sequence").replace("sequence.parquet", "ipc_words.arrows");
  let failed = 0;
  for (
    const source of [arrowBytes(numbered(0, 200), "stream"), Uint8Array.from(readFileSync(path))]
  ) {
    for (let round = 0; round < 80; round++) {
      const broken = Uint8Array.from(source);
      for (let flip = 0; flip <= below(3); flip++) broken[below(broken.length)] = below(256);
      try {
        await decoded(broken, [below(broken.length)], { limit: 10_000 });
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        failed++;
      }
    }
  }
  expect(failed).toBeGreaterThan(0);
});

test("what is decoded is what a scan of the same bytes gives", async () => {
  const bytes = arrowBytes(joined([numbered(0, 9_000), numbered(9_000, 9_001)]), "stream");
  using files = filesOf({ "same.arrow": bytes });
  expect(await decoded(bytes, [4_096])).toEqual(await rowsOf(scanArrow(files.file("same.arrow"))));
});
