/**
 * Batches that nobody gets.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * Releases a batch that nobody gets, unless others have it too.
 *
 * @param batch The batch, if there is one: those that aren't this library's hold nothing.
 */
export function giveUp(batch: RecordBatch | undefined): void {
  if (batch instanceof SpillwayBatch) batch.giveUp();
}
