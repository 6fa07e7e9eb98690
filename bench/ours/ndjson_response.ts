/**
 * Spillway making a response of NDJSON from a Parquet file, the same script on Deno and on Bun.
 *
 * @module
 */

import { encodeNdjson, MemoryManager, scanParquet } from "spillway";
import { readBody } from "../ndjson_body.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, mode, memoryLimit } = scanArguments();
// The first use of anything native loads the library, which is an import's affair.
new MemoryManager().availableMemory();

const started = performance.now();
const lines = scanParquet(path, { memoryLimit }).pipeThrough(encodeNdjson({ memoryLimit }));
const body = await readBody(new Response(lines), mode);
report({ ...body, seconds: (performance.now() - started) / 1000 });
