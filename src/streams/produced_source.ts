/**
 * The source under a stream of batches that no scan gives.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { noCounters } from "../../ffi/counters.ts";
import type { BatchProducer } from "./batch_producer.ts";
import type { BatchController, BatchSource } from "./batch_source.ts";
import type { FileMetadata } from "../scan/file_metadata.ts";
import type { ScanPlan } from "../scan/scan_plan.ts";
import type { ScanStats } from "../scan/scan_stats.ts";

/** Asks a producer for a batch whenever the stream is pulled, and counts what it gives. */
export class ProducedSource implements BatchSource {
  /** There is no scan. */
  readonly planned = false;
  readonly #producer: BatchProducer;
  #given = { rows: 0, batches: 0, bytes: 0 };
  #shared = false;
  #over = false;

  /** @param producer Makes the batches. */
  constructor(producer: BatchProducer) {
    this.#producer = producer;
  }

  /** Called by the stream when it is made. */
  start(controller: BatchController): void {
    this.#producer.start((error) => {
      this.#over = true;
      controller.error(error);
    });
  }

  /** Called by the stream when the consumer wants a batch. */
  async pull(controller: BatchController): Promise<void> {
    const batch = await this.#producer.next();
    // Cancelled or failed meanwhile.
    if (this.#over) return batch?.giveUp();
    if (batch === null) {
      this.#over = true;
      return controller.close();
    }
    const { rows, batches, bytes } = this.#given;
    this.#given = {
      rows: rows + batch.numRows,
      batches: batches + 1,
      bytes: bytes + batch.byteLength,
    };
    batch.shared ||= this.#shared;
    controller.enqueue(batch);
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> {
    this.#over = true;
    return this.#producer.cancel(reason);
  }

  /** The schema of the batches. */
  schema(): Promise<Schema> {
    return this.#producer.schema();
  }

  /** There is no plan. */
  plan(): Promise<ScanPlan> {
    return Promise.reject(noScan("explain what it reads"));
  }

  /** There is no file. */
  metadata(): Promise<FileMetadata> {
    return Promise.reject(noScan("tell a file's metadata"));
  }

  /** What was given so far. */
  stats(): ScanStats {
    const times = { consumerMs: 0, waitMs: 0, decisions: [], warnings: [] };
    const nothing = { copiedBatches: 0, copiedBytes: 0, pruning: null, files: [], ...times };
    return { ...noCounters(), ...nothing, ...this.#given };
  }

  /** Nothing to do: batches come as they are. */
  copyFromNowOn(): void {}

  /** Batches go to several consumers from now on. */
  shareFromNowOn(): void {
    this.#shared = true;
  }

  /** Steps behind this one stay transforms. */
  fuse(): null {
    return null;
  }

  /** No column is one of a file. */
  fileColumn(): null {
    return null;
  }

  /** There are no row groups. */
  within(): null {
    return null;
  }

  /** There are no row groups. */
  skipRowGroups(): void {}
}

/** The error of asking a stream for what only scans have. */
export function noScan(what: string): TypeError {
  return new TypeError(
    `Can't ${what}: this stream isn't a scan's, since its batches come from elsewhere or a step ` +
      "before it must see them one by one",
  );
}
