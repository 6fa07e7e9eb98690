/**
 * What a leak soak does again and again: all that the library can, and all the ways in which it ends early.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  col,
  concat,
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  fromRows,
  limit,
  merge,
  MmapParquetReader,
  ParallelStreamReader,
  rebatch,
  scanArrow,
  scanCsv,
  scanNdjson,
  scanParquet,
  select,
  streamToTable,
  tableToStream,
  where,
  withColumns,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { fixture } from "../../tests/support/fixtures.ts";
import type { Random } from "../random.ts";
import { cancelled, Ended, ends, equal, fails, gives, length, streamOf } from "./ways.ts";

/** The rows of the fixture `sequence`, and of each text file. */
const ROWS = 100_000;
const TEXT_ROWS = 5_000;
const columns = ["id", "text", "price", "flag", "maybe"];
const memoryLimit = "8MB";

/** What is done once: asserts what comes out, and holds nothing when its promise settles but what the collector frees. */
export type Operation = (random: Random) => Promise<void>;

/**
 * Writes the files that are read, and gives all that is done.
 *
 * @param folder An empty folder
 */
export async function makeOperations(folder: string): Promise<Readonly<Record<string, Operation>>> {
  const path = (name: string) => join(folder, name);
  const source = fixture("sequence");
  const some = () => scanParquet(source, { columns, limit: TEXT_ROWS, memoryLimit });
  await some().pipeTo(writeCsv(path("rows.csv")));
  await some().pipeTo(writeCsv(path("rows.csv.gz"), { compression: "gzip" }));
  await some().pipeTo(writeNdjson(path("rows.ndjson")));
  await some().pipeTo(writeNdjson(path("rows.ndjson.zst"), { compression: "zstd" }));
  await some().pipeTo(writeArrow(path("rows.arrow")));
  await some().pipeTo(writeArrow(path("rows_zstd.arrow"), { compression: "zstd" }));
  await scanParquet(source, { columns: ["id", "bucket"], limit: 20_000, memoryLimit })
    .pipeTo(writeParquet(path("many"), { partitionBy: ["bucket"] }));
  const bytes = readFileSync(source);
  writeFileSync(path("short.parquet"), bytes.subarray(0, bytes.length / 2));
  const corrupt = Uint8Array.from(bytes);
  corrupt.fill(0xaa, 10_000, 400_000);
  writeFileSync(path("corrupt.parquet"), corrupt);
  writeFileSync(path("broken.csv"), "a,b\n1,2\n3\n");
  const text = {
    csv: readFileSync(path("rows.csv")),
    ndjson: readFileSync(path("rows.ndjson")),
    arrow: readFileSync(path("rows.arrow")),
  };

  const sequence = (options: Parameters<typeof scanParquet>[1] = {}) =>
    scanParquet(source, { memoryLimit, columns, ...options });
  let written = 0;
  /** Writes into a file of its own, and removes it. */
  const wrote = async (write: (path: string) => Promise<unknown>) => {
    const target = path(`written-${written++}`);
    try {
      await write(target);
    } finally {
      await rm(target, { recursive: true, force: true });
    }
  };

  return {
    scan: () => gives(sequence(), ROWS),
    scanByReading: () => gives(sequence({ io: "read" }), ROWS),
    scanNested: () => gives(sequence({ columns: ["point", "text"] }), ROWS),
    scanRowGroups: () => gives(sequence({ rowGroups: [1, 3] }), 20_000),
    scanCopies: () => gives(sequence({ zeroCopy: false, limit: 30_000 }), 30_000),
    scanUnreleased: () => gives(sequence({ batchSize: 5_000 }), ROWS, { release: false }),
    scanWhere: () => gives(sequence({ where: col("id").lt(1_234) }), 1_234),
    scanWhereText: () => gives(sequence({ where: col("text").eq("row 77000") }), 1),
    scanWhereHalf: () => gives(sequence().pipeThrough(where(col("maybe").isNull())), 33_334),
    scanSteps: () =>
      gives(
        sequence().pipeThrough(withColumns({ twice: col("price").mul(2) }))
          .pipeThrough(select("twice", "id")).pipeThrough(limit(10_000)),
        10_000,
      ),
    scanTwoAtOnce: async () => {
      await Promise.all([gives(sequence(), ROWS), gives(sequence({ io: "read" }), ROWS)]);
    },
    readRows: async () => {
      let rows = 0;
      for await (const _ of sequence({ limit: 2_000 }).rows()) rows++;
      equal(rows, 2_000);
    },
    count: async () => equal(await sequence({ where: col("price").lt(100) }).count(), 400),
    extremes: async () => equal(await sequence().max("id"), 99_999n),
    explain: async () => equal((await sequence({ where: col("id").eq(5) }).explain()).rows, 1_000),
    metadata: async () => equal((await sequence().metadata()).numRows, ROWS),
    collect: async () => equal((await sequence({ limit: 10_000 }).collect()).numRows, 10_000),
    manyFiles: () =>
      gives(scanParquet(path("many"), { hivePartitioning: true, memoryLimit }), 20_000),
    someOfManyFiles: () => {
      const wanted = col("bucket").eq(7);
      const options = { hivePartitioning: true, memoryLimit, where: wanted };
      return gives(scanParquet(path("many"), options), 1_000);
    },
    manyFilesUnordered: () =>
      gives(scanParquet(path("many"), { ordered: false, memoryLimit, schema: "union" }), 20_000),
    /** As uploads come: each in a folder of its own, gone when it is read. */
    scanUpload: () =>
      wrote(async (to) => {
        await mkdir(to);
        await copyFile(path("rows.csv"), join(to, "upload.csv"));
        await gives(scanCsv(join(to, "upload.csv"), { memoryLimit }), TEXT_ROWS);
      }),
    mmapReader: () => gives(new MmapParquetReader(source).readRowGroup(2, { memoryLimit }), 10_000),
    parallelReader: async () => {
      const reader = ParallelStreamReader.fromGlob(path("many/bucket=1[0-3]/*.parquet"), {
        columns: ["id"],
      });
      const tables = await reader.collectParallel();
      equal(tables.reduce((rows, table) => rows + table.numRows, 0), 4_000);
    },
    scanCsv: () => gives(scanCsv(path("rows.csv"), { memoryLimit }), TEXT_ROWS),
    scanCsvGz: () => gives(scanCsv(path("rows.csv.gz"), { memoryLimit }), TEXT_ROWS),
    scanNdjson: () => gives(scanNdjson(path("rows.ndjson"), { memoryLimit }), TEXT_ROWS),
    scanNdjsonZst: () => gives(scanNdjson(path("rows.ndjson.zst"), { memoryLimit }), TEXT_ROWS),
    scanArrow: () => gives(scanArrow(path("rows.arrow"), { memoryLimit }), TEXT_ROWS),
    scanArrowZstd: () => gives(scanArrow(path("rows_zstd.arrow"), { memoryLimit }), TEXT_ROWS),
    decodeCsv: () => gives(streamOf(text.csv).pipeThrough(decodeCsv({ memoryLimit })), TEXT_ROWS),
    decodeNdjson: () =>
      gives(streamOf(text.ndjson).pipeThrough(decodeNdjson({ memoryLimit })), TEXT_ROWS),
    decodeArrow: () =>
      gives(streamOf(text.arrow).pipeThrough(decodeArrow({ memoryLimit })), TEXT_ROWS),
    decodeCancelled: (random) =>
      cancelled(streamOf(text.csv).pipeThrough(decodeCsv({ memoryLimit })), random),
    writeParquet: () => wrote((to) => sequence({ limit: 20_000 }).pipeTo(writeParquet(to))),
    writeZstd: () =>
      wrote((to) =>
        sequence({ limit: 20_000 }).pipeTo(writeParquet(to, { compression: "zstd", memoryLimit }))
      ),
    writePartitions: () =>
      wrote((to) =>
        sequence({ columns: ["id", "bucket"], limit: 10_000 })
          .pipeTo(writeParquet(to, { partitionBy: ["bucket"], memoryLimit }))
      ),
    writeCsv: () => wrote((to) => sequence({ limit: 5_000 }).pipeTo(writeCsv(to))),
    writeNdjsonGz: () =>
      wrote((to) =>
        sequence({ limit: 5_000 }).pipeTo(writeNdjson(to, { compression: "gzip", memoryLimit }))
      ),
    writeArrow: () => wrote((to) => sequence({ limit: 20_000 }).pipeTo(writeArrow(to))),
    writeRows: () =>
      wrote((to) =>
        fromRows(Array.from({ length: 1_000 }, (_, id) => ({ id, word: `word ${id}` })))
          .pipeTo(writeParquet(to))
      ),
    writeAborted: (random) =>
      wrote(async (to) => {
        const abort = new AbortController();
        const writing = sequence().pipeTo(writeParquet(to), { signal: abort.signal });
        setTimeout(() => abort.abort(new Ended()), random.below(20));
        await ends(writing);
      }),
    writeUnsorted: () =>
      wrote((to) =>
        fails(sequence().pipeTo(writeParquet(to, { sortingColumns: ["text"] })), "UNSORTED_DATA")
      ),
    writeNowhere: () => fails(sequence().pipeTo(writeParquet(path("rows.csv/below"))), null),
    encodeParquet: async () => {
      equal(await length(sequence({ limit: 20_000 }).pipeThrough(encodeParquet())) > 1_000, true);
    },
    encodeNdjson: async () => {
      equal(await length(some().pipeThrough(encodeNdjson())), text.ndjson.length);
    },
    encodeCsv: async () => equal(await length(some().pipeThrough(encodeCsv())), text.csv.length),
    encodeArrow: async () => {
      equal(await length(some().pipeThrough(encodeArrow())) > 1_000, true);
    },
    encodeCancelled: (random) => cancelled(sequence().pipeThrough(encodeNdjson()), random),
    tables: async () => {
      const table = await streamToTable(sequence({ limit: 5_000 }));
      const half = tableToStream(table).pipeThrough(where(col("id").lt(2_500)));
      equal((await streamToTable(half)).numRows, 2_500);
    },
    together: () =>
      gives(
        concat(sequence({ limit: 3_000 }), sequence({ limit: 4_000 })).pipeThrough(rebatch(1_000)),
        7_000,
      ),
    merged: () => gives(merge(sequence({ limit: 3_000 }), sequence({ limit: 4_000 })), 7_000),
    cancelled: (random) => cancelled(sequence({ batchSize: 2_000 }), random),
    cancelledWhere: (random) =>
      cancelled(sequence({ where: col("flag").eq(true), batchSize: 500 }), random),
    cancelledManyFiles: (random) => cancelled(scanParquet(path("many"), { memoryLimit }), random),
    brokenOff: async () => {
      for await (using _ of sequence()) break;
    },
    /** Only the collector knows that nobody wants it any more. */
    dropped: async () => {
      const reader = sequence({ batchSize: 2_000, memoryLimit: "1MB" }).getReader();
      await reader.read();
    },
    aborted: async (random) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(new Ended()), random.below(8));
      await ends(gives(sequence({ signal: abort.signal }), ROWS));
    },
    teed: async () => {
      const [one, two] = sequence({ limit: 20_000 }).tee();
      const reader = one.getReader();
      await reader.read();
      await Promise.all([reader.cancel(), two.cancel()]);
    },
    consumerThrows: async () => {
      const failing = async () => {
        for await (using _ of sequence()) throw new Ended();
      };
      await ends(failing());
    },
    missingFile: () => fails(scanParquet(path("missing.parquet")).schema(), "FILE_NOT_FOUND"),
    shortFile: () => fails(scanParquet(path("short.parquet")).schema(), null),
    corruptFile: () => fails(gives(scanParquet(path("corrupt.parquet")), ROWS), null),
    skippedFiles: () => {
      const paths = [path("missing.parquet"), source, path("short.parquet")];
      return gives(
        scanParquet(paths, { columns: ["id"], memoryLimit, onFileError: "skip" }),
        ROWS,
      );
    },
    brokenCsv: () => fails(gives(scanCsv(path("broken.csv")), 2), "MALFORMED_DATA"),
    unknownColumn: () => fails(sequence({ columns: ["ids"] }).schema(), "UNKNOWN_COLUMN"),
    noMemory: () => fails(gives(sequence({ memoryLimit: 1 }), ROWS), "MEMORY_LIMIT"),
  };
}
