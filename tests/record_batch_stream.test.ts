import { expect } from "@std/expect";
import { Table } from "apache-arrow";
import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  AdaptiveChunkStrategy,
  BatchReleasedError,
  type ChunkSample,
  FileNotFoundError,
  MemoryLimitError,
  RecordBatchStream,
  scanParquet,
  type ScanProgress,
  type SpillwayBatch,
  UnknownColumnError,
} from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));
const batchSize = 300;
const sizes = [300, 300, 300, 300, 300, 300, 200];

test("a scan is a ReadableStream that opens nothing until it is used", () => {
  const stream = scanParquet("absent.parquet");
  expect(stream).toBeInstanceOf(ReadableStream);
  expect(stream).toBeInstanceOf(RecordBatchStream);
  expect(stream.locked).toBe(false);
  expect(stream.stats().batches).toBe(0);
});

test("batches come in file order, whichever way they are read", async () => {
  const scan = () => scanParquet(path, { batchSize });
  const ways: Record<string, () => Promise<SpillwayBatch[]>> = {
    "for await": async () => {
      const batches = [];
      for await (const batch of scan()) batches.push(batch);
      return batches;
    },
    "getReader": async () => {
      const batches = [];
      const reader = scan().getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        batches.push(next.value);
      }
      return batches;
    },
    "reads that are all outstanding at once": async () => {
      const reader = scan().getReader();
      const reads = Array.from({ length: sizes.length + 1 }, () => reader.read());
      return (await Promise.all(reads)).flatMap(({ value }) => value ?? []);
    },
    "pipeTo": async () => {
      const batches: SpillwayBatch[] = [];
      await scan().pipeTo(new WritableStream({ write: (batch) => void batches.push(batch) }));
      return batches;
    },
    "pipeThrough": () => Array.fromAsync(scan().pipeThrough(new TransformStream())),
    "Array.fromAsync": () => Array.fromAsync(scan()),
  };
  for (const [way, read] of Object.entries(ways)) {
    const batches = await read();
    expect([way, batches.map(({ numRows }) => numRows)]).toEqual([way, sizes]);
    expect(batches.map(({ firstRow }) => firstRow)).toEqual([0, 300, 600, 900, 1200, 1500, 1800]);
  }
});

test("`for await (using …)` releases each batch when its turn ends", async () => {
  const seen: SpillwayBatch[] = [];
  for await (using batch of scanParquet(path, { batchSize })) {
    expect(seen.every(({ released }) => released)).toBe(true);
    expect(batch.released).toBe(false);
    seen.push(batch);
  }
  expect(seen.length).toBe(sizes.length);
  expect(seen.every(({ released }) => released)).toBe(true);
});

test("`values({ preventCancel: true })` leaves the stream to be read on", async () => {
  const stream = scanParquet(path, { batchSize });
  for await (const batch of stream.values({ preventCancel: true })) {
    expect(batch.firstRow).toBe(0);
    break;
  }
  expect(stream.locked).toBe(false);
  const rest = await Array.fromAsync(stream);
  expect(rest.map(({ firstRow }) => firstRow)).toEqual([300, 600, 900, 1200, 1500, 1800]);
});

test("leaving `for await` cancels the stream", async () => {
  const stream = scanParquet(path, { batchSize });
  for await (using _ of stream) break;
  expect((await stream.getReader().read()).done).toBe(true);
  expect(stream.stats().batches).toBe(1);
});

test("cancelling again, and after the end, does nothing", async () => {
  const stream = scanParquet(path);
  await Array.fromAsync(stream);
  await stream.cancel();
  const cancelled = scanParquet(path);
  await cancelled.cancel("enough");
  await cancelled.cancel("enough");
  expect(await Array.fromAsync(cancelled)).toEqual([]);
});

test("an abort's reason passes through untouched, before and during the scan", async () => {
  const reasons = [new Error("enough"), "text", { some: "object" }, undefined];
  for (const reason of reasons) {
    const before = new AbortController();
    before.abort(reason);
    const { signal } = before;
    const early = scanParquet(path, { signal }).getReader().read().catch((error) => ({ error }));
    expect(await early).toEqual({ error: signal.reason });

    const during = new AbortController();
    const reader = scanParquet(path, { batchSize, signal: during.signal }).getReader();
    await reader.read();
    const outstanding = reader.read().catch((error) => error);
    during.abort(reason);
    await outstanding;
    const late = await reader.read().catch((error) => ({ error }));
    expect((late as { error: unknown }).error).toBe(during.signal.reason);
  }
});

test("an abort while a read is outstanding rejects it with the reason", async () => {
  const abort = new AbortController();
  const reader = scanParquet(path, { signal: abort.signal }).getReader();
  const read = reader.read();
  const reason = new Error("enough");
  abort.abort(reason);
  const outcome = await read.catch((error) => error);
  expect(outcome).toBe(reason);
});

test("an abort after the end changes nothing", async () => {
  const abort = new AbortController();
  const stream = scanParquet(path, { signal: abort.signal });
  expect((await Array.fromAsync(stream)).length).toBe(1);
  abort.abort();
  expect((await stream.getReader().read()).done).toBe(true);
});

test("a time-out that has passed errors the stream with its TimeoutError", async () => {
  const signal = AbortSignal.timeout(0);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  const error = await scanParquet(path, { signal }).getReader().read().catch((reason) => reason);
  expect(error.name).toBe("TimeoutError");
});

test("errors of the file come from the stream, and from whatever else needs the file", async () => {
  const uses: ((stream: RecordBatchStream) => Promise<unknown>)[] = [
    (stream) => stream.getReader().read(),
    (stream) => Array.fromAsync(stream),
    (stream) => stream.schema(),
    (stream) => stream.metadata(),
    (stream) => stream.explain(),
    (stream) => stream.collect(),
    (stream) => stream.rows().next(),
  ];
  for (const use of uses) {
    await expect(use(scanParquet("absent.parquet"))).rejects.toThrow(FileNotFoundError);
  }
});

test("a stream that has failed stays failed with the same error", async () => {
  const stream = scanParquet("absent.parquet");
  const reader = stream.getReader();
  const first = await reader.read().catch((error) => error);
  const second = await reader.read().catch((error) => error);
  expect(first).toBeInstanceOf(FileNotFoundError);
  expect(second).toBe(first);
  expect(await reader.closed.catch((error) => error)).toBe(first);
});

test("asking for the schema first doesn't hide the stream's own error", async () => {
  const stream = scanParquet(path, { columns: ["celsuis"] });
  await expect(stream.schema()).rejects.toThrow(UnknownColumnError);
  await expect(stream.getReader().read()).rejects.toThrow(UnknownColumnError);
});

test("schema, plan and metadata are there before, during and after the scan", async () => {
  const stream = scanParquet(path, { columns: ["celsius"], batchSize });
  const facts = async () => {
    const [schema, plan, metadata] = await Promise.all([
      stream.schema(),
      stream.explain(),
      stream.metadata(),
    ]);
    return [schema.names, plan.rows, metadata.numRowGroups];
  };
  const expected = [["celsius"], 2_000, 4];
  expect(await facts()).toEqual(expected);
  const reader = stream.getReader();
  const { value } = await reader.read();
  expect(await facts()).toEqual(expected);
  expect(value?.schema).toBe(await stream.schema());
  await reader.cancel();
  expect(await facts()).toEqual(expected);
});

test("facts that are asked for while the stream is cancelled come all the same", async () => {
  const stream = scanParquet(path);
  const schema = stream.schema();
  await stream.cancel();
  expect((await schema).names).toEqual(["sensor", "at", "celsius"]);
});

test("collect gives a table that owns its memory", async () => {
  const stream = scanParquet(path, { batchSize });
  const table = await stream.collect();
  expect(table).toBeInstanceOf(Table);
  expect(table.numRows).toBe(2_000);
  expect(table.batches.length).toBe(sizes.length);
  expect(stream.stats().copiedBatches).toBe(sizes.length);
  expect(stream.stats().heldBytes).toBe(0);
  expect(table.get(1_999)?.toJSON()["sensor"]).toBe("kitchen");
});

test("collect of no rows is an empty table with the schema", async () => {
  const table = await scanParquet(path, { limit: 0 }).collect();
  expect(table.numRows).toBe(0);
  expect(table.schema.names).toEqual(["sensor", "at", "celsius"]);
});

test("collect refuses before decoding what the plan says won't fit", async () => {
  const stream = scanParquet(path);
  const error = await stream.collect({ maxBytes: 1_000 }).catch((reason) => reason);
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(error.path).toBe(path);
  expect(error.message).toContain("1 KB".replace("1 KB", "0.977 KiB"));
  expect(stream.stats().batchesDecoded).toBe(0);
  expect((await stream.getReader().read()).done).toBe(true);
});

test("collect refuses amounts that it can't read", async () => {
  await expect(scanParquet(path).collect({ maxBytes: "much" })).rejects.toThrow(TypeError);
  await expect(scanParquet(path).collect({ maxBytes: -1 })).rejects.toThrow(RangeError);
});

test("rows are plain objects that outlive their batches", async () => {
  const rows = await Array.fromAsync(scanParquet(path, { batchSize, limit: 302 }).rows());
  expect(rows.length).toBe(302);
  expect(rows[0]).toEqual({ sensor: "attic", at: Date.UTC(2026, 0, 1), celsius: 17.5 });
  expect(rows[301]).toMatchObject({ sensor: "cellar", celsius: 18.5 });
});

test("leaving rows early cancels the stream and releases its batch", async () => {
  const stream = scanParquet(path, { batchSize });
  for await (const _ of stream.rows()) break;
  expect(stream.stats().heldBytes).toBe(0);
  expect((await stream.getReader().read()).done).toBe(true);
});

test("progress tells the rows and bytes done of all, and the end", async () => {
  const reports: ScanProgress[] = [];
  const options = { batchSize, progress: (report: ScanProgress) => void reports.push(report) };
  await Array.fromAsync(scanParquet(path, options));
  const last = reports.at(-1);
  expect(last).toMatchObject({ rows: 2_000, totalRows: 2_000, fraction: 1 });
  expect(last?.bytes).toBe(last?.totalBytes);
  expect(last?.totalBytes).toBeGreaterThan(0);
  expect(last?.rowsPerSecond).toBeGreaterThan(0);
  expect(reports[0]?.rows).toBe(300);
});

test("an error of the progress callback errors the stream", async () => {
  const progress = () => {
    throw new Error("no terminal");
  };
  const stream = scanParquet(path, { progress });
  await expect(Array.fromAsync(stream)).rejects.toThrow("no terminal");
  expect(stream.stats().heldBytes).toBe(0);
});

test("a strategy is asked before each batch and told of each that is done with", async () => {
  const asked: number[] = [];
  const samples: ChunkSample[] = [];
  const chunkStrategy = {
    reason: "by the test",
    calculateChunkSize: ({ batches }: { batches: number }) => (asked.push(batches), 400),
    adjust: (sample: ChunkSample) => void samples.push(sample),
  };
  const stream = scanParquet(path, { chunkStrategy });
  const batches = await Array.fromAsync(stream);
  expect(batches.map(({ numRows }) => numRows)).toEqual([400, 400, 400, 400, 400]);
  // Once before the file is open, then in each pull; the last finds the end.
  expect(asked).toEqual([0, 0, 1, 2, 3, 4, 5]);
  expect(samples.map(({ rows }) => rows)).toEqual([400, 400, 400, 400, 400]);
  expect(samples.every(({ bytes, handoverMs }) => bytes > 0 && handoverMs >= 0)).toBe(true);
  const { decisions } = stream.stats();
  expect(decisions.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
  expect(decisions.every(({ reason }) => reason === "by the test")).toBe(true);
  expect(decisions[0]).toMatchObject({ rows: 400, requestedRows: 400 });
});

test("an error of a strategy errors the stream and gives all memory back", async () => {
  const chunkStrategy = new AdaptiveChunkStrategy({ minChunkSize: 1, maxChunkSize: 100 });
  chunkStrategy.adjust = () => {
    throw new Error("can't learn");
  };
  const stream = scanParquet(path, { chunkStrategy });
  await expect(Array.fromAsync(stream)).rejects.toThrow("can't learn");
});

test("a tee's branches share batch objects, so one release reaches both", async () => {
  const [one, two] = scanParquet(path).tee();
  const [ofOne] = await Array.fromAsync(one);
  const [ofTwo] = await Array.fromAsync(two);
  expect(ofOne).toBe(ofTwo);
  ofOne?.release();
  expect(() => ofTwo?.getChild("celsius")).toThrow(BatchReleasedError);
});

test("a stream outlives its file", async () => {
  using directory = tempDirectory();
  const copy = directory.file("copy.parquet");
  copyFileSync(path, copy);
  const reader = scanParquet(copy, { batchSize }).getReader();
  let rows = (await reader.read()).value?.numRows ?? 0;
  rmSync(copy);
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    rows += next.value.numRows;
  }
  expect(rows).toBe(2_000);
});

for (const way of ["half read", "asked for its schema", "never used", "waiting"]) {
  test(`a process ends by itself when a stream is dropped that was ${way}`, async () => {
    const { code, stdout, stderr } = await runScript("drop_stream", { args: [path, way] });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "dropped\n", stderr: "" });
  });
}
