import { expect } from "@std/expect";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import {
  FileExistsError,
  type FileOptions,
  scanParquet,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
  type WriteParquetOptions,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { evenSizes, expectSequences, sum } from "./support/sequence.ts";
import { namesIn, sinkTest } from "./support/sink_test.ts";

function rows(count: number, batchSize: number) {
  return scanParquet(fixture("sequence"), { limit: count, batchSize });
}

/** Writes rows into a folder, and gives the rows of each file, whose values have to follow one another. */
async function rolled(
  folder: string,
  options: WriteParquetOptions,
  { count = 10_000, batchSize = 1_000 } = {},
): Promise<number[]> {
  const sink = writeParquet(folder, options);
  await rows(count, batchSize).pipeTo(sink);
  const { rows: total, bytes, files } = await sink.result;
  expect(total).toBe(count);
  expect(bytes).toBe(sum(files.map((file) => file.bytes)));
  let next = 0;
  for (const [index, { path, rows, bytes }] of files.entries()) {
    expect(path).toBe(`${folder.replace(/\/$/, "")}/part-${index}.parquet`);
    expect(statSync(path).size).toBe(bytes);
    expect(sum(await expectSequences(scanParquet(path), next))).toBe(rows);
    next += rows;
  }
  expect(sum(await expectSequences(scanParquet(folder)))).toBe(count);
  return files.map(({ rows }) => rows);
}

sinkTest("files have maxFileRows rows, whatever the batches have", async (folder) => {
  for (const batchSize of [1, 99, 2_500]) {
    const count = batchSize === 1 ? 250 : 6_000;
    for (const maxFileRows of batchSize === 1 ? [100] : [777, 2_500]) {
      const path = folder.file(`${batchSize}-${maxFileRows}`);
      const found = await rolled(path, { maxFileRows }, { count, batchSize });
      expect(found).toEqual(evenSizes(count, maxFileRows));
    }
  }
});

sinkTest("a file of exactly maxFileRows rows is not followed by an empty one", async (folder) => {
  expect(await rolled(folder.file("a"), { maxFileRows: 5_000 })).toEqual([5_000, 5_000]);
  expect(await rolled(folder.file("b"), { maxFileRows: 10_000 })).toEqual([10_000]);
  expect(await rolled(folder.file("c"), { maxFileRows: 1 }, { count: 12, batchSize: 7 }))
    .toEqual(evenSizes(12, 1));
});

sinkTest("a file ends at the batch with which it has maxFileBytes", async (folder) => {
  const most = 60_000;
  const options = { maxFileBytes: most, dictionary: false, compression: "none" } as const;
  const found = await rolled(folder.file("a"), options, { batchSize: 100 });
  expect(found.length).toBeGreaterThan(5);
  for (const [index, count] of found.slice(0, -1).entries()) {
    expect(count % 100).toBe(0);
    const { size } = statSync(folder.file(`a/part-${index}.parquet`));
    expect(size).toBeGreaterThan(most * 0.9);
    expect(size).toBeLessThan(most * 1.5);
  }
  expect(await rolled(folder.file("b"), options, { batchSize: 100 })).toEqual(found);
});

sinkTest("rows and bytes may both end files", async (folder) => {
  const options = { maxFileBytes: 60_000, dictionary: false, compression: "none" } as const;
  const found = await rolled(folder.file("a"), { ...options, maxFileRows: 333 }, {
    count: 3_000,
    batchSize: 100,
  });
  expect(Math.max(...found)).toBe(333);
  const wide = await rolled(folder.file("b"), { ...options, maxFileRows: 9_000 }, {
    count: 9_000,
    batchSize: 100,
  });
  expect(Math.max(...wide)).toBeLessThan(9_000);
});

const texts = {
  csv: [writeCsv, "id,text", (text: string) => text.split("\n").slice(1, -1)],
  ndjson: [writeNdjson, '{"id":', (text: string) => text.split("\n").slice(0, -1)],
} as const;

for (const [format, [write, start, lines]] of Object.entries(texts)) {
  sinkTest(`each file of ${format} is whole`, async (folder) => {
    const scan = scanParquet(fixture("sequence"), {
      columns: ["id", "text"],
      limit: 1_000,
      batchSize: 90,
    });
    const sink = write(folder.file("a"), { maxFileRows: 300 });
    await scan.pipeTo(sink);
    const { files } = await sink.result;
    const found = files.map(({ path }) => readFileSync(path, "utf8"));
    expect(files.map(({ path }) => path.slice(folder.path.length)))
      .toEqual([0, 1, 2, 3].map((part) => `/a/part-${part}.${format}`));
    expect(found.every((text) => text.startsWith(start))).toBe(true);
    expect(found.map((text) => lines(text).length)).toEqual([300, 300, 300, 100]);
    expect(found.flatMap(lines)).toEqual(
      Array.from(
        { length: 1_000 },
        (_, id) => format === "csv" ? `${id},row ${id}` : `{"id":${id},"text":"row ${id}"}`,
      ),
    );
  });
}

sinkTest("maxFileBytes ends files of text too, compressed or not", async (folder) => {
  for (const compression of ["none", "gzip", "zstd"] as const) {
    const path = folder.file(compression);
    const scan = scanParquet(fixture("sequence"), {
      columns: ["id", "text"],
      limit: 100_000,
      batchSize: 1_000,
    });
    const sink = writeCsv(path, { maxFileBytes: "20KiB", compression });
    await scan.pipeTo(sink);
    const { files } = await sink.result;
    const extension = { none: "csv", gzip: "csv.gz", zstd: "csv.zst" }[compression];
    expect(files.map((file) => file.path)).toEqual(
      files.map((_, index) => `${path}/part-${index}.${extension}`),
    );
    expect(sum(files.map((file) => file.rows))).toBe(100_000);
    expect(files.length).toBeGreaterThan(1);
  }
});

sinkTest("a path that ends in a slash is a folder, with one file in it", async (folder) => {
  await rolled(folder.file("new/deep/"), {}, { count: 100 });
  expect(namesIn(folder.path)).toEqual(["new/", "new/deep/", "new/deep/part-0.parquet"]);
});

for (const [name, write] of Object.entries({ writeParquet, writeArrow, writeCsv, writeNdjson })) {
  sinkTest(
    `${name} writes into a folder that has files only where that is asked for`,
    async (folder) => {
      const columns = ["id", "text"];
      const into = (options: FileOptions, limit: number) => {
        const sink = write(folder.path, { maxFileRows: 10, ...options });
        const scan = scanParquet(fixture("sequence"), { columns, limit });
        return scan.pipeTo(sink).then(() => sink.result);
      };
      // Hidden files are nobody's data.
      writeFileSync(folder.file(".hidden"), "hidden");
      const first = await into({}, 35);
      expect(first.files.map(({ rows }) => rows)).toEqual([10, 10, 10, 5]);
      const before = namesIn(folder.path);
      const error = await into({}, 5).catch((reason) => reason);
      expect(error).toBeInstanceOf(FileExistsError);
      expect(error.path).toBe(folder.path);
      expect(error.message).toContain("set overwrite to replace files of the same names");
      expect(namesIn(folder.path)).toEqual(before);
      const second = await into({ overwrite: true }, 15);
      expect(second.files.map(({ rows }) => rows)).toEqual([10, 5]);
      // Files of other names stay.
      expect(namesIn(folder.path)).toEqual(before);
      expect(statSync(second.files[1]!.path).size).toBe(second.files[1]!.bytes);
    },
  );
}

sinkTest(
  "of two that write into one new folder at once one wins, with all of its files",
  async (folder) => {
    const kinds: Record<string, WriteParquetOptions> = {
      series: { maxFileRows: 300 },
      partitions: { partitionBy: ["bucket"] },
    };
    for (const [kind, options] of Object.entries(kinds)) {
      for (let round = 0; round < 5; round++) {
        const path = folder.file(`${kind}-${round}`);
        const counts = [3_100, 5_000];
        const outcomes = await Promise.allSettled(counts.map(async (count) => {
          const sink = writeParquet(path, options);
          await rows(count, 500).pipeTo(sink);
          return await sink.result;
        }));
        const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
        expect(won.length).toBe(1);
        for (const outcome of outcomes) {
          if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(FileExistsError);
        }
        const { files, rows: count } = won[0]!.value;
        expect(counts).toContain(count);
        const names = namesIn(path).filter((name) => !name.endsWith("/"));
        expect(names.map((name) => `${path}/${name}`).sort()).toEqual(
          files.map((file) => file.path).sort(),
        );
        expect(await scanParquet(`${path}/`).count()).toBe(count);
      }
    }
  },
);
