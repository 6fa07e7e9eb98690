import { expect } from "@std/expect";
import { Field, Int64, Schema, Utf8 } from "apache-arrow";
import {
  col,
  decodeNdjson,
  limit,
  MalformedDataError,
  MemoryLimitError,
  MemoryManager,
  type NdjsonDecodeOptions,
  type PlainRow,
  type RecordBatchStream,
  scanNdjson,
  where,
} from "spillway";
import { collectGarbage, test } from "./support/harness.ts";
import { ndjsonText, sensorRows, textFiles } from "./support/ndjson.ts";

const encoder = new TextEncoder();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Chunks as a stream of bytes. */
function streamOf(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks);
}

/** Sends chunks through a decoder. */
function decoded(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  options: NdjsonDecodeOptions = {},
): RecordBatchStream {
  return streamOf(chunks).pipeThrough(decodeNdjson(options)) as RecordBatchStream;
}

/** Cuts bytes before each of these places. */
function cut(bytes: Uint8Array<ArrayBuffer>, places: readonly number[]): Uint8Array<ArrayBuffer>[] {
  return [0, ...places].map((start, at) => bytes.subarray(start, places[at]));
}

const small = encoder.encode('\ufeff{"a":1,"t":"ü😀"}\r\n\n{"a":2}\n{"t":"\\u00e9","a":-3}');
const smallRows: PlainRow[] = [{ a: 1n, t: "ü😀" }, { a: 2n, t: null }, { a: -3n, t: "é" }];

test("bytes may be cut anywhere, also within a character", async () => {
  for (let place = 0; place <= small.length; place++) {
    const stream = decoded(cut(small, [place]));
    expect({ place, rows: await Array.fromAsync(stream.rows()) }).toEqual({
      place,
      rows: smallRows,
    });
  }
  const bytewise = decoded(Array.from(small, (byte) => Uint8Array.of(byte)), { inferRows: 1 });
  expect(await Array.fromAsync(bytewise.rows())).toEqual(smallRows);
});

const rows = sensorRows(20_000);
const large = encoder.encode(ndjsonText(rows));

for (const seed of [1, 2, 3]) {
  test(`random chunks (${seed}) give what a scan of the file gives`, async () => {
    using files = textFiles({ "same.ndjson": large });
    let state = seed;
    const random = () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
    const places: number[] = [];
    for (let at = 0; at < large.length;) {
      at += Math.floor(10 ** (5.5 * random()));
      places.push(Math.min(at, large.length));
    }
    const options = { where: col("celsius").gt(5), columns: ["place.room", "n", "tags"] };
    const scanned = Array.fromAsync(scanNdjson(files.file("same.ndjson"), options).rows());
    const pushed = Array.fromAsync(decoded(cut(large, places), options).rows());
    expect(await pushed).toEqual(await scanned);
  });
}

test("steps behind a decoder are taken by it, before anything was written", async () => {
  const stream = decoded([large]).pipeThrough(where(col("n").ge(10))).pipeThrough(limit(3));
  expect(await Array.fromAsync(stream.rows(), ({ n }) => n)).toEqual([10n, 11n, 12n]);
  const { readable, writable } = decodeNdjson();
  const piped = streamOf([small]).pipeTo(writable);
  expect((await readable.schema()).names).toEqual(["a", "t"]);
  const later = readable.pipeThrough(where(col("a").gt(0)));
  expect(await Array.fromAsync(later.rows(), ({ a }) => a)).toEqual([1n, 2n]);
  await piped;
});

test("rows are numbered, skipped, limited and counted as in a file", async () => {
  const options = { rowIndex: "row", offset: 15_000, limit: 2, columns: ["n"] };
  expect(await Array.fromAsync(decoded([large], options).rows())).toEqual([
    { row: 15_000n, n: 15_000n },
    { row: 15_001n, n: 15_001n },
  ]);
  expect(await decoded([large]).count()).toBe(20_000);
  expect((await decoded([large], { batchSize: 6_000 }).collect()).batches.map((b) => b.numRows))
    .toEqual([6_000, 6_000, 6_000, 2_000]);
});

test("rows come as soon as they are there", async () => {
  const schema = new Schema([new Field("a", new Int64(), true), new Field("t", new Utf8(), true)]);
  const { readable, writable } = decodeNdjson({ schema });
  const reader = readable.getReader();
  const writer = writable.getWriter();
  for (const a of [1n, 2n, 3n]) {
    const read = reader.read();
    await writer.write(encoder.encode(`{"a":${a}}\n{"a"`));
    const { value } = await read;
    expect(value!.getChild("a")!.toArray()).toEqual(BigInt64Array.of(a));
    await writer.write(encoder.encode(':0,"t":null}\n'));
    expect((await reader.read()).value!.numRows).toBe(1);
  }
  await writer.close();
  expect((await reader.read()).done).toBe(true);
});

test("nothing that was written has no rows", async () => {
  expect((await decoded([]).collect()).numRows).toBe(0);
  expect((await decoded([new Uint8Array(0), encoder.encode("\n")]).schema()).fields).toEqual([]);
});

test("a writer waits for the consumer, and memory stays within its limit", async () => {
  const { readable, writable } = decodeNdjson({ memoryLimit: "1MB", inferRows: 100 });
  let written = 0;
  const writer = writable.getWriter();
  const writing = (async () => {
    for (let start = 0; start < large.length; start += 16_384) {
      await writer.write(large.subarray(start, start + 16_384));
      written = start;
    }
    await writer.close();
  })();
  await sleep(30);
  // Nothing is taken before the first pull.
  expect(written).toBe(0);
  const reader = readable.getReader();
  let rowsRead = (await reader.read()).value!.numRows;
  let before = -1;
  while (before !== written) {
    before = written;
    await sleep(50);
  }
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(1_000_000);
  expect(large.length).toBeGreaterThan(2_000_000);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rowsRead += value.numRows;
    value.release();
  }
  await writing;
  expect(rowsRead).toBe(20_000);
  const { peakBytes, limitBytes, files, totalFiles } = readable.stats();
  expect({ files, totalFiles }).toEqual({ files: [], totalFiles: 0 });
  expect(limitBytes).toBe(1_000_000);
  expect(peakBytes).toBeLessThanOrEqual(limitBytes);
});

test("a bad line fails both sides", async () => {
  const { readable, writable } = decodeNdjson({ inferRows: 1, memoryLimit: "300KB" });
  const bad = encoder.encode('{"a":1}\n{"a":"x"}\n');
  const piped = streamOf([bad, large]).pipeTo(writable).catch((error) => error);
  const error = await readable.collect().catch((error) => error);
  expect(error).toBeInstanceOf(MalformedDataError);
  expect(error).toMatchObject({ line: 2, path: null, column: "a" });
  expect(await piped).toBeInstanceOf(Error);
});

test("a record that memory can't hold is an error", async () => {
  const { readable, writable } = decodeNdjson({ memoryLimit: "1MB" });
  const megabyte = new Uint8Array(2 ** 20).fill(120);
  const endless = streamOf([
    encoder.encode('{"a":"'),
    ...Array<typeof megabyte>(50).fill(megabyte),
  ]);
  const piped = endless.pipeTo(writable).catch((error) => error);
  await expect(readable.collect()).rejects.toThrow(MemoryLimitError);
  expect(await piped).toBeInstanceOf(Error);
  expect(readable.stats().peakBytes).toBeLessThanOrEqual(1_000_000);
});

test("what is no bytes is refused", async () => {
  const { writable, readable } = decodeNdjson();
  const read = readable.collect().catch((error) => error);
  await expect(writable.getWriter().write("{}" as never)).rejects.toThrow(
    "Only bytes can be decoded, such as a Uint8Array, not string",
  );
  expect(await read).toBeInstanceOf(TypeError);
});

test("views and buffers of all kinds are bytes", async () => {
  const { readable, writable } = decodeNdjson();
  const bytes = encoder.encode('xx{"a":1}\n{"a":2}\n');
  const writer = writable.getWriter();
  const written = [
    writer.write(new DataView(bytes.buffer, 2, 6)),
    writer.write(bytes.buffer.slice(8)),
    writer.close(),
  ];
  expect(await Array.fromAsync(readable.rows())).toEqual([{ a: 1n }, { a: 2n }]);
  await Promise.all(written);
});

const endings: Record<
  string,
  (stream: RecordBatchStream, abort: AbortController) => Promise<void>
> = {
  cancelled: async (stream) => {
    const reader = stream.getReader();
    (await reader.read()).value!.release();
    await reader.cancel("enough");
  },
  "cancelled before it was read": async (stream) => await stream.cancel("enough"),
  aborted: async (stream, abort) => {
    const reader = stream.getReader();
    (await reader.read()).value!.release();
    abort.abort(new Error("no more"));
    await expect(reader.read()).rejects.toThrow("no more");
  },
  "left by break": async (stream) => {
    for await (using _ of stream) break;
  },
};

for (const [ending, end] of Object.entries(endings)) {
  test(`a decoder that is ${ending} tells the writer, and gives all memory back`, async () => {
    await collectGarbage();
    const before = MemoryManager.shared.currentUsage().streamBytes;
    const abort = new AbortController();
    const options = { signal: abort.signal, memoryLimit: "1MB", inferRows: 100 };
    const { readable, writable } = decodeNdjson(options);
    const piped = streamOf(cut(large, [500_000, 1_000_000, 1_500_000])).pipeTo(writable);
    const failure = piped.catch((error) => error);
    await end(readable, abort);
    expect(await failure).toBeInstanceOf(Error);
    for (let round = 0; round < 200; round++) {
      await collectGarbage();
      if (MemoryManager.shared.currentUsage().streamBytes <= before) break;
    }
    expect(MemoryManager.shared.currentUsage().streamBytes).toBeLessThanOrEqual(before);
  });
}

test("a writer that fails fails the batches", async () => {
  const { readable, writable } = decodeNdjson({ inferRows: 1 });
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const first = reader.read();
  await writer.write(small);
  (await first).value!.release();
  await writer.abort(new Error("the sender is gone"));
  await expect(reader.read()).rejects.toThrow("the sender is gone");
});
