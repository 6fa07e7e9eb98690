/**
 * A schema in Arrow's own format.
 *
 * @module
 */
import { RecordBatchStreamWriter, type Schema } from "apache-arrow";

/** A schema as an Arrow IPC stream without batches. */
export function schemaBytes(schema: Schema): Uint8Array<ArrayBuffer> {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  writer.finish();
  return writer.toUint8Array(true) as Uint8Array<ArrayBuffer>;
}
