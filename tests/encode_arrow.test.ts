import { expect } from "@std/expect";
import {
  compressionRegistry,
  CompressionType,
  Dictionary,
  Int32,
  type RecordBatch,
  RecordBatchReader,
  tableFromIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { encodeArrow, type EncodeArrowOptions, scanParquet, writeArrow } from "spillway";
import { columnsOf } from "./support/arrow_values.ts";
import { batchOf } from "./support/batch_of.ts";
import { encoded } from "./support/encoded.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { expectSequence } from "./support/sequence.ts";
import { sinkTest } from "./support/sink_test.ts";

const magic = "ARROW1";

function scan() {
  return scanParquet(fixture("sequence"), { limit: 5_000, batchSize: 1_000 });
}

/** Whether bytes begin and end as an Arrow file does. */
function isFile(bytes: Uint8Array): boolean {
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  const starts = text(0, 6) === magic;
  expect(bytes.length >= 6 && text(bytes.length - 6, bytes.length) === magic).toBe(starts);
  return starts;
}

function expectRows(bytes: Uint8Array): void {
  const { batches } = tableFromIPC(bytes);
  let row = 0;
  for (const batch of batches) {
    expectSequence(batch, row);
    row += batch.numRows;
  }
  expect(row).toBe(5_000);
}

test("bytes are a stream, or a file where that is asked for", async () => {
  const stream = await encoded(scan(), encodeArrow());
  expect(isFile(stream)).toBe(false);
  expectRows(stream);
  const file = await encoded(scan(), encodeArrow({ container: "file" }));
  expect(isFile(file)).toBe(true);
  expectRows(file);
});

test("batches stay as they are divided", async () => {
  for (const container of ["file", "stream"] as const) {
    const bytes = await encoded(scan(), encodeArrow({ container }));
    expect(tableFromIPC(bytes).batches.map(({ numRows }) => numRows))
      .toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  }
});

test("a stream is read while it is written", async () => {
  const reader = await RecordBatchReader.from(scan().pipeThrough(encodeArrow()));
  let row = 0;
  for await (const batch of reader) {
    expectSequence(batch as RecordBatch, row);
    row += batch.numRows;
  }
  expect(row).toBe(5_000);
});

sinkTest("files are files, or a stream where that is asked for", async (folder) => {
  await scan().pipeTo(writeArrow(folder.file("a")));
  expect(isFile(readFileSync(folder.file("a")))).toBe(true);
  expectRows(readFileSync(folder.file("a")));
  await scan().pipeTo(writeArrow(folder.file("b"), { container: "stream" }));
  expect(isFile(readFileSync(folder.file("b")))).toBe(false);
  expectRows(readFileSync(folder.file("b")));
});

test("buffers are compressed by the codec asked for", async () => {
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes) });
  for (const container of ["file", "stream"] as const) {
    const size = async (compression: EncodeArrowOptions["compression"]) => {
      const bytes = await encoded(scan(), encodeArrow({ container, compression }));
      if (compression !== "lz4") expectRows(bytes);
      return bytes.length;
    };
    const [none, lz4, zstd] = [await size("none"), await size("lz4"), await size("zstd")];
    expect(lz4).toBeLessThan(none * 0.9);
    expect(zstd).toBeLessThan(lz4);
  }
});

test("a dictionary stays one in a stream, and becomes its values in a file", async () => {
  const type = new Dictionary(new Utf8(), new Int32());
  const batches = [["a", "b", null], ["b", "c"], [null, "a"]].map((words) =>
    batchOf({ word: vectorFromArray(words, type) })
  );
  const expected = { word: ["a", "b", null, "b", "c", null, "a"] };
  for (
    const [container, shown] of [["stream", "Dictionary<Int32, Utf8>"], ["file", "Utf8"]] as const
  ) {
    const table = tableFromIPC(await encoded(batches, encodeArrow({ container })));
    expect(String(table.schema.fields[0]!.type)).toBe(shown);
    expect(columnsOf(table.batches)).toEqual(expected);
  }
});

test("metadata of the schema comes along", async () => {
  const batch = batchOf({ n: vectorFromArray([1], new Int32()) }, {
    metadata: new Map([["a", "ü"]]),
  });
  for (const container of ["file", "stream"] as const) {
    const { schema } = tableFromIPC(await encoded([batch], encodeArrow({ container })));
    expect(schema.metadata.get("a")).toBe("ü");
  }
});
