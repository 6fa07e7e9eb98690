/**
 * What a stream of batches needs of its source.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { FileMetadata } from "../scan/file_metadata.ts";
import type { RowGroupFilter } from "../scan/row_group_filters.ts";
import type { PlannedRowGroup, ScanPlan } from "../scan/scan_plan.ts";
import type { ScanStats } from "../scan/scan_stats.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import type { Step } from "../stages/step.ts";

/** The controller of a stream of batches. */
export type BatchController = ReadableStreamDefaultController<SpillwayBatch>;

/** The source under a `RecordBatchStream`: a scan, or the readable side of a transform. */
export interface BatchSource {
  /** Called by the stream when it is made. */
  start(controller: BatchController): void;
  /** Called by the stream when the consumer wants a batch. */
  pull(controller: BatchController): Promise<void> | void;
  /** Called by the stream when the consumer wants no more. */
  cancel(reason: unknown): Promise<void> | void;
  /** Whether a scan gives the batches. */
  readonly planned: boolean;
  /** The schema of the batches. */
  schema(): Promise<Schema>;
  /** What the scan is going to read. */
  plan(): Promise<ScanPlan>;
  /** What the file says about itself. */
  metadata(): Promise<FileMetadata>;
  /** What has been done so far. */
  stats(): ScanStats;
  /** From now on batches are copies, which don't count against the limit. */
  copyFromNowOn(): void;
  /** From now on batches go to several consumers, so that no transform may release them. */
  shareFromNowOn(): void;
  /**
   * A source that does a step too; this one is never pulled again. `null` where that can't be.
   *
   * @param step The step.
   */
  fuse(step: Step): BatchSource | null;
  /**
   * The column of the file that a column is, unchanged; `null` where it is computed, or where
   * statistics of row groups can't tell of the rows that come.
   *
   * @param column The name of the column.
   */
  fileColumn(column: string): string | null;
  /**
   * A source of its own for some of the rows that this one gives, with the same steps: all the rows
   * that its plan has in these row groups. Only where {@linkcode BatchSource.fileColumn} gave one.
   *
   * @param rowGroups The row groups, as the plan has them, in order.
   */
  within(rowGroups: readonly PlannedRowGroup[]): BatchSource | null;
  /**
   * Leaves out row groups, where no step before decides which rows come.
   *
   * @param filter Tells of a row group whether no row of it is wanted.
   */
  skipRowGroups(filter: RowGroupFilter): void;
}
