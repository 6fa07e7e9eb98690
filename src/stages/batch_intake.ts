/**
 * The writable side of a transform.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";

/** Takes the batches that are piped into a transform: each is read when the transform wants it. */
export class BatchIntake {
  /** The writable side. */
  readonly writable: WritableStream<RecordBatch>;
  /** Reads what is written, in order. */
  readonly reader: ReadableStreamDefaultReader<RecordBatch>;
  #controller: TransformStreamDefaultController<RecordBatch> | null = null;
  #used = false;

  /** Makes a writable side that takes one batch ahead, as a pipe needs room to begin. */
  constructor() {
    const { readable, writable } = new TransformStream<RecordBatch, RecordBatch>(
      {
        start: (controller) => void (this.#controller = controller),
        transform: (batch, controller) => {
          this.#used = true;
          controller.enqueue(batch);
        },
      },
      { highWaterMark: 1 },
      { highWaterMark: 0 },
    );
    this.writable = writable;
    this.reader = readable.getReader();
  }

  /** Whether a batch has come. */
  get used(): boolean {
    return this.#used;
  }

  /** Takes no more: whoever writes is stopped. */
  end(): void {
    this.#controller?.terminate();
  }

  /** Takes no more because of an error, which whoever writes gets. */
  fail(error: unknown): void {
    this.#controller?.error(error);
  }
}
