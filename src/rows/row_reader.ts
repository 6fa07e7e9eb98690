/**
 * Rows from anywhere, some at a time.
 *
 * @module
 */
import { describeValue } from "../expressions/describe_value.ts";
import type { RowSequence } from "./from_rows.ts";

/** What streams, iterators and asynchronous iterators have in common. */
interface Steps {
  next(): Promise<Step> | Step;
  return?(reason: unknown): unknown;
}

/** One step: a row, or the end. */
type Step = { readonly done?: boolean | undefined; readonly value?: unknown };

/** Reads rows from a stream or an iterable, and never more than it is asked for. */
export class RowReader {
  readonly #steps: Steps;
  readonly #stream: ReadableStreamDefaultReader<object> | null = null;
  #ended = false;

  /**
   * @param rows The rows; a stream is locked.
   * @throws {TypeError} Where it is neither, or a stream that is locked.
   */
  constructor(rows: RowSequence) {
    if (rows instanceof ReadableStream) {
      const stream = this.#stream = rows.getReader();
      this.#steps = { next: () => stream.read(), return: (reason) => stream.cancel(reason) };
    } else {
      this.#steps = stepsOf(rows);
    }
  }

  /** Tells of a stream's failure at once, also while nothing is read. */
  onFailure(tell: (error: unknown) => void): void {
    this.#stream?.closed.catch(tell);
  }

  /** The next rows: fewer than asked for only at the end. */
  async take(count: number): Promise<unknown[]> {
    const rows: unknown[] = [];
    while (rows.length < count && !this.#ended) {
      let step: Step;
      try {
        const next = this.#steps.next();
        // No turn of the event loop for each row of an array.
        step = "then" in next ? await next : next;
      } catch (error) {
        this.#ended = true;
        throw error;
      }
      if (step.done) this.#ended = true;
      else rows.push(step.value);
    }
    return rows;
  }

  /** Reads no more, and tells the stream or the iterator. */
  async cancel(reason: unknown): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#steps.return?.(reason);
  }
}

function stepsOf(rows: unknown): Steps {
  if (typeof rows === "object" && rows !== null) {
    if (Symbol.asyncIterator in rows) {
      return (rows as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    }
    if (Symbol.iterator in rows) return (rows as Iterable<unknown>)[Symbol.iterator]();
  }
  throw new TypeError(
    `Rows must be a stream or an iterable of objects, not ${describeValue(rows)}`,
  );
}
