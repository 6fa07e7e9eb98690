/**
 * Batches of several streams, as they come.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import type { BatchProducer } from "./batch_producer.ts";
import { giveUp } from "./give_up.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";
import { cancelAll, type StreamInput, StreamInputs } from "./stream_inputs.ts";

type Waiting = PromiseWithResolvers<SpillwayBatch | null>;

/** Reads all streams while a batch is wanted, and gives what comes first. */
export class MergeProducer implements BatchProducer {
  readonly #inputs: StreamInputs;
  /** Streams that nothing is asked of at the moment. */
  #idle: StreamInput[];
  /** How many streams have been asked for a batch. */
  #reading = 0;
  /** Batches that came after another had answered: one of a stream at most, first come first. */
  readonly #arrived: [input: StreamInput, batch: SpillwayBatch][] = [];
  #waiting: Waiting | null = null;
  #fail: (error: unknown) => void = () => {};
  #over = false;

  /** @param streams The streams. */
  constructor(streams: readonly ReadableStream<RecordBatch>[]) {
    this.#inputs = new StreamInputs(streams, "merge");
    this.#idle = [...this.#inputs.all];
  }

  /** The error of a stream is that of all, at once. */
  start(fail: (error: unknown) => void): void {
    this.#fail = fail;
    for (const { reader } of this.#inputs.all) {
      reader.closed.catch((error) => this.#failed(error));
    }
  }

  /** What came first. */
  next(): Promise<SpillwayBatch | null> {
    const first = this.#arrived.shift();
    if (first !== undefined) {
      const [input, batch] = first;
      this.#idle.push(input);
      return Promise.resolve(batch);
    }
    const idle = this.#idle;
    this.#idle = [];
    const waiting = this.#waiting = Promise.withResolvers<SpillwayBatch | null>();
    this.#reading += idle.length;
    for (const input of idle) this.#read(input);
    this.#endIfDone();
    return waiting.promise;
  }

  /** Nobody wants more. */
  async cancel(reason: unknown): Promise<void> {
    this.#letGo();
    await cancelAll(this.#inputs.all, reason);
  }

  /** The schema of all. */
  schema(): Promise<Schema> {
    return this.#inputs.schema();
  }

  async #read(input: StreamInput): Promise<void> {
    try {
      const { done, value } = await input.reader.read();
      if (this.#over) return giveUp(value);
      this.#reading--;
      if (done) this.#endIfDone();
      else this.#give(input, this.#inputs.take(value, input));
    } catch (error) {
      this.#failed(error);
    }
  }

  #give(input: StreamInput, batch: SpillwayBatch): void {
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#arrived.push([input, batch]);
      return;
    }
    this.#waiting = null;
    this.#idle.push(input);
    waiting.resolve(batch);
  }

  #endIfDone(): void {
    if (this.#reading > 0 || this.#idle.length > 0) return;
    this.#waiting?.resolve(null);
    this.#waiting = null;
  }

  #failed(error: unknown): void {
    if (this.#over) return;
    this.#letGo();
    this.#fail(error);
    // Of the reasons why another stream can't be cancelled, none matters as much.
    cancelAll(this.#inputs.all, error).catch(() => {});
  }

  #letGo(): void {
    this.#over = true;
    for (const [, batch] of this.#arrived.splice(0)) batch.giveUp();
    this.#waiting?.resolve(null);
    this.#waiting = null;
  }
}
