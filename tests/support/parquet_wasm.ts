/**
 * What is used of parquet-wasm.
 *
 * @module
 */
import { type RecordBatch, tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/node";

/** The batches of a Parquet file's bytes, as apache-arrow reads what parquet-wasm makes of them. */
export function readWithParquetWasm(bytes: Uint8Array): RecordBatch[] {
  return tableFromIPC(readParquet(bytes).intoIPCStream()).batches;
}
