/**
 * Spillway scanning a file or many, the same script on Deno and on Bun.
 *
 * @module
 */

import { globSync } from "node:fs";
import { addBatch, touchBatch } from "../arrow_batch.ts";
import { noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, mode, memoryLimit, release = true, batchRows, threads, ...extent } = scanArguments();
const { columns, partition, listed = false } = extent;
const paths = listed ? globSync(path).toSorted() : path;

const beforeImport = performance.now();
const { col, MemoryManager, scanParquet, setDecodingThreads } = await import("spillway");
const beforeLoad = performance.now();
// The first use of anything native loads the library.
new MemoryManager().availableMemory();
const loaded = performance.now();
if (threads !== undefined) setDecodingThreads(threads);

const options = {
  memoryLimit,
  batchSize: batchRows,
  columns,
  hivePartitioning: partition !== undefined,
  where: partition && col(partition.column).eq(partition.value),
};

switch (mode) {
  case "first":
    await firstBatch();
    break;
  case "base":
    // Long enough for the sampler to see the runtime at rest.
    await new Promise((resolve) => setTimeout(resolve, 300));
    report({ rows: 0, seconds: 0 });
    break;
  default:
    await fullScan();
}

async function fullScan(): Promise<void> {
  const fingerprint = noFingerprint();
  const visit = mode === "verify" ? addBatch.bind(undefined, fingerprint) : touchBatch;
  let rows = 0;
  let batches = 0;
  const started = performance.now();
  const stream = scanParquet(paths, options);
  if (release) {
    for await (using batch of stream) {
      rows += batch.numRows;
      batches += 1;
      visit(batch);
    }
  } else {
    for await (const batch of stream) {
      rows += batch.numRows;
      batches += 1;
      visit(batch);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  // Decisions and files may be very many, and no case asks for them.
  const { decisions: _decisions, files: _files, ...stats } = stream.stats();
  report({ rows, seconds, batches, stats, ...mode === "verify" ? { fingerprint } : {} });
}

/** Times the first call in this process, and the same call again when everything is warm. */
async function firstBatch(): Promise<void> {
  const first = await callToFirstBatch();
  const again = await callToFirstBatch();
  report({
    ...first,
    importSeconds: (beforeLoad - beforeImport) / 1000,
    loadSeconds: (loaded - beforeLoad) / 1000,
    againSeconds: again.seconds,
  });
}

async function callToFirstBatch(): Promise<{ rows: number; seconds: number }> {
  const started = performance.now();
  for await (using batch of scanParquet(paths, options)) {
    touchBatch(batch);
    return { rows: batch.numRows, seconds: (performance.now() - started) / 1000 };
  }
  throw new Error(`No batch came from ${path}`);
}
