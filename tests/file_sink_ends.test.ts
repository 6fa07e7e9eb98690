import { expect } from "@std/expect";
import { Int32, vectorFromArray } from "apache-arrow";
import { existsSync, writeFileSync } from "node:fs";
import {
  BatchReleasedError,
  type FileSink,
  scanParquet,
  UnsortedDataError,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { batchOf } from "./support/batch_of.ts";
import { fixture } from "./support/fixtures.ts";
import { collectGarbage, type TempDirectory } from "./support/harness.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";

function scan(limit = 50_000) {
  return scanParquet(fixture("sequence"), {
    limit,
    batchSize: 1_000,
    columns: ["id", "text", "bucket"],
  });
}

/** Sinks of all kinds, into a folder that has to be made for some of them. */
const sinks: Readonly<Record<string, (folder: TempDirectory) => FileSink>> = {
  "a Parquet file": (folder) => writeParquet(folder.file("a.parquet")),
  "a Parquet file of small row groups": (folder) =>
    writeParquet(folder.file("a.parquet"), { rowGroupRows: 500 }),
  "a series of files": (folder) => writeParquet(folder.file("new/series"), { maxFileRows: 700 }),
  "partitions": (folder) => writeParquet(folder.file("new/deep/by"), { partitionBy: ["bucket"] }),
  "partitions of few open files": (folder) =>
    writeParquet(folder.file("by"), { partitionBy: ["bucket"], maxOpenFiles: 2, maxFileRows: 300 }),
  "an Arrow file": (folder) => writeArrow(folder.file("a.arrow")),
  "a CSV file": (folder) => writeCsv(folder.file("a.csv.gz")),
  "NDJSON files": (folder) => writeNdjson(folder.file("new/"), { maxFileRows: 900 }),
};

/** Each ends the sink early with the reason that it gives back. */
const endings: Readonly<Record<string, (sink: FileSink, reason: Error) => Promise<unknown>>> = {
  "aborted before anything was written": async (sink, reason) => {
    await sink.getWriter().abort(reason);
  },
  "aborted after some batches": async (sink, reason) => {
    const writer = sink.getWriter();
    for await (const batch of scan(10_000)) await writer.write(batch);
    await writer.abort(reason);
  },
  "aborted while batches wait": async (sink, reason) => {
    const writer = sink.getWriter();
    const writes: Promise<void>[] = [];
    for await (const batch of scan(10_000)) writes.push(writer.write(batch));
    const aborted = writer.abort(reason);
    await Promise.allSettled(writes);
    await aborted;
  },
  "written to by a source that fails": async (sink, reason) => {
    let batches = 0;
    const failing = new TransformStream({
      transform(batch, controller) {
        if (++batches === 7) throw reason;
        controller.enqueue(batch);
      },
    });
    return await scan().pipeThrough(failing).pipeTo(sink);
  },
  "stopped by the pipe's signal": async (sink, reason) => {
    const abort = new AbortController();
    let batches = 0;
    const counting = new TransformStream({
      transform(batch, controller) {
        if (++batches === 7) abort.abort(reason);
        controller.enqueue(batch);
      },
    });
    return await scan().pipeThrough(counting).pipeTo(sink, { signal: abort.signal });
  },
  "stopped by the scan's signal": async (sink, reason) => {
    const abort = new AbortController();
    const batches = scanParquet(fixture("sequence"), {
      columns: ["id", "text", "bucket"],
      batchSize: 1_000,
      signal: abort.signal,
      progress: ({ rows }) => rows > 5_000 && abort.abort(reason),
    });
    return await batches.pipeTo(sink);
  },
  "stopped by a signal that was aborted before": async (sink, reason) =>
    await scan().pipeTo(sink, { signal: AbortSignal.abort(reason) }),
};

for (const [kind, open] of Object.entries(sinks)) {
  sinkTest(`${kind} that doesn't come to its end leaves nothing behind`, async (folder) => {
    for (const [ending, end] of Object.entries(endings)) {
      const reason = new Error("enough");
      const sink = open(folder);
      // The pipe may tell of an abort, or may have told of it in another way.
      const told = await end(sink, reason).catch((error) => error);
      const result = await sink.result.catch((error) => error);
      const left = namesIn(folder.path);
      expect({ ending, result, left }).toEqual({ ending, result: reason, left: [] });
      expect([undefined, reason]).toContain(told);
    }
  });

  sinkTest(
    `${kind} that is aborted while it is closed is whole, or nothing is left`,
    async (folder) => {
      // A turn more each time: the abort comes sooner, then later than the file gets its name.
      for (let turns = 0; turns < 12; turns++) {
        const reason = new Error("enough");
        const sink = open(folder);
        const writer = sink.getWriter();
        for await (const batch of scan(2_000)) await writer.write(batch);
        const closed = writer.close().then(() => "closed", (error) => error);
        for (let turn = 0; turn < turns; turn++) {
          await new Promise((next) => setTimeout(next, turns));
        }
        const aborted = writer.abort(reason).then(() => "aborted", (error) => error);
        const result = await sink.result.catch((error) => error);
        if (result === reason) {
          expect([await closed, await aborted]).toEqual([reason, reason]);
          expect(namesIn(folder.path)).toEqual([]);
          continue;
        }
        expect([await closed, await aborted]).toEqual(["closed", "aborted"]);
        expect(result.rows).toBe(2_000);
        expect(result.files.every(({ path }: { path: string }) => existsSync(path))).toBe(true);
        return;
      }
    },
  );

  sinkTest(`${kind} that gets what it can't write leaves nothing behind`, async (folder) => {
    const sink = open(folder);
    const writer = sink.getWriter();
    for await (const batch of scan(3_000)) await writer.write(batch);
    const [released] = await Array.fromAsync(scan(1_000));
    released!.release();
    const error = await writer.write(released!).catch((reason) => reason);
    expect(error).toBeInstanceOf(BatchReleasedError);
    expect(await sink.result.catch((reason) => reason)).toBe(error);
    expect(await writer.closed.catch((reason) => reason)).toBe(error);
    expect(namesIn(folder.path)).toEqual([]);
  });
}

sinkTest("a sink that fails cancels what is piped into it", async (folder) => {
  const source = scan();
  const sink = writeParquet(folder.file("a"), { sortingColumns: ["text"] });
  const error = await source.pipeTo(sink).catch((reason) => reason);
  expect(error).toBeInstanceOf(UnsortedDataError);
  expect(source.stats().rows).toBeLessThan(50_000);
  expect(namesIn(folder.path)).toEqual([]);
});

sinkTest("an error that a batch brings reaches the next write, or the close", async (folder) => {
  const sorted = (values: number[]) => batchOf({ n: vectorFromArray(values, new Int32()) });
  const first = writeParquet(folder.file("a"), { sortingColumns: ["n"] }).getWriter();
  await first.write(sorted([2, 1]));
  const closed = await first.close().catch((error) => error);
  expect(closed).toBeInstanceOf(UnsortedDataError);

  const second = writeParquet(folder.file("a"), { sortingColumns: ["n"] }).getWriter();
  await second.write(sorted([2, 1]));
  let error: unknown;
  while (error === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    error = await second.write(sorted([3])).catch((reason) => reason);
  }
  expect(error).toBeInstanceOf(UnsortedDataError);
  expect(namesIn(folder.path)).toEqual([]);
});

sinkTest("a folder that another has put a file into meanwhile stays", async (folder) => {
  const sink = writeParquet(folder.file("new/by"), { partitionBy: ["bucket"] });
  const writer = sink.getWriter();
  for await (const batch of scan(2_000)) await writer.write(batch);
  writeFileSync(folder.file("new/theirs"), "");
  await writer.abort(new Error("enough"));
  expect(namesIn(folder.path)).toEqual(["new/", "new/theirs"]);
});

sinkTest("a sink that nobody closes removes its file once it is collected", async (folder) => {
  await (async () => {
    const writer = writeParquet(folder.file("a")).getWriter();
    for await (const batch of scan(3_000)) await writer.write(batch);
    expect(namesIn(folder.path).length).toBe(1);
  })();
  for (let round = 0; round < 100 && namesIn(folder.path).length > 0; round++) {
    await collectGarbage();
  }
  expect(namesIn(folder.path)).toEqual([]);
});
