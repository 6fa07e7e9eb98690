import { expect } from "@std/expect";
import { appendFileSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import {
  col,
  MemoryLimitError,
  MemoryManager,
  type RecordBatchStream,
  scanNdjson,
  type ScanProgress,
  type SkippedFile,
  SpillwayError,
} from "spillway";
import { collectGarbage, tempDirectory, test } from "./support/harness.ts";
import { ndjsonText, sensorRows, textFiles } from "./support/ndjson.ts";

/** The numbers of the rows, in the order in which they come. */
async function numbers(stream: RecordBatchStream): Promise<number[]> {
  const all: number[] = [];
  for await (using batch of stream) all.push(...Array.from(batch.getChild("n")!, Number));
  return all;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}

const text = (start: number, end: number) => ndjsonText(sensorRows(end, start));

test("many files are one stream, in their order", async () => {
  const names = Array.from({ length: 40 }, (_, at) => `part-${at}.jsonl`);
  using files = textFiles(
    Object.fromEntries(names.map((name, at) => [name, text(at * 100, at * 100 + 100)])),
  );
  for (const memoryLimit of ["300KB", "1GB"]) {
    const scan = scanNdjson(files.path, { memoryLimit });
    expect(await numbers(scan)).toEqual(range(0, 4_000));
    const stats = scan.stats();
    expect(stats).toMatchObject({ totalFiles: 40, openedFiles: 40, doneFiles: 40, rows: 4_000 });
    expect(stats.files.map(({ state, rows }) => [state, rows])).toEqual(
      names.map(() => ["done", 100]),
    );
    expect(stats.peakBytes).toBeLessThanOrEqual(stats.limitBytes);
  }
  const some = scanNdjson(files.file("part-1*.jsonl"), { offset: 150, limit: 100 });
  expect(await numbers(some)).toEqual([...range(1_050, 1_100), ...range(1_100, 1_150)]);
  const last = scanNdjson(files.path, { rowIndex: { name: "row", per: "file" }, offset: 3_999 });
  expect(await Array.fromAsync(last.rows(), ({ row }) => row)).toEqual([99n]);
});

test("batches that come in any order have the same rows", async () => {
  using files = textFiles({ "a.ndjson": text(0, 20_000), "b.ndjson": text(20_000, 40_000) });
  const all = await numbers(scanNdjson(files.path, { ordered: false, columns: ["n"] }));
  expect(all.toSorted((a, b) => a - b)).toEqual(range(0, 40_000));
});

test("compressed files are read by their names, or as they are said to be", async () => {
  const rows = text(0, 30_000);
  using files = textFiles({
    "a.ndjson.gz": rows,
    "b.ndjson.zst": rows,
    "members.jsonl.gz": rows.slice(0, 100_000),
    "plain.gz.txt": rows,
  });
  const more = textFiles({ "rest.gz": rows.slice(100_000) });
  using rest = more;
  appendFileSync(
    files.file("members.jsonl.gz"),
    await (await fetch(new URL(`file://${rest.file("rest.gz")}`))).bytes(),
  );
  for (const name of ["a.ndjson.gz", "b.ndjson.zst", "members.jsonl.gz", "plain.gz.txt"]) {
    const scan = scanNdjson(files.file(name), { memoryLimit: "2MB", columns: ["n"] });
    expect(await numbers(scan)).toEqual(range(0, 30_000));
    const { peakBytes, limitBytes } = scan.stats();
    expect(peakBytes).toBeLessThanOrEqual(limitBytes);
  }
  expect((await scanNdjson(files.path).explain()).files).toHaveLength(3);
  const wrong = scanNdjson(files.file("plain.gz.txt"), { compression: "gzip" });
  await expect(wrong.collect()).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  const raw = scanNdjson(files.file("a.ndjson.gz"), { compression: "none" });
  await expect(raw.collect()).rejects.toMatchObject({ code: "MALFORMED_DATA", line: 1 });
});

test("folders and paths give columns, which predicates see", async () => {
  using directory = tempDirectory();
  for (const year of [2024, 2025]) {
    mkdirSync(directory.file(`year=${year}`));
    writeFileSync(directory.file(`year=${year}/a.ndjson`), text(year, year + 3));
  }
  const options = { hivePartitioning: true, fileName: "file", columns: ["year", "n", "file"] };
  // What a predicate rules out by its folder is not read.
  mkdirSync(directory.file("year=2026"));
  writeFileSync(directory.file("year=2026/broken.ndjson"), "no JSON");
  const scan = scanNdjson(directory.path, { ...options, where: col("year").eq(2025) });
  const rows = await Array.fromAsync(scan.rows());
  expect(scan.stats()).toMatchObject({ prunedFiles: 2, doneFiles: 1, openedFiles: 1 });
  const file = directory.file("year=2025/a.ndjson");
  expect(rows).toEqual([2025, 2026, 2027].map((n) => ({ year: 2025n, n: BigInt(n), file })));
});

test("a file that can't be read ends the scan, or is left out", async () => {
  using files = textFiles({
    "a.ndjson": text(0, 10_000),
    "b.ndjson": `${text(0, 5)}{"n":\n`,
    "c.ndjson.gz": text(10_000, 10_100),
    "d.ndjson": text(10_100, 20_000),
  });
  const error = await numbers(scanNdjson(files.path)).catch((error) => error);
  expect(error).toBeInstanceOf(SpillwayError);
  expect(error).toMatchObject({ path: files.file("b.ndjson"), line: 6 });
  const skipped: SkippedFile[] = [];
  const scan = scanNdjson(files.path, { onFileError: (file) => skipped.push(file) });
  expect(await numbers(scan)).toEqual(range(0, 20_000));
  expect(skipped.map(({ path }) => path)).toEqual([files.file("b.ndjson")]);
  expect(scan.stats()).toMatchObject({ skippedFiles: 1, doneFiles: 3 });
  await expect(scanNdjson([files.file("a.ndjson"), "absent.ndjson"]).count()).rejects.toMatchObject(
    { code: "FILE_NOT_FOUND", path: "absent.ndjson" },
  );
});

test("a pattern without files is an error, or an empty stream", async () => {
  using files = textFiles({ "a.txt": "" });
  await expect(scanNdjson(files.path).collect()).rejects.toThrow(
    "ends in .ndjson or .ndjson.gz or .ndjson.zst or .jsonl",
  );
  expect(await scanNdjson(files.path, { allowEmpty: true }).count()).toBe(0);
});

test("progress is told by the bytes that are read", async () => {
  using files = textFiles({ "a.ndjson": text(0, 30_000) });
  const told: ScanProgress[] = [];
  await numbers(scanNdjson(files.path, { progress: (progress) => told.push(progress) }));
  const last = told.at(-1)!;
  expect(last).toMatchObject({ rows: 30_000, totalRows: 30_000, fraction: 1, files: 1 });
  expect(last.bytes).toBe(last.totalBytes);
  for (const { fraction, totalRows } of told.slice(0, -1)) {
    expect(fraction).toBeLessThanOrEqual(1);
    expect(totalRows).toBeNull();
  }
});

test("lines of a megabyte and more are read, and one that memory can't hold is an error", async () => {
  const long = "ü".repeat(700_000);
  using files = textFiles({ "long.ndjson": ndjsonText([{ n: 0, long }, { n: 1, long }]) });
  const rows = await Array.fromAsync(scanNdjson(files.path, { memoryLimit: "16MB" }).rows());
  expect(rows.map(({ n, long: text }) => [n, text === long])).toEqual([[0n, true], [1n, true]]);
  const error = await scanNdjson(files.path, { memoryLimit: "2MB" }).collect().catch((e) => e);
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(error).toMatchObject({ path: files.file("long.ndjson"), line: 1 });
});

test("a line without an end takes no more memory than is allowed", async () => {
  using directory = tempDirectory();
  const path = directory.file("endless.ndjson");
  const file = openSync(path, "w");
  writeSync(file, '{"n":0}\n{"n":1,"text":"');
  const megabyte = new Uint8Array(2 ** 20).fill(120);
  for (let written = 0; written < 100; written++) writeSync(file, megabyte);
  for (const io of ["mmap", "read"] as const) {
    const scan = scanNdjson(path, { memoryLimit: "8MB", io, inferRows: 1 });
    const error = await numbers(scan).catch((error) => error);
    expect(error).toBeInstanceOf(MemoryLimitError);
    expect(error.message).toContain("Cannot read the record at line 2");
    expect(scan.stats().peakBytes).toBeLessThanOrEqual(8_000_000);
  }
});

test("a file that changes while it is read is an error", async () => {
  using files = textFiles({ "a.ndjson": text(0, 50_000) });
  const path = files.file("a.ndjson");
  const reader = scanNdjson(path, { memoryLimit: "1MB" }).getReader();
  (await reader.read()).value!.release();
  writeFileSync(path, text(0, 10));
  const drain = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      value.release();
    }
  };
  await expect(drain()).rejects.toMatchObject({ code: "FILE_CHANGED", path });
});

const endings: Record<string, (scan: RecordBatchStream, abort: AbortController) => Promise<void>> =
  {
    cancelled: async (scan) => {
      const reader = scan.getReader();
      (await reader.read()).value!.release();
      await reader.cancel();
    },
    aborted: async (scan, abort) => {
      const reader = scan.getReader();
      (await reader.read()).value!.release();
      abort.abort(new Error("no more"));
      await expect(reader.read()).rejects.toThrow("no more");
    },
    "left by break": async (scan) => {
      for await (using _ of scan) break;
    },
    "dropped half-read": async (scan) => {
      const reader = scan.getReader();
      await reader.read();
      reader.releaseLock();
    },
  };

for (const [ending, end] of Object.entries(endings)) {
  test(`a scan of text that is ${ending} gives all memory back`, async () => {
    using files = textFiles({ "a.ndjson": text(0, 50_000), "b.ndjson.gz": text(0, 50_000) });
    await collectGarbage();
    const before = MemoryManager.shared.currentUsage().streamBytes;
    const abort = new AbortController();
    await end(scanNdjson(files.path, { memoryLimit: "4MB", signal: abort.signal }), abort);
    for (let round = 0; round < 200; round++) {
      await collectGarbage();
      if (MemoryManager.shared.currentUsage().streamBytes <= before) break;
    }
    expect(MemoryManager.shared.currentUsage().streamBytes).toBeLessThanOrEqual(before);
  });
}
