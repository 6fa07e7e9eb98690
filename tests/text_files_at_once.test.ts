import { expect } from "@std/expect";
import fc from "fast-check";
import process from "node:process";
import {
  type ArrowScanOptions,
  col,
  type RecordBatchStream,
  scanArrow,
  scanCsv,
  scanNdjson,
  type ScanProgress,
  type SkippedFile,
} from "spillway";
import { test } from "./support/harness.ts";
import type { HeldFiles } from "./support/held_files.ts";
import { ndjsonText, sensorRows, textFiles } from "./support/ndjson.ts";
import { runScript } from "./support/run_script.ts";

const RUNS = 25;

/** Set to what a failed run printed, it makes the same files again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);

const endings = ["", ".gz", ".zst"] as const;

/** Rows of consecutive numbers, as CSV whose cells hold line breaks. */
function csvText(start: number, end: number): string {
  const lines = range(start, end).map((n) => `${n},"text of ${n},\n${n % 97}"\n`);
  return `n,t\n${lines.join("")}`;
}

function ndjson(start: number, end: number): string {
  return ndjsonText(sensorRows(end, start));
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}

/** The numbers of the rows, in the order in which they come, and what ended the stream. */
async function outcome(stream: RecordBatchStream): Promise<{ all: number[]; error: unknown }> {
  const all: number[] = [];
  try {
    for await (using batch of stream) all.push(...Array.from(batch.getChild("n")!, Number));
    return { all, error: null };
  } catch (error) {
    return { all, error };
  }
}

/** Eight compressed files of so many rows each. */
function eightFiles(rows: number, ending: ".gz" | ".zst") {
  const entries = range(0, 8).map((
    at,
  ) => [`${at}.csv${ending}`, csvText(at * rows, at * rows + rows)]);
  return textFiles(Object.fromEntries(entries));
}

const anyScan = fc.record({
  format: fc.constantFrom("csv", "ndjson"),
  files: fc.array(
    fc.record({
      rows: fc.constantFrom(0, 1, 40, 2_000, 12_000),
      ending: fc.constantFrom(...endings),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  memoryLimit: fc.constantFrom("700KB", "2MB", "8MB"),
  io: fc.constantFrom("mmap", "read"),
  batchSize: fc.constantFrom(undefined, 500),
  where: fc.constantFrom(undefined, col("n").mod(3).ne(0)),
});

test("rows and their order are the same however many files are read at once", async () => {
  await fc.assert(
    fc.asyncProperty(anyScan, async ({ format, files, ...options }) => {
      const texts: Record<string, string> = {};
      let rows = 0;
      for (const [at, file] of [{ rows: 1, ending: "" }, ...files].entries()) {
        const end = rows + file.rows;
        texts[`${at}.${format}${file.ending}`] = format === "csv"
          ? csvText(rows, end)
          : ndjson(rows, end);
        rows = end;
      }
      using folder = textFiles(texts);
      const expected = range(0, rows).filter((n) => options.where === undefined || n % 3 !== 0);
      for (const concurrency of [1, 2, 8, undefined]) {
        const scan = format === "csv"
          ? scanCsv(folder.path, { ...options, concurrency })
          : scanNdjson(folder.path, { ...options, concurrency });
        expect(await outcome(scan)).toEqual({ all: expected, error: null });
        const { peakBytes, limitBytes, doneFiles, totalFiles } = scan.stats();
        expect(peakBytes).toBeLessThanOrEqual(limitBytes);
        expect(doneFiles).toBe(totalFiles);
      }
    }),
    { numRuns: RUNS, seed },
  );
});

test("batches that come in any order have the same rows of files that are read at once", async () => {
  using folder = eightFiles(5_000, ".zst");
  for (const concurrency of [2, 8]) {
    const scan = scanCsv(folder.path, { concurrency, ordered: false, memoryLimit: "4MB" });
    const { all, error } = await outcome(scan);
    expect(error).toBeNull();
    expect(all.toSorted((a, b) => a - b)).toEqual(range(0, 40_000));
  }
});

test("limit, offset and row numbers count over files that are read at once", async () => {
  using folder = eightFiles(5_000, ".gz");
  for (const concurrency of [1, 2, 8]) {
    const some = scanCsv(folder.path, { concurrency, offset: 7_000, limit: 20_000 });
    expect((await outcome(some)).all).toEqual(range(7_000, 27_000));
    const last = scanCsv(folder.path, {
      concurrency,
      offset: 39_998,
      rowIndex: "row",
      fileName: "file",
      columns: ["n", "file"],
    });
    const file = folder.file("7.csv.gz");
    expect(await Array.fromAsync(last.rows())).toEqual(
      [39_998n, 39_999n].map((n) => ({ row: n, n, file })),
    );
    const inFile = scanCsv(folder.path, { concurrency, rowIndex: { name: "row", per: "file" } });
    const rows = await Array.fromAsync(inFile.rows(), ({ row }) => Number(row));
    expect(rows).toEqual(range(0, 40_000).map((n) => n % 5_000));
  }
});

test("an error of a later file comes after the rows of those before it", async () => {
  using folder = textFiles({
    "0.csv.gz": csvText(0, 20_000),
    "1.csv.zst": csvText(20_000, 40_000),
    "2.csv": "n,t\n40000,a\nno number,b\n",
    "3.csv": "n,other\n1,a\n",
    "4.csv.gz": csvText(40_000, 41_000),
  });
  for (const concurrency of [1, 2, 8]) {
    const { all, error } = await outcome(scanCsv(folder.path, { concurrency }));
    expect(all).toEqual(range(0, 40_000));
    expect(error).toMatchObject({ code: "MALFORMED_DATA", path: folder.file("2.csv"), line: 3 });

    const skipped: SkippedFile[] = [];
    const onFileError = (file: SkippedFile) => skipped.push(file);
    const scan = scanCsv(folder.path, { concurrency, onFileError });
    expect(await outcome(scan)).toEqual({ all: range(0, 41_000), error: null });
    expect(skipped.map(({ path }) => path)).toEqual(["2.csv", "3.csv"].map(folder.file));
    expect(scan.stats()).toMatchObject({ skippedFiles: 2, doneFiles: 3 });
  }
});

test("progress is told of all bytes of files that are read at once", async () => {
  using folder = eightFiles(3_000, ".gz");
  const told: ScanProgress[] = [];
  await outcome(scanCsv(folder.path, { concurrency: 8, progress: (now) => told.push(now) }));
  const last = told.at(-1)!;
  expect(last).toMatchObject({ rows: 24_000, totalRows: 24_000, fraction: 1, files: 8 });
  expect(last.bytes).toBe(last.totalBytes);
});

test.skipIf(process.platform !== "linux")(
  "a scan that is cancelled while it reads several files holds none and no bytes",
  async () => {
    using folder = eightFiles(30_000, ".gz");
    const { code, stdout, stderr } = await runScript("cancel_text_files", { args: [folder.path] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const seen: { before: HeldFiles; after: HeldFiles }[] = JSON.parse(stdout);
    expect(seen).toHaveLength(2);
    for (const { before, after } of seen) {
      expect(before.descriptors + before.maps).toBeGreaterThan(0);
      expect(after).toMatchObject({ descriptors: 0, maps: 0, streamBytes: 0 });
    }
  },
);

test("wrong numbers of files are refused, and Arrow IPC has no such option", () => {
  for (const scan of [scanCsv, scanNdjson]) {
    for (const concurrency of [0, -1, 1.5, NaN]) {
      const wrong = `concurrency must be a whole number, 1 or more, not ${concurrency}`;
      expect(() => scan("a.csv", { concurrency })).toThrow(new RangeError(wrong));
    }
    const text = "2" as unknown as number;
    expect(() => scan("a.csv", { concurrency: text })).toThrow(
      new TypeError('concurrency must be a number, not "2"'),
    );
  }
  expect(() => scanArrow("a.arrow", { concurrency: 2 } as ArrowScanOptions)).toThrow(
    "Scans have no option concurrency",
  );
});
