import { expect } from "@std/expect";
import process from "node:process";
import { col, scanParquet, type SpillwayBatch } from "spillway";
import { tempDirectory, test } from "./support/harness.ts";
import { numberFile, range, writeColumns, writeParts } from "./support/number_files.ts";
import { numbersOf } from "./support/numbers_of.ts";
import { runScript } from "./support/run_script.ts";

const onLinux = process.platform === "linux";

/** Enough to tell what grows with the files from what does not. */
const files = 300;
const rows = files * numberFile.rows;

/** The script's ways, and what each gives. */
const ways: Readonly<Record<string, number>> = {
  mapped: rows,
  read: rows,
  unordered: rows,
  tested: rows / 2,
  union: rows,
  collected: rows,
  counted: rows,
  explained: rows,
  cancelled: 0,
  left: 0,
  aborted: 0,
  dropped: 0,
};

/** The script's `concurrency`, and the first file, which tells the schema, beside them. */
const openAtOnce = 3 + 1;

for (const [way, wanted] of Object.entries(ways)) {
  test.skipIf(!onLinux)(
    `a scan of 300 files holds few open, and none after it: ${way}`,
    async () => {
      using directory = tempDirectory();
      writeParts(directory, files);
      const { code, stdout, stderr } = await runScript("many_files_held", {
        args: [directory.path, way],
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { result, most, before, after } = JSON.parse(stdout);
      expect(result).toBe(wanted);
      expect(after).toMatchObject({ descriptors: 0, maps: 0, streamBytes: 0 });
      expect(after.threads).toBeLessThanOrEqual(before.threads + 16);
      if (wanted === 0) return;
      // The script looks at each batch, or again and again meanwhile.
      // A count and a plan hold a file for its footer only, too short a time to be seen in every run.
      if (way !== "counted" && way !== "explained") expect(most.descriptors).toBeGreaterThan(0);
      expect(Math.max(most.descriptors, most.maps)).toBeLessThanOrEqual(openAtOnce);
    },
  );
}

test("the memory limit holds over many files", async () => {
  using directory = tempDirectory();
  const texts = range(0, 2_000).map((row) => `${row} `.repeat(50));
  for (const part of range(0, 40)) {
    writeColumns(directory.file(`part-${part}.parquet`), [
      { name: "number", data: range(2_000 * part, 2_000 * (part + 1)).map(BigInt), type: "INT64" },
      { name: "text", data: texts, type: "STRING" },
    ], 500);
  }
  const memoryLimit = 1_000_000;
  for (const options of [{}, { ordered: false, concurrency: 20 }, { where: col("number").ge(0) }]) {
    const stream = scanParquet(directory.path, { ...options, memoryLimit });
    expect((await numbersOf(stream)).length).toBe(80_000);
    const { peakBytes, limitBytes, bytes } = stream.stats();
    expect(limitBytes).toBe(memoryLimit);
    expect(peakBytes).toBeLessThanOrEqual(memoryLimit);
    expect(bytes).toBeGreaterThan(20 * memoryLimit);
  }
});

test("a slow consumer and a fast one both go on", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 60);
  const slow = scanParquet(paths, { batchSize: 25 }).getReader();
  const take = async (reader: ReadableStreamDefaultReader<SpillwayBatch>) => {
    const { value: batch } = await reader.read();
    const numbers = Array.from(batch?.getChild("number") ?? [], Number);
    batch?.release();
    return numbers;
  };
  // The slow one takes a batch whenever the fast one has read all files.
  const taken: number[] = [];
  for (let round = 0; round < 8; round++) {
    taken.push(...await take(slow));
    const fast = scanParquet(paths, { batchSize: 40 });
    expect(await numbersOf(fast)).toEqual(range(0, 6_000));
  }
  expect(taken).toEqual(range(0, 200));
  // And while the fast one waits for its consumer, the slow one reads to its end.
  const waiting = scanParquet(paths).getReader();
  await take(waiting);
  for (let numbers = await take(slow); numbers.length > 0; numbers = await take(slow)) {
    taken.push(...numbers);
  }
  expect(taken).toEqual(range(0, 6_000));
  await waiting.cancel();
});

test("three scans with small limits go on side by side", async () => {
  using directory = tempDirectory();
  const paths = writeParts(directory, 60);
  const streams = [{}, { ordered: false }, { where: col("number").ge(0) }]
    .map((options) => scanParquet(paths, { ...options, memoryLimit: 30_000, batchSize: 20 }));
  const counts = streams.map(() => 0);
  const readers = streams.map((stream) => stream.getReader());
  // In turns: one that starved would hold up the others for ever.
  for (let open = readers.length; open > 0;) {
    open = 0;
    for (const [at, reader] of readers.entries()) {
      const { value: batch } = await reader.read();
      if (batch === undefined) continue;
      counts[at]! += batch.numRows;
      batch.release();
      open++;
    }
  }
  expect(counts).toEqual([6_000, 6_000, 6_000]);
});
