import type { RecordBatch } from "apache-arrow";

/** A stream that gives a batch only when it is told to. */
export class SlowBatches {
  /** The stream. */
  readonly stream: ReadableStream<RecordBatch>;
  /** How many reads wait at this moment. */
  waiting = 0;
  /** The reasons why it was cancelled: one at most. */
  readonly cancelled: unknown[] = [];
  #controller!: ReadableStreamDefaultController<RecordBatch>;
  #pulled = Promise.withResolvers<void>();

  constructor() {
    this.stream = new ReadableStream<RecordBatch>({
      start: (controller) => void (this.#controller = controller),
      pull: () => {
        this.waiting++;
        return this.#pulled.promise;
      },
      cancel: (reason) => void this.cancelled.push(reason),
    }, { highWaterMark: 0 });
  }

  /** Gives a batch to the read that waits. */
  give(batch: RecordBatch): void {
    this.waiting--;
    this.#controller.enqueue(batch);
    this.#pulled.resolve();
    this.#pulled = Promise.withResolvers();
  }

  /** Ends the stream. */
  end(): void {
    this.#controller.close();
  }
}
