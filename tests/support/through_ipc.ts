import { type RecordBatch, Table, tableFromIPC, tableToIPC } from "apache-arrow";

/** What apache-arrow reads of batches that it has written, as a stream or as a file. */
export function throughIpc(
  batches: readonly [RecordBatch, ...RecordBatch[]],
  format: "stream" | "file" = "stream",
): Table {
  const table = new Table(batches[0].schema, [...batches]);
  return tableFromIPC(tableToIPC(table, format));
}
