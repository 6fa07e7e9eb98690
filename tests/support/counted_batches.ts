import { type RecordBatch, vectorFromArray } from "apache-arrow";
import { Int32, Utf8 } from "apache-arrow";
import { batchOf } from "./batch_of.ts";

/** A batch of two columns that follow from the row number: `id`, and `text`, null in every fifth row. */
export function numberedBatch(rows: number, first = 0): RecordBatch {
  const ids = Array.from({ length: rows }, (_, at) => first + at);
  return batchOf({
    id: vectorFromArray(ids, new Int32()),
    text: vectorFromArray(ids.map((id) => id % 5 === 0 ? null : `row ${id}`), new Utf8()),
  }, { rows });
}

/** Batches of these sizes, whose rows are numbered through. */
export function numberedBatches(sizes: readonly number[]): RecordBatch[] {
  let first = 0;
  return sizes.map((rows) => numberedBatch(rows, (first += rows) - rows));
}

/** How a stream of batches ends. */
interface Ending {
  /** What the pull after the last batch throws; the stream closes otherwise. */
  readonly error?: unknown;
}

/** A stream of batches that counts what is asked of it. */
export class CountedBatches {
  /** The stream: gives a batch for each pull, and none before. */
  readonly stream: ReadableStream<RecordBatch>;
  /** How often it was pulled. */
  pulled = 0;
  /** The reasons why it was cancelled: one at most. */
  readonly cancelled: unknown[] = [];
  #controller: ReadableStreamDefaultController<RecordBatch> | null = null;

  constructor(batches: Iterable<RecordBatch>, ending: Ending = {}) {
    const left = batches[Symbol.iterator]();
    this.stream = new ReadableStream<RecordBatch>({
      start: (controller) => void (this.#controller = controller),
      pull: (controller) => {
        this.pulled++;
        const { done, value } = left.next();
        if (!done) controller.enqueue(value);
        else if ("error" in ending) controller.error(ending.error);
        else controller.close();
      },
      cancel: (reason) => void this.cancelled.push(reason),
    }, { highWaterMark: 0 });
  }

  /** Makes the stream fail now, whether it is read or not. */
  fail(error: unknown): void {
    this.#controller?.error(error);
  }
}

/** Lets all that doesn't wait for the outside happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** The values of column `id`, of all batches together. */
export function idsOf(batches: Iterable<RecordBatch>): number[] {
  return Array.from(batches).flatMap((batch) => Array.from(batch.getChild("id")!) as number[]);
}

/** Whole numbers from `start` to before `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}
