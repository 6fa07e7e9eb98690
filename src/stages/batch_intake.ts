/**
 * The writable side of a transform.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";

/** The stream that batches are written to, and what reads them. */
interface Sides {
  readonly writable: WritableStream<RecordBatch>;
  readonly reader: ReadableStreamDefaultReader<RecordBatch>;
}

/**
 * Takes the batches that are piped into a transform: each is read when the transform wants it.
 *
 * The stream is made when it is asked for: that of a transform whose step a scan does may never be,
 * and it takes half a millisecond where it is the first.
 */
export class BatchIntake {
  #sides: Sides | null = null;
  #controller: TransformStreamDefaultController<RecordBatch> | null = null;
  #used = false;
  /** What is done with the sides once they are made. */
  readonly #made: ((sides: Sides) => void)[] = [];

  /** The writable side. */
  get writable(): WritableStream<RecordBatch> {
    return this.#both.writable;
  }

  /** Reads what is written, in order. */
  get reader(): ReadableStreamDefaultReader<RecordBatch> {
    return this.#both.reader;
  }

  /** Whether a batch has come. */
  get used(): boolean {
    return this.#used;
  }

  /** Whether somebody writes, or pipes. */
  get locked(): boolean {
    return this.#sides?.writable.locked ?? false;
  }

  /** Does something with the sides: now, or once they are made. */
  whenMade(use: (sides: Sides) => void): void {
    if (this.#sides === null) this.#made.push(use);
    else use(this.#sides);
  }

  /** Takes no more: whoever writes is stopped. */
  end(): void {
    this.whenMade(() => this.#controller?.terminate());
  }

  /** Takes no more because of an error, which whoever writes gets. */
  fail(error: unknown): void {
    this.whenMade(() => this.#controller?.error(error));
  }

  /** Made with a writable side that takes one batch ahead, as a pipe needs room to begin. */
  get #both(): Sides {
    if (this.#sides !== null) return this.#sides;
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
    const sides = { writable, reader: readable.getReader() };
    this.#sides = sides;
    for (const use of this.#made.splice(0)) use(sides);
    return sides;
  }
}
