/**
 * What makes the batches of a stream that no scan gives.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** Makes batches, one when it is asked for one. */
export interface BatchProducer {
  /** Called once, before all else. An error that comes while nobody asks is told at once. */
  start(fail: (error: unknown) => void): void;
  /** The next batch, or `null` at the end. Not called again before it has answered. */
  next(): Promise<SpillwayBatch | null>;
  /** Called when nobody wants more, perhaps while a batch is waited for: that is given back then. */
  cancel(reason: unknown): Promise<void>;
  /** The schema of the batches. */
  schema(): Promise<Schema>;
}
