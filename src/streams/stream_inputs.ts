/**
 * Several streams of batches that become one.
 *
 * @module
 */
import { type RecordBatch, Schema } from "apache-arrow";
import { CommonSchema } from "../batches/common_schema.ts";
import { describeValue } from "../expressions/describe_value.ts";
import { giveUp } from "./give_up.ts";
import { noScan } from "./produced_source.ts";
import { RecordBatchStream } from "./record_batch_stream.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/** A stream that is one of several. */
export interface StreamInput {
  /** Its place among them, as people count: from 1. */
  readonly number: number;
  /** Its reader: nobody else reads it. */
  readonly reader: ReadableStreamDefaultReader<RecordBatch>;
}

/** The streams, which give batches of one schema. */
export class StreamInputs {
  /** The streams, in order. */
  readonly all: readonly StreamInput[];
  readonly #first: ReadableStream<RecordBatch> | undefined;
  readonly #columns: CommonSchema;

  /**
   * @param streams The streams; they are locked.
   * @param verb What becomes of them, for messages.
   * @throws {TypeError} Where one is locked, there twice, or no stream.
   */
  constructor(streams: readonly ReadableStream<RecordBatch>[], verb: string) {
    streams.forEach((stream, index) => {
      const what = `Can't ${verb} stream ${index + 1}`;
      if (!(stream instanceof ReadableStream)) {
        throw new TypeError(`${what}: it must be a ReadableStream, not ${describeValue(stream)}`);
      }
      if (streams.indexOf(stream) < index) {
        throw new TypeError(`${what}: it is stream ${streams.indexOf(stream) + 1} too`);
      }
      if (stream.locked) {
        throw new TypeError(`${what}: it is locked, so that somebody else reads it already`);
      }
    });
    this.all = streams.map((stream, index) => ({ number: index + 1, reader: stream.getReader() }));
    this.#first = streams[0];
    this.#columns = new CommonSchema(`${verb} streams`);
  }

  /** A batch of a stream, in the schema of all. */
  take(batch: RecordBatch, { number }: StreamInput): SpillwayBatch {
    try {
      return this.#columns.take(batch, `stream ${number}`);
    } catch (error) {
      giveUp(batch);
      throw error;
    }
  }

  /** The schema: known after the first batch, or where the first stream tells it. */
  schema(): Promise<Schema> {
    const { schema } = this.#columns;
    if (schema !== null) return Promise.resolve(schema);
    if (this.#first === undefined) return Promise.resolve(new Schema([]));
    if (this.#first instanceof RecordBatchStream) return this.#first.schema();
    return Promise.reject(noScan("tell the schema before a batch came"));
  }
}

/**
 * Cancels streams, each even where another can't be.
 *
 * @param inputs The streams.
 * @param reason Why.
 * @throws What the first that can't be cancelled says.
 */
export async function cancelAll(inputs: readonly StreamInput[], reason: unknown): Promise<void> {
  const results = await Promise.allSettled(inputs.map(({ reader }) => reader.cancel(reason)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
