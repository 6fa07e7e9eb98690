/**
 * The number of a stream's rows.
 *
 * @module
 */
import type { RecordBatchStream } from "../streams/record_batch_stream.ts";
import { select } from "../stages/select.ts";

/**
 * Counts the rows that are left in a stream, and ends it.
 *
 * @param stream The stream.
 * @returns The number of rows: from the plan, where nothing has to be tested.
 * @throws {TypeError} Where the stream is locked.
 */
export async function countRows(stream: RecordBatchStream): Promise<number> {
  // No column is wanted: what is read then is read for the predicate.
  const rows = stream.pipeThrough(select());
  if (rows.planned) {
    const { filter, rows: planned } = await rows.explain();
    if (filter === null && planned !== null) {
      await rows.cancel();
      return planned;
    }
  }
  let count = 0;
  for await (const batch of rows) {
    count += batch.numRows;
    batch.giveUp();
  }
  return count;
}
