/**
 * What handing over one batch costs, apart from decoding: a queue is let fill up, then drained.
 *
 * @module
 */

import { scanParquet } from "spillway";
import { touchBatch } from "../arrow_batch.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, batchRows = 1024 } = scanArguments();
/** Few enough rows that all of them fit into the queue. */
const limit = 400 * batchRows;

const perBatch: number[] = [];
let rows = 0;
// The first passes let the JIT compilers do their work.
for (let pass = 0; pass < 6; pass++) {
  perBatch.length = 0;
  rows = 0;
  const stream = scanParquet(path, { limit, batchSize: batchRows, memoryLimit: "1GB" });
  const reader = stream.getReader();
  await reader.read();
  await untilQueueRests(() => stream.stats().queuedBytes);
  for (;;) {
    const started = performance.now();
    const { done, value } = await reader.read();
    if (done) break;
    touchBatch(value);
    value.release();
    perBatch.push((performance.now() - started) * 1000);
    rows += value.numRows;
  }
}
perBatch.sort((a, b) => a - b);
const total = perBatch.reduce((sum, cost) => sum + cost, 0);
report({
  rows,
  seconds: total / 1e6,
  batches: perBatch.length,
  meanMicroseconds: total / perBatch.length,
  medianMicroseconds: perBatch[perBatch.length >> 1],
  p99Microseconds: perBatch[Math.floor(perBatch.length * 0.99)],
});

/** Waits until read-ahead has nothing left to do, so that no decoding shares the clock. */
async function untilQueueRests(queuedBytes: () => number): Promise<void> {
  let previous = -1;
  for (let still = 0; still < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = queuedBytes();
    still = now === previous ? still + 1 : 0;
    previous = now;
  }
}
