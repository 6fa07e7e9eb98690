/**
 * All batches of a stream at once, where they fit.
 *
 * @module
 */
import { MemoryLimitError } from "./errors.ts";
import { MemoryManager } from "./memory_manager.ts";
import { formatBytes, parseBytes } from "./parse_bytes.ts";
import type { RecordBatchStream } from "./record_batch_stream.ts";
import type { SpillwayBatch } from "./spillway_batch.ts";

/**
 * Reads all batches that are left, unless they take too much memory.
 *
 * @param stream The stream, which should give copies: its limit would be full of views.
 * @param maxBytes The most decoded bytes; by default the memory that is available.
 * @returns The batches.
 * @throws {MemoryLimitError} Where the plan's estimate, or what was read, is over the most. The
 * estimate is compared before anything is decoded. The stream is cancelled then.
 */
export async function collectBatches(
  stream: RecordBatchStream,
  maxBytes: number | string | undefined,
): Promise<SpillwayBatch[]> {
  const most = maxBytes === undefined
    ? MemoryManager.shared.availableMemory()
    : parseBytes(maxBytes, "maxBytes");
  const plan = stream.planned ? await stream.explain() : null;
  const path = plan?.path ?? null;
  // How many rows a predicate keeps isn't known before.
  if (plan !== null && plan.filter === null && plan.estimatedBytes > most) {
    const error = tooLarge(path, `about ${formatBytes(plan.estimatedBytes)}`, most);
    await stream.cancel(error);
    throw error;
  }
  const batches: SpillwayBatch[] = [];
  let bytes = 0;
  for await (const batch of stream) {
    bytes += batch.byteLength;
    if (bytes > most) throw tooLarge(path, `over ${formatBytes(bytes)}`, most);
    batches.push(batch);
  }
  return batches;
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
