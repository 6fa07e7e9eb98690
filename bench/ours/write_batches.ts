/**
 * Spillway writing batches that JavaScript made, the same script on Deno and on Bun.
 *
 * @module
 */

import { MemoryManager, writeParquet } from "spillway";
import { plainBatches } from "../plain_batches.ts";
import { jsonArgument, report } from "../report_line.ts";
import type { WriteArguments } from "../write_arguments.ts";

const { batches: path, output, level } = jsonArgument<WriteArguments>();
const batches = await plainBatches(path);
// The first use of anything native loads the library, which is an import's affair.
new MemoryManager().availableMemory();

const started = performance.now();
const sink = writeParquet(output, { compression: "zstd", compressionLevel: level });
await ReadableStream.from(batches).pipeTo(sink);
const seconds = (performance.now() - started) / 1000;
report({ rows: (await sink.result).rows, seconds });
