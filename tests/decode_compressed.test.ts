import { expect } from "@std/expect";
import { constants, createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import {
  CorruptFileError,
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  MemoryLimitError,
  type RecordBatchStream,
  type TextDecoding,
} from "spillway";
import { test } from "./support/harness.ts";
import { numbersOf } from "./support/numbers_of.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ROWS = 5_000;
const range = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, at) => start + at);
const csvLines = (start: number, end: number) => range(start, end).map((n) => `${n},ä\n`).join("");
const jsonLines = (start: number, end: number) =>
  range(start, end).map((n) => `{"number":${n}}\n`).join("");

/** Pushes bytes in pieces of a size. */
function decoded(bytes: Bytes, decoder: TextDecoding, size = bytes.length): RecordBatchStream {
  const pieces = range(0, Math.ceil(bytes.length / size)).map((piece) =>
    bytes.subarray(piece * size, (piece + 1) * size)
  );
  return ReadableStream.from(pieces).pipeThrough(decoder) as RecordBatchStream;
}

const formats = {
  gzip: (text: string): Bytes => Uint8Array.from(gzipSync(text)),
  zstd: (text: string): Bytes => Uint8Array.from(zstdCompressSync(text)),
};

for (const compression of ["gzip", "zstd"] as const) {
  const compressed = formats[compression];

  test(`text that comes compressed by ${compression} is read, in any pieces and parts`, async () => {
    const csv = Buffer.concat([
      compressed(`number,t\n${csvLines(0, 1_234)}`),
      compressed(""),
      compressed(csvLines(1_234, ROWS)),
    ]);
    const bytes = Uint8Array.from(csv);
    for (const size of [1, 7, 1_000, bytes.length]) {
      expect(await numbersOf(decoded(bytes, decodeCsv({ compression }), size)))
        .toEqual(range(0, ROWS));
    }
    const json = compressed(jsonLines(0, ROWS));
    expect(await numbersOf(decoded(json, decodeNdjson({ compression }), 100)))
      .toEqual(range(0, ROWS));
  });

  test(`memory stays within its limit however much ${compression} unpacks to`, async () => {
    const rows = 3_000_000;
    const { readable, writable } = decodeCsv({ compression, memoryLimit: "1MB" });
    const bytes = compressed(`number\n${"1\n".repeat(rows)}`);
    expect(bytes.length).toBeLessThan(30_000);
    const piped = ReadableStream.from([bytes]).pipeTo(writable);
    expect(await readable.count()).toBe(rows);
    await piped;
    const { peakBytes, limitBytes } = readable.stats();
    expect(limitBytes).toBe(1_000_000);
    expect(peakBytes).toBeLessThanOrEqual(limitBytes);
    const line = decodeCsv({ compression, memoryLimit: "1MB" });
    const endless = decoded(compressed(`number\n${"1".repeat(50_000_000)}`), line);
    expect(await endless.collect().catch((error) => error)).toBeInstanceOf(MemoryLimitError);
    expect(endless.stats().peakBytes).toBeLessThanOrEqual(limitBytes);
  });

  test(`what is no ${compression}, or not whole, is an error, after the rows before it`, async () => {
    const bytes = compressed(jsonLines(0, ROWS));
    const cut = decoded(bytes.subarray(0, -5), decodeNdjson({ compression, inferRows: 1 }), 500);
    const found: number[] = [];
    let error: unknown;
    try {
      for await (using batch of cut) for (const { number } of batch) found.push(Number(number));
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error).toMatchObject({ path: null });
    expect(String(error)).toContain("Cannot decompress the bytes: the end is missing");
    expect(found).toEqual(range(0, found.length));
    const plain = decoded(new TextEncoder().encode(jsonLines(0, 9)), decodeNdjson({ compression }));
    const wrong = await plain.collect().catch((error) => error);
    expect(wrong).toBeInstanceOf(CorruptFileError);
    expect(String(wrong)).toContain("Cannot decompress the bytes: this is no ");
  });

  test(`nothing at all that would be ${compression} has no rows`, async () => {
    expect((await decoded(new Uint8Array(), decodeNdjson({ compression }), 1).collect()).numRows)
      .toBe(0);
  });
}

test("rows come as soon as what is compressed of them was pushed", async () => {
  const gzip = createGzip();
  const { readable, writable } = decodeCsv({ compression: "gzip", infer: { rows: 1 } });
  const reader = readable.getReader();
  const writer = writable.getWriter();
  for (const [index, text] of ["a\n1\n", "2\n", "3\n"].entries()) {
    const read = reader.read();
    gzip.write(text);
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    for (let part = gzip.read(); part !== null; part = gzip.read()) {
      await writer.write(Uint8Array.from(part));
    }
    const { value } = await read;
    expect(Array.from(value!.getChild("a")!)).toEqual([BigInt(index + 1)]);
  }
  await reader.cancel();
  await writer.closed.catch(() => {});
});

test("Arrow IPC is compressed by itself, and other formats are refused", () => {
  expect(() => decodeArrow({ compression: "gzip" } as never)).toThrow(TypeError);
  expect(() => decodeCsv({ compression: "br" as never })).toThrow(TypeError);
});
