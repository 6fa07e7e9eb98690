/**
 * Batches of several streams, one stream after another.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchProducer } from "./batch_producer.ts";
import { giveUp } from "./give_up.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import { cancelAll, type StreamInput, StreamInputs } from "./stream_inputs.ts";

/** Reads the first stream that hasn't ended. */
export class ConcatProducer implements BatchProducer {
  readonly #inputs: StreamInputs;
  /** The stream whose turn it is, and those that follow. */
  readonly #left: StreamInput[];
  #fail: (error: unknown) => void = () => {};
  #over = false;

  /** @param streams The streams. */
  constructor(streams: readonly ReadableStream<RecordBatch>[]) {
    this.#inputs = new StreamInputs(streams, "concat");
    this.#left = [...this.#inputs.all];
  }

  /** The error of the stream whose turn it is is told at once. */
  start(fail: (error: unknown) => void): void {
    this.#fail = fail;
    this.#watch();
  }

  /** The next batch of the stream whose turn it is. */
  async next(): Promise<SpillwayBatch | null> {
    try {
      for (let [input] = this.#left; input !== undefined; [input] = this.#left) {
        const { done, value } = await input.reader.read();
        if (this.#over) {
          giveUp(value);
          return null;
        }
        if (!done) return this.#inputs.take(value, input);
        this.#left.shift();
        this.#watch();
      }
    } catch (error) {
      this.#failed(error);
    }
    return null;
  }

  /** Nobody wants more. */
  async cancel(reason: unknown): Promise<void> {
    this.#over = true;
    await cancelAll(this.#left, reason);
  }

  /** The schema of all. */
  schema(): Promise<Schema> {
    return this.#inputs.schema();
  }

  #watch(): void {
    this.#left[0]?.reader.closed.catch((error) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#fail(error);
    // Of the reasons why another stream can't be cancelled, none matters as much.
    cancelAll(this.#left, error).catch(() => {});
  }
}
