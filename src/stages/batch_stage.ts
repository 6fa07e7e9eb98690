/**
 * What a transform does to batches that no scan gives it.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { RowGroupFilter } from "../scan/row_group_filters.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import type { Step } from "./step.ts";

/** What a transform does to batches that no scan gives it. */
export interface BatchStage {
  /** The step that a scan may take over; `null` where only this stage can do it. */
  readonly step: Step | null;
  /** Which row groups hold no row that is wanted, where that can be told. */
  readonly rowGroups?: RowGroupFilter;
  /** Whether columns go through as they are. @default {false} */
  readonly keepsColumns?: boolean;
  /** Called once, when the first batch is wanted. */
  begin?(): void;
  /** Does it: the batch to give, or `null` for none. The batch that came in becomes the stage's. */
  apply(batch: RecordBatch): Promise<SpillwayBatch | null> | SpillwayBatch | null;
  /**
   * What it can give without another batch, where one may make several, or several one; `null`
   * where there is nothing. Asked before each batch, and at the end until there is nothing left.
   *
   * @param ended Whether no batch comes any more.
   */
  more?(ended: boolean): SpillwayBatch | null;
  /** The schema of what it gives, once a batch has come. */
  readonly schema: Schema | null;
  /** Whether no more batches are wanted. */
  readonly done: boolean;
  /** Called once, when nothing more comes or nobody wants more. */
  close?(): void;
}
