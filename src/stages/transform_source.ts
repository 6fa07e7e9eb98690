/**
 * The readable side of a transform: fed by its writable side, or by a scan that does its step.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { BatchIntake } from "./batch_intake.ts";
import type { BatchController, BatchSource } from "../streams/batch_source.ts";
import type { BatchStage } from "./batch_stage.ts";
import type { FileMetadata } from "../scan/file_metadata.ts";
import { ProducedSource } from "../streams/produced_source.ts";
import type { RowGroupFilter } from "../scan/row_group_filters.ts";
import type { PlannedRowGroup, ScanPlan } from "../scan/scan_plan.ts";
import type { ScanStats } from "../scan/scan_stats.ts";
import { StageProducer } from "./stage_producer.ts";
import type { Step } from "./step.ts";

/** The source under the readable side of a transform. */
export class TransformSource implements BatchSource {
  readonly #intake: BatchIntake = new BatchIntake();
  readonly #batches: StageProducer;
  /** What gives the batches: the stage, until a scan takes its step over. */
  #source: BatchSource;
  #controller: BatchController | null = null;
  #adopted = false;

  /** @param stage What is done to the batches. */
  constructor(stage: BatchStage) {
    this.#batches = new StageProducer(stage, this.#intake);
    this.#source = new ProducedSource(this.#batches);
  }

  /** The writable side. */
  get writable(): WritableStream<RecordBatch> {
    return this.#intake.writable;
  }

  /** Whether a batch has come, or can from somebody else. */
  get used(): boolean {
    return this.#intake.used || this.#intake.locked || this.#adopted;
  }

  /** Whether a scan gives the batches. */
  get planned(): boolean {
    return this.#source.planned;
  }

  /**
   * Lets a scan feed the stream instead of the writable side.
   *
   * @param scan The source of its batches.
   * @param lock Locks the writable side, if it is ever made.
   */
  adopt(scan: BatchSource, lock: (writable: WritableStream<RecordBatch>) => void): void {
    this.#source = scan;
    this.#adopted = true;
    this.#intake.whenMade(({ writable }) => lock(writable));
    if (this.#controller !== null) scan.start(this.#controller);
  }

  /** Tells the schema of the batches that will come in. */
  follow(schema: () => Promise<Schema>): void {
    this.#batches.follow(schema);
  }

  /** Called by the stream when it is made. */
  start(controller: BatchController): void {
    this.#controller = controller;
    this.#source.start(controller);
  }

  /** Called by the stream when the consumer wants a batch. */
  pull(controller: BatchController): Promise<void> | void {
    return this.#source.pull(controller);
  }

  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> | void {
    return this.#source.cancel(reason);
  }

  /**
   * The schema of the batches; of a transform outside a scan known after its first batch, or where
   * columns go through as they are.
   */
  schema(): Promise<Schema> {
    return this.#source.schema();
  }

  /** What the scan is going to read. */
  plan(): Promise<ScanPlan> {
    return this.#source.plan();
  }

  /** What the file says about itself. */
  metadata(): Promise<FileMetadata> {
    return this.#source.metadata();
  }

  /** What has been done so far. */
  stats(): ScanStats {
    return this.#source.stats();
  }

  /** Nothing to do outside a scan: batches come as they are. */
  copyFromNowOn(): void {
    this.#source.copyFromNowOn();
  }

  /** Batches go to several consumers from now on. */
  shareFromNowOn(): void {
    this.#source.shareFromNowOn();
  }

  /** A step behind this one, done by the scan too where there is one. */
  fuse(step: Step): BatchSource | null {
    return this.#source.fuse(step);
  }

  /** The column of the file, where a scan gives the batches. */
  fileColumn(column: string): string | null {
    return this.#source.fileColumn(column);
  }

  /** Some of the scan's rows. */
  within(rowGroups: readonly PlannedRowGroup[]): BatchSource | null {
    return this.#source.within(rowGroups);
  }

  /** Leaves out row groups of the scan. */
  skipRowGroups(filter: RowGroupFilter): void {
    this.#source.skipRowGroups(filter);
  }
}
