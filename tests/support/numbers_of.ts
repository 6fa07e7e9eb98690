import type { SpillwayBatch } from "spillway";

/** The whole numbers of one column of a stream, in the order in which they come. Batches are released. */
export async function numbersOf(
  stream: ReadableStream<SpillwayBatch>,
  column = "number",
): Promise<(number | null)[]> {
  const numbers: (number | null)[] = [];
  for await (using batch of stream) {
    for (const value of batch.getChild(column)!) {
      numbers.push(value === null ? null : Number(value));
    }
  }
  return numbers;
}
