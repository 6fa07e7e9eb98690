import type { RecordBatch } from "apache-arrow";

/** A stream that gives these batches, one for each pull, and is no stream of the library's. */
export function batchStream<Batch extends RecordBatch>(
  batches: Iterable<Batch>,
): ReadableStream<Batch> {
  const iterator = batches[Symbol.iterator]();
  return new ReadableStream<Batch>({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}
