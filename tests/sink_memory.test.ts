import { expect } from "@std/expect";
import {
  type FileSink,
  MemoryManager,
  scanParquet,
  type SpillwayBatch,
  writeArrow,
  writeCsv,
  writeNdjson,
  writeParquet,
} from "spillway";
import { fixture } from "./support/fixtures.ts";
import { sinkTest } from "./support/sink_test.ts";
import { streamBytes } from "./support/stream_bytes.ts";

const ROWS = 400_000;
const MB = 1_000_000;

interface Limit {
  readonly memoryLimit: string;
}

const plain = { compression: "none", dictionary: false } as const;
const sinks: Readonly<Record<string, (path: string, limit: Limit) => FileSink>> = {
  "a Parquet file": (path, limit) => writeParquet(path, limit),
  "a Parquet file of one row group": (path, limit) => writeParquet(path, { ...plain, ...limit }),
  "a Parquet file with Bloom filters": (path, limit) =>
    writeParquet(path, { bloomFilterColumns: ["id", "text"], ...limit }),
  "partitions": (path, limit) => writeParquet(path, { partitionBy: ["bucket"], ...limit }),
  "a CSV file": (path, limit) => writeCsv(path, { compression: "zstd", ...limit }),
  "an NDJSON file": (path, limit) => writeNdjson(path, limit),
  "an Arrow file": (path, limit) => writeArrow(path, limit),
};

for (const [kind, open] of Object.entries(sinks)) {
  for (const limit of [2, 8]) {
    sinkTest(`${kind} within ${limit} MB takes no more than that`, async (folder) => {
      const before = await streamBytes();
      let most = 0;
      const watching = new TransformStream<SpillwayBatch, SpillwayBatch>({
        transform(batch, controller) {
          most = Math.max(most, MemoryManager.shared.currentUsage().streamBytes - before);
          controller.enqueue(batch);
        },
      });
      const columns = ["id", "text", "bucket", "price"];
      const scan = scanParquet(fixture("one_row_group"), { columns, memoryLimit: "1MB" });
      const sink = open(folder.file("a"), { memoryLimit: `${limit}MB` });
      await scan.pipeThrough(watching).pipeTo(sink);
      expect((await sink.result).rows).toBe(ROWS);
      expect(most).toBeGreaterThan(0);
      // That of the scan is 1 MB.
      expect(most).toBeLessThanOrEqual((limit + 1) * MB);
    });
  }
}
