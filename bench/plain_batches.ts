/**
 * Batches that JavaScript made, as a script would have them: in its own memory.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { type RecordBatch, RecordBatchReader } from "apache-arrow";

/** Reads an Arrow IPC stream whole; the batches are views of its bytes. */
export async function plainBatches(path: string): Promise<RecordBatch[]> {
  return [...RecordBatchReader.from(await readFile(path))];
}
