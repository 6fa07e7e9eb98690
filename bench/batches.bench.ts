/**
 * What a batch of 16 columns costs on its way into JavaScript, by parts: run by
 * `deno task bench:calls`.
 *
 * The batches lie decoded in the queue, and decoding rests, before the clock starts.
 *
 * @module
 */

import { Scan } from "../ffi/scan.ts";
import { checkScan } from "../src/scan/check_scan.ts";
import { scanRequest } from "../src/scan/scan_request.ts";
import { ScanSteps } from "../src/scan/scan_steps.ts";
import type { SpillwayBatch } from "../src/batches/spillway_batch.ts";
import { touchBatch } from "./arrow_batch.ts";
import { lineitem } from "./data.ts";

const batchRows = 1024;
const { path } = await lineitem(1);
const options = checkScan(path, { batchSize: batchRows, memoryLimit: 2 ** 30 });
const request = scanRequest(options, new ScanSteps({ ...options }), {
  files: await options.files.list(null),
  batchRows,
  maxBatchBytes: null,
  explain: false,
});

/** Batches one by one, from scans that are replaced as they end. */
class Queue {
  #scan = new Scan(request);

  /** Has a decoded batch to give, with no decoding under way. */
  async fill(): Promise<void> {
    for (;;) {
      await this.#scan.opened();
      const { queuedBytes, reservedBytes } = this.#scan.counters();
      if (queuedBytes > 0 && reservedBytes === 0) return;
      if (queuedBytes === 0 && this.#scan.next(batchRows, true) === "end") {
        this.#scan.close();
        this.#scan = new Scan(request);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  take(): SpillwayBatch {
    const batch = this.#scan.next(batchRows, true);
    if (typeof batch === "string") throw new Error(`The queue is ${batch}`);
    return batch;
  }
}

const queue = new Queue();
// Compiled code is what a scan of more than a moment runs.
for (let i = 0; i < 2000; i++) {
  await queue.fill();
  const batch = queue.take();
  touchBatch(batch);
  batch.release();
}

Deno.bench("take a batch", { group: "batch" }, async (b) => {
  await queue.fill();
  b.start();
  const batch = queue.take();
  b.end();
  batch.release();
});

Deno.bench("touch its 16 columns", { group: "batch" }, async (b) => {
  await queue.fill();
  const batch = queue.take();
  b.start();
  touchBatch(batch);
  b.end();
  batch.release();
});

Deno.bench("release it", { group: "batch" }, async (b) => {
  await queue.fill();
  const batch = queue.take();
  b.start();
  batch.release();
  b.end();
});

Deno.bench("take, touch, release", { group: "batch", baseline: true }, async (b) => {
  await queue.fill();
  b.start();
  const batch = queue.take();
  touchBatch(batch);
  batch.release();
  b.end();
});
