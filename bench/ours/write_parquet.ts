/**
 * Spillway copying a Parquet file with another compression, the same script on Deno and on Bun.
 *
 * @module
 */

import { MemoryManager, scanParquet, writeParquet } from "spillway";
import { jsonArgument, report } from "../report_line.ts";
import type { WriteArguments } from "../write_arguments.ts";

const { path, output, level, memoryLimit } = jsonArgument<WriteArguments>();
// The first use of anything native loads the library, which is an import's affair.
new MemoryManager().availableMemory();

const started = performance.now();
const sink = writeParquet(output, {
  compression: "zstd",
  compressionLevel: level,
  memoryLimit,
});
await scanParquet(path, { memoryLimit }).pipeTo(sink);
const seconds = (performance.now() - started) / 1000;
report({ rows: (await sink.result).rows, seconds });
