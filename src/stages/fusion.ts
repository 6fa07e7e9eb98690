/**
 * How a stream recognises a transform whose step its scan can do.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchSource } from "../streams/batch_source.ts";
import type { BatchStage } from "./batch_stage.ts";

/** The key of what a transform tells of itself. */
export const fusion: unique symbol = Symbol("spillway.fusion");

/** What a transform tells of itself. */
export interface Fusable {
  /** What it does. */
  readonly stage: BatchStage;
  /** Whether neither of its sides has been used. */
  readonly unused: boolean;
  /** Lets a scan that does the step feed the readable side, and another lock the writable one. */
  adopt(source: BatchSource, lock: (writable: WritableStream<RecordBatch>) => void): void;
  /** Tells the schema of the batches that will come in, for when none does. */
  follow(schema: () => Promise<Schema>): void;
}

/** A transform that a scan can take over. */
export interface FusableTransform {
  readonly [fusion]: Fusable;
}

/** Whether a transform is one that a scan can take over. */
export function isFusable(transform: object): transform is FusableTransform {
  return fusion in transform;
}
