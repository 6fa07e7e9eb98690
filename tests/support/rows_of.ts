import type { SpillwayBatch } from "spillway";

/** The rows of a stream as JSON, integers of 64 bits with an `n`. Batches are released. */
export async function rowsOf(stream: ReadableStream<SpillwayBatch>): Promise<string[]> {
  const rows: string[] = [];
  for await (using batch of stream) {
    for (const row of batch.toArray()) {
      rows.push(JSON.stringify(row, (_, each) => typeof each === "bigint" ? `${each}n` : each));
    }
  }
  return rows;
}
