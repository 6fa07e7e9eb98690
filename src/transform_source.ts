/**
 * The readable side of a transform: fed by its writable side, or by a scan that does its step.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { noCounters } from "../ffi/counters.ts";
import type { BatchController, BatchSource } from "./batch_source.ts";
import type { BatchStage } from "./batch_stage.ts";
import type { FileMetadata } from "./file_metadata.ts";
import type { RowGroupFilter } from "./row_group_filters.ts";
import type { PlannedRowGroup, ScanPlan } from "./scan_plan.ts";
import type { ScanStats } from "./scan_stats.ts";
import type { SpillwayBatch } from "./spillway_batch.ts";
import type { Step } from "./step.ts";

/** The source under the readable side of a transform. */
export class TransformSource implements BatchSource {
  /** The writable side. */
  readonly writable: WritableStream<RecordBatch>;
  readonly #stage: BatchStage;
  readonly #batches: ReadableStreamDefaultReader<SpillwayBatch>;
  #controller: BatchController | null = null;
  #scan: BatchSource | null = null;
  #schemaBefore: (() => Promise<Schema>) | null = null;
  #rows = 0;
  #given = 0;
  #bytes = 0;
  #used = false;

  /** @param stage What is done to the batches. */
  constructor(stage: BatchStage) {
    this.#stage = stage;
    const { readable, writable } = new TransformStream<RecordBatch, SpillwayBatch>(
      {
        start: (controller) => {
          if (stage.done) controller.terminate();
        },
        transform: async (batch, controller) => {
          this.#used = true;
          const result = await stage.apply(batch);
          if (result !== null) controller.enqueue(result);
          if (stage.done) controller.terminate();
        },
        flush: () => stage.close?.(),
        cancel: () => stage.close?.(),
      },
      { highWaterMark: 1 },
      { highWaterMark: 0 },
    );
    this.writable = writable;
    this.#batches = readable.getReader();
    // A failure of the writable side is told at once, as by a TransformStream.
    this.#batches.closed.catch((error) => this.#scan ?? this.#controller?.error(error));
  }

  /** Whether a batch has come. */
  get used(): boolean {
    return this.#used || this.#scan !== null;
  }

  /** Whether a scan gives the batches. */
  get planned(): boolean {
    return this.#scan !== null;
  }

  /** Lets a scan feed the stream instead of the writable side. */
  adopt(scan: BatchSource): void {
    this.#scan = scan;
    if (this.#controller !== null) scan.start(this.#controller);
  }

  /** Tells the schema of the batches that will come in. */
  follow(schema: () => Promise<Schema>): void {
    if (this.#stage.keepsColumns) this.#schemaBefore = schema;
  }

  /** Called by the stream when it is made. */
  start(controller: BatchController): void {
    this.#controller = controller;
  }

  /** Called by the stream when the consumer wants a batch. */
  pull(controller: BatchController): Promise<void> | void {
    return this.#scan === null ? this.#pull(controller) : this.#scan.pull(controller);
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> | void {
    return this.#scan === null ? this.#batches.cancel(reason) : this.#scan.cancel(reason);
  }

  /**
   * The schema of the batches; of a transform outside a scan known after its first batch, or where
   * columns go through as they are.
   */
  schema(): Promise<Schema> {
    if (this.#scan !== null) return this.#scan.schema();
    const { schema } = this.#stage;
    if (schema !== null) return Promise.resolve(schema);
    if (this.#schemaBefore !== null) return this.#schemaBefore();
    return Promise.reject(noScan("tell the schema before its first batch"));
  }

  /** What the scan is going to read. */
  plan(): Promise<ScanPlan> {
    return this.#scan?.plan() ?? Promise.reject(noScan("explain what it reads"));
  }

  /** What the file says about itself. */
  metadata(): Promise<FileMetadata> {
    return this.#scan?.metadata() ?? Promise.reject(noScan("tell a file's metadata"));
  }

  /** What has been done so far. */
  stats(): ScanStats {
    if (this.#scan !== null) return this.#scan.stats();
    const { rows, batches, bytes } = { rows: this.#rows, batches: this.#given, bytes: this.#bytes };
    const times = { consumerMs: 0, waitMs: 0, decisions: [] };
    const nothing = { copiedBatches: 0, copiedBytes: 0, pruning: null, files: [], ...times };
    return { ...noCounters(), ...nothing, rows, batches, bytes };
  }

  /** Nothing to do outside a scan: batches come as they are. */
  copyFromNowOn(): void {
    this.#scan?.copyFromNowOn();
  }

  /** Batches go to several consumers from now on. */
  shareFromNowOn(): void {
    this.#scan?.shareFromNowOn();
  }

  /** A step behind this one, done by the scan too where there is one. */
  fuse(step: Step): BatchSource | null {
    return this.#scan?.fuse(step) ?? null;
  }

  /** The column of the file, where a scan gives the batches. */
  fileColumn(column: string): string | null {
    return this.#scan?.fileColumn(column) ?? null;
  }

  /** Some of the scan's rows. */
  within(rowGroups: readonly PlannedRowGroup[]): BatchSource | null {
    return this.#scan?.within(rowGroups) ?? null;
  }

  /** Leaves out row groups of the scan. */
  skipRowGroups(filter: RowGroupFilter): void {
    this.#scan?.skipRowGroups(filter);
  }

  async #pull(controller: BatchController): Promise<void> {
    const { done, value } = await this.#batches.read();
    if (done) return controller.close();
    this.#rows += value.numRows;
    this.#bytes += value.byteLength;
    this.#given++;
    controller.enqueue(value);
  }
}

function noScan(what: string): TypeError {
  return new TypeError(
    `Can't ${what}: this transform isn't part of a scan, since its batches come from elsewhere or ` +
      "a step before it must see them one by one",
  );
}
