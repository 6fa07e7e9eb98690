/**
 * Spillway reading CSV or NDJSON to batches, the same script on Deno and on Bun.
 *
 * @module
 */

import { MemoryManager, scanCsv, scanNdjson } from "spillway";
import { addBatch, touchBatch } from "../arrow_batch.ts";
import { noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, mode, format, memoryLimit } = scanArguments();
const fingerprint = noFingerprint();
const visit = mode === "verify" ? addBatch.bind(undefined, fingerprint) : touchBatch;
const scan = format === "csv" ? scanCsv : scanNdjson;
// The first use of anything native loads the library, which is an import's affair.
new MemoryManager().availableMemory();

let rows = 0;
let batches = 0;
const started = performance.now();
for await (using batch of scan(path, { memoryLimit })) {
  rows += batch.numRows;
  batches += 1;
  visit(batch);
}
const seconds = (performance.now() - started) / 1000;
report(mode === "verify" ? { rows, seconds, batches, fingerprint } : { rows, seconds, batches });
