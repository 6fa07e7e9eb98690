/**
 * What a batch of 16 columns costs on its way into JavaScript, by parts: run by
 * `deno task bench:calls`.
 *
 * The batches lie decoded in the queue before the clock starts.
 *
 * @module
 */

import { Scan, type ScanRequest } from "../ffi/scan.ts";
import type { SpillwayBatch } from "../src/spillway_batch.ts";
import { touchBatch } from "./arrow_batch.ts";
import { lineitem } from "./data.ts";

const batchRows = 1024;
const { path } = await lineitem(1);
const request: ScanRequest = {
  path,
  io: "mmap",
  columns: null,
  limit: 512 * batchRows,
  offset: 0,
  rowGroups: null,
  rowIndex: null,
  dictionary: null,
  strings: "utf8",
  memoryLimitBytes: 2 ** 30,
  batchRows,
  fixedRows: batchRows,
  maxBatchBytes: null,
};

/** Batches one by one, from scans that are replaced as they end. */
class Queue {
  #scan = new Scan(request);

  /** Has a scan with a decoded batch to give. */
  async fill(): Promise<void> {
    await this.#scan.opened();
    while (this.#scan.counters().queuedBytes === 0) {
      if (this.#scan.next(batchRows, true) === "end") {
        this.#scan.close();
        this.#scan = new Scan(request);
        await this.#scan.opened();
        this.#scan.next(batchRows, true);
      }
      await this.#scan.wait(1000);
      // Until all of it is decoded.
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  take(): SpillwayBatch {
    const batch = this.#scan.next(batchRows, true);
    if (typeof batch === "string") throw new Error(`The queue is ${batch}`);
    return batch;
  }
}

const queue = new Queue();

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
