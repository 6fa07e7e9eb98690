import type { SpillwayBatch } from "spillway";

/** The rows of a stream of text columns, as arrays in the order of the columns. Batches are released. */
export async function textRows(
  stream: ReadableStream<SpillwayBatch>,
): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  for await (using batch of stream) {
    const columns = batch.schema.fields.map((_, index) => batch.getChildAt(index)!);
    for (let row = 0; row < batch.numRows; row++) {
      rows.push(columns.map((column) => column.get(row) as string | null));
    }
  }
  return rows;
}
