/**
 * What handing over one batch costs, apart from decoding: each batch lies decoded in the queue, and
 * decoding rests, before the clock starts.
 *
 * @module
 */

import { scanParquet } from "spillway";
import { touchBatch } from "../arrow_batch.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, batchRows = 1024 } = scanArguments();
const batches = 3000;
/** The first batches let the JIT compilers do their work. */
const warmUpBatches = 1000;

const stream = scanParquet(path, { limit: batches * batchRows, batchSize: batchRows });
const reader = stream.getReader();
/** Microseconds of each batch. */
const costs = { read: [] as number[], touch: [] as number[], release: [] as number[] };
let rows = 0;
const started = performance.now();
for (;;) {
  await untilDecodingRests();
  const beforeRead = performance.now();
  const { done, value } = await reader.read();
  if (done) break;
  const beforeTouch = performance.now();
  touchBatch(value);
  const beforeRelease = performance.now();
  value.release();
  const after = performance.now();
  costs.read.push((beforeTouch - beforeRead) * 1000);
  costs.touch.push((beforeRelease - beforeTouch) * 1000);
  costs.release.push((after - beforeRelease) * 1000);
  rows += value.numRows;
}
report({
  rows,
  seconds: (performance.now() - started) / 1000,
  batches: costs.read.length,
  readMicroseconds: middle(costs.read),
  touchMicroseconds: middle(costs.touch),
  releaseMicroseconds: middle(costs.release),
});

function middle(all: readonly number[]): number {
  const sorted = all.slice(warmUpBatches).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

async function untilDecodingRests(): Promise<void> {
  for (;;) {
    const { queuedBytes, reservedBytes, totalRows } = stream.stats();
    const queued = queuedBytes > 0 || rows === totalRows;
    if (queued && reservedBytes === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
