/**
 * Batches from elsewhere, in this library's form.
 *
 * @module
 */
import type { Data, RecordBatch, Schema } from "apache-arrow";
import { byteLengthOf } from "./byte_length.ts";
import { SpillwayBatch } from "./spillway_batch.ts";

/**
 * A batch of this library's class over the memory of another batch.
 *
 * @param batch The batch; one of this library's gives its memory to the new one.
 * @param schema The new batch's schema.
 * @param data Its columns.
 * @returns The new batch.
 */
export function ownBatch(
  batch: RecordBatch,
  schema: Schema = batch.schema,
  data: Data = batch.data,
): SpillwayBatch {
  if (batch instanceof SpillwayBatch) {
    return data === batch.data && schema === batch.schema ? batch : batch.intoColumns(schema, data);
  }
  const byteLength = byteLengthOf(data);
  return new SpillwayBatch({
    schema,
    data,
    firstRow: 0,
    byteLength,
    buffers: [],
    zeroCopy: false,
  });
}
