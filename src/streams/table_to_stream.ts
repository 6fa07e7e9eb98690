/**
 * Tables as streams.
 *
 * @module
 */
import type { RecordBatch, Table } from "apache-arrow";
import { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * Streams the batches of an apache-arrow table, one for each pull; nothing is copied, and the table
 * keeps its batches, whoever releases what comes out.
 *
 * @param table The table.
 * @returns The stream.
 *
 * @example
 * ```ts
 * import { col, tableToStream, where } from "spillway";
 * import { tableFromArrays } from "apache-arrow";
 * import { expect } from "@std/expect";
 *
 * const table = tableFromArrays({ n: Int32Array.of(1, 2, 3) });
 * const [batch] = await Array.fromAsync(tableToStream(table).pipeThrough(where(col("n").ge(2))));
 * expect(batch?.numRows).toBe(2);
 * ```
 */
export function tableToStream(table: Table): ReadableStream<RecordBatch> {
  const batches = table.batches.values();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = batches.next();
      if (done) controller.close();
      else controller.enqueue(value instanceof SpillwayBatch ? sameMemory(value) : value);
    },
  }, { highWaterMark: 0 });
}

/** A batch that frees nothing when it is released: the memory stays the table's. */
function sameMemory(batch: SpillwayBatch): SpillwayBatch {
  batch.shared = true;
  return batch.intoColumns(batch.schema, batch.data);
}
