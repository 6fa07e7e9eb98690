import { expect } from "@std/expect";
import { RecordBatch, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  BatchReleasedError,
  MemoryManager,
  type ScanOptions,
  scanParquet,
  SpillwayBatch,
} from "spillway";
import { valuesOf } from "./support/arrow_values.ts";
import { fixture } from "./support/fixtures.ts";
import { collectGarbage, tempDirectory, test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));
const MiB = 2 ** 20;

async function firstBatch(options: ScanOptions = {}, file = path): Promise<SpillwayBatch> {
  const reader = scanParquet(file, options).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  if (value === undefined) throw new Error("No batch");
  return value;
}

function streamBytes(): number {
  return MemoryManager.shared.currentUsage().streamBytes;
}

/** Collects garbage until no more than so many bytes are left, or patience is. */
async function collectTo(bytes: number): Promise<number> {
  for (let round = 0; round < 100 && streamBytes() > bytes; round++) await collectGarbage();
  return streamBytes();
}

test("a batch is a RecordBatch in all that it has, though its constructor isn't called", async () => {
  using batch = await firstBatch();
  expect(batch).toBeInstanceOf(RecordBatch);
  expect(batch).toBeInstanceOf(SpillwayBatch);
  expect(RecordBatch.isRecordBatch(batch)).toBe(true);
  expect(SpillwayBatch.isRecordBatch(batch)).toBe(true);
  const plain = new RecordBatch(batch.schema, batch.data);
  expect(plain).not.toBeInstanceOf(SpillwayBatch);
  // What RecordBatch's constructor sets, and nothing else but `data`, which is the class's own.
  expect(Object.keys(plain).filter((name) => !(name in batch))).toEqual([]);
  expect(batch.metadata).toEqual(plain.metadata);
  expect(batch.dictionaries).toEqual(plain.dictionaries);
  expect(batch.select(["celsius"]).toArray()).toEqual(plain.select(["celsius"]).toArray());
  expect(batch.slice(1, 3).toArray()).toEqual(plain.slice(1, 3).toArray());
  using another = await firstBatch();
  batch.metadata.set("unit", "celsius");
  expect(another.metadata.size).toBe(0);
});

for (const zeroCopy of [true, false]) {
  const kind = zeroCopy ? "a view" : "a copy";

  test(`${kind} is a real RecordBatch`, async () => {
    const batch = await firstBatch({ zeroCopy });
    expect(batch).toBeInstanceOf(SpillwayBatch);
    expect(batch).toBeInstanceOf(RecordBatch);
    expect(batch.zeroCopy).toBe(zeroCopy);
    expect(batch.numRows).toBe(2_000);
    expect(batch.numCols).toBe(3);
    expect(batch.nullCount).toBe(0);
    expect(batch.byteLength).toBeGreaterThan(2_000 * 16);
    expect(batch.get(0)?.toJSON()).toEqual({
      sensor: "attic",
      at: Date.UTC(2026, 0, 1),
      celsius: 17.5,
    });
    expect(batch.slice(10, 12).toArray().length).toBe(2);
    expect(batch.selectAt([2]).schema.names).toEqual(["celsius"]);
    expect([...batch].length).toBe(2_000);
    const again = tableFromIPC(tableToIPC(new Table([batch])));
    expect(again.numRows).toBe(2_000);
    batch.release();
  });

  test(`${kind} that is released is empty and says so`, async () => {
    const batch = await firstBatch({ zeroCopy });
    const celsius = batch.getChild("celsius");
    const values = celsius?.toArray() as Float64Array;
    const { buffer } = values;
    expect(values.length).toBe(2_000);
    batch.release();
    expect(batch.released).toBe(true);
    expect(values.length).toBe(0);
    expect(values[0]).toBe(undefined);
    expect((buffer as ArrayBuffer).detached).toBe(true);
    expect(celsius?.get(0)).toBe(undefined);
    const reads: (() => unknown)[] = [
      () => batch.getChild("celsius"),
      () => batch.getChildAt(0),
      () => batch.get(0),
      () => batch.at(-1),
      () => batch.data,
      () => [...batch],
      () => batch.toArray(),
      () => batch.slice(0, 1),
      () => batch.select(["sensor"]),
      () => batch.toOwned(),
      () => new Table([batch]),
    ];
    for (const read of reads) expect(read).toThrow(BatchReleasedError);
    expect(() => batch.get(0)).toThrow(/batch of 2000 rows from row 0: it was released/);
    // What doesn't need its memory stays known.
    expect(batch.numRows).toBe(2_000);
    expect(batch.schema.names).toEqual(["sensor", "at", "celsius"]);
  });

  test(`${kind} may be released twice, and after a transfer`, async () => {
    const batch = await firstBatch({ zeroCopy });
    const { buffer } = batch.getChild("celsius")?.toArray() as Float64Array<ArrayBuffer>;
    const moved = structuredClone(buffer, { transfer: [buffer] });
    batch.release();
    batch.release();
    batch[Symbol.dispose]();
    // The receiver owns it: the release left it alone.
    expect(new Float64Array(moved)[0]).toBe(17.5);
    expect(new Float64Array(moved)[1_999]).toBe(16.5);
  });
}

test("a released batch gives its bytes back at once", async () => {
  const before = await collectTo(0);
  const batch = await firstBatch();
  expect(streamBytes() - before).toBe(batch.byteLength);
  batch.release();
  expect(streamBytes()).toBe(before);
});

test("a batch that nobody refers to is collected with its memory", async () => {
  const before = await collectTo(0);
  await (async () => {
    for (let round = 0; round < 20; round++) await firstBatch();
  })();
  expect(await collectTo(before)).toBe(before);
});

test("a column keeps its memory when its batch is dropped", async () => {
  const before = await collectTo(0);
  const columns = await Promise.all(
    Array.from({ length: 8 }, async () => (await firstBatch()).getChild("celsius")),
  );
  await collectGarbage();
  const kept = streamBytes();
  expect(kept - before).toBeGreaterThanOrEqual(8 * 2_000 * 8);
  for (const celsius of columns) expect(celsius?.get(1_999)).toBe(16.5);
  columns.length = 0;
  // One may be left in a register or on the stack, where engines look for references too.
  const one = before + (kept - before) / 8;
  expect(await collectTo(one)).toBeLessThanOrEqual(one);
});

test("a batch outlives its stream, cancelled, ended or dropped", async () => {
  const stream = scanParquet(path, { batchSize: 500 });
  const batches = await Array.fromAsync(stream);
  const cancelled = await firstBatch({ batchSize: 700 });
  await collectGarbage();
  for (const batch of [...batches, cancelled]) {
    expect(batch.getChild("celsius")?.get(0)).toBe(17.5);
    batch.release();
  }
});

test("toOwned copies what is a view, and takes over what is a copy", async () => {
  const before = await collectTo(0);
  for (const zeroCopy of [true, false]) {
    const batch = await firstBatch({ zeroCopy });
    const values = batch.getChild("celsius")?.toArray() as Float64Array;
    const owned = batch.toOwned();
    expect(owned.zeroCopy).toBe(false);
    expect(owned.firstRow).toBe(batch.firstRow);
    expect(owned.getChild("celsius")?.toArray().buffer === values.buffer).toBe(!zeroCopy);
    expect(batch.getChild("celsius")?.get(5)).toBe(owned.getChild("celsius")?.get(5));
    batch.release();
    expect(streamBytes()).toBe(before);
    expect(owned.released).toBe(false);
    expect(owned.getChild("sensor")?.get(3)).toBe("kitchen");
    owned.release();
    expect(() => owned.getChild("celsius")).toThrow(BatchReleasedError);
  }
});

test("toOwned holds for every type of column", async () => {
  for (const name of ["types", "nested"]) {
    const batch = await firstBatch({}, fixture(name));
    const owned = batch.toOwned();
    const values = (from: RecordBatch) => from.data.children.map(valuesOf);
    const expected = values(batch);
    batch.release();
    expect(values(owned)).toEqual(expected);
  }
});

test("a batch of dictionaries keeps its words when earlier batches are released", async () => {
  const words: unknown[] = [];
  for await (using batch of scanParquet(path, { batchSize: 300, dictionary: ["sensor"] })) {
    words.push(...batch.getChild("sensor") ?? []);
  }
  expect(words.length).toBe(2_000);
  expect(words.slice(-4)).toEqual(["attic", "cellar", "garden", "kitchen"]);
});

test("a buffer that a worker was sent stays the worker's", async () => {
  const before = await collectTo(0);
  const worker = new Worker(new URL("./support/scripts/sum_worker.ts", import.meta.url), {
    type: "module",
  });
  try {
    const batch = await firstBatch();
    const { buffer } = batch.getChild("celsius")?.toArray() as Float64Array<ArrayBuffer>;
    const sum = new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
    worker.postMessage(buffer, [buffer]);
    expect(buffer.detached).toBe(true);
    batch.release();
    // Had its memory gone back, this scan would write over it.
    await Array.fromAsync(scanParquet(path, { zeroCopy: false }));
    await collectGarbage();
    expect(await sum).toBe(35_000);
  } finally {
    worker.terminate();
  }
  expect(await collectTo(before)).toBe(before);
});

test("memory that a write under way still reads isn't given back before it is done", async () => {
  using directory = tempDirectory();
  const file = directory.file("celsius.bin");
  const batch = await firstBatch();
  const bytes = batch.getChild("celsius")?.toArray() as Float64Array<ArrayBuffer>;
  const expected = new Uint8Array(bytes.buffer).slice();
  const written = writeFile(file, new Uint8Array(bytes.buffer)).then(() => true, () => false);
  batch.release();
  await Array.fromAsync(scanParquet(path, { zeroCopy: false }));
  // All of it, or nothing because it was detached before the write began: never other bytes.
  if (!await written) return;
  const found = new Uint8Array(readFileSync(file));
  if (found.length > 0) expect(found).toEqual(expected);
});

test("batches that nobody releases don't pile up: the collector is moved", async () => {
  await collectTo(0);
  let most = 0;
  let bytes = 0;
  for await (const batch of scanParquet(fixture("one_row_group"), { memoryLimit: "8MB" })) {
    bytes += batch.byteLength;
    most = Math.max(most, streamBytes());
  }
  expect(bytes).toBeGreaterThan(16 * MiB);
  expect(most).toBeLessThanOrEqual(8e6);
});
