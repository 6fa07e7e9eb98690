/**
 * All batches of a stream at once, where they fit.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { MemoryLimitError } from "../errors.ts";
import { MemoryManager } from "../memory/memory_manager.ts";
import { ownBatch } from "../batches/own_batch.ts";
import { formatBytes, parseBytes } from "../memory/parse_bytes.ts";
import type { ScanPlan } from "../scan/scan_plan.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * Reads all batches that are left, unless they take too much memory.
 *
 * @param stream The stream. A scan should give copies: what its memory limit has room for is copied
 * here otherwise.
 * @param maxBytes The most decoded bytes; by default the memory that is available.
 * @param explain Tells what a scan is going to read.
 * @returns The batches, in memory that JavaScript owns.
 * @throws {MemoryLimitError} Where the plan's estimate, or what was read, is over the most. The
 * estimate is compared before anything is decoded. The stream is cancelled then.
 */
export async function collectBatches(
  stream: ReadableStream<RecordBatch>,
  maxBytes: number | string | undefined,
  explain?: () => Promise<ScanPlan>,
): Promise<SpillwayBatch[]> {
  const most = maxBytes === undefined
    ? MemoryManager.shared.availableMemory()
    : parseBytes(maxBytes, "maxBytes");
  const plan = explain === undefined ? null : await explain();
  const path = plan?.path ?? null;
  // How many rows a predicate keeps isn't known before.
  if (plan !== null && plan.filter === null && plan.estimatedBytes > most) {
    const error = tooLarge(path, `about ${formatBytes(plan.estimatedBytes)}`, most);
    await stream.cancel(error);
    throw error;
  }
  const batches: SpillwayBatch[] = [];
  let bytes = 0;
  for await (const each of stream) {
    const batch = ownBatch(each);
    bytes += batch.byteLength;
    if (bytes > most) {
      batch.giveUp();
      throw tooLarge(path, `over ${formatBytes(bytes)}`, most);
    }
    batches.push(batch.zeroCopy ? copied(batch) : batch);
  }
  return batches;
}

function copied(batch: SpillwayBatch): SpillwayBatch {
  const copy = batch.toOwned();
  batch.giveUp();
  return copy;
}

function tooLarge(path: string | null, size: string, most: number): MemoryLimitError {
  return new MemoryLimitError(
    `Can't collect ${path ?? "a stream"}: its rows take ${size}, more than the ${
      formatBytes(most)
    } allowed. ` +
      "Read fewer columns or rows, allow more, or go through the batches instead",
    { path },
  );
}
