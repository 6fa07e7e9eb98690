/**
 * Transforms from record batches to bytes.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { NativeSink } from "../../ffi/sink.ts";
import { type BatchTaker, BatchWritable } from "./batch_writable.ts";
import type { SinkRequest } from "./sink_request.ts";

/**
 * A transform of record batches to the bytes of a format, as {@linkcode encodeParquet} and its kin
 * make them: a `TransformStream`'s two sides, which work in any pipeline.
 *
 * Nothing is encoded ahead of the reader but a few chunks: one that stops reading stops the scan.
 *
 * @example
 * ```ts
 * import { encodeParquet, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const response = new Response(
 *   scanParquet("tests/data/readings.parquet").pipeThrough(encodeParquet()),
 * );
 * const bytes = new Uint8Array(await response.arrayBuffer());
 * expect(new TextDecoder().decode(bytes.subarray(-4))).toBe("PAR1");
 * ```
 */
export class ByteTransform implements ReadableWritablePair<Uint8Array<ArrayBuffer>, RecordBatch> {
  /** The bytes, in chunks of at most 256 KiB. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes the batches. */
  readonly writable: BatchWritable;

  /** @ignore Transforms are made by functions. */
  constructor(request: SinkRequest, schema: Schema | null) {
    const taker = new ByteTaker(request);
    this.readable = new ReadableStream({
      start: (controller) => taker.failsWith((error) => controller.error(error)),
      pull: async (controller) => {
        const bytes = await taker.take();
        if (bytes === null) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: (reason) => taker.cancel(reason),
    }, { highWaterMark: 0 });
    this.writable = new BatchWritable(taker, `encode ${request.encoder.format}`, schema);
  }
}

/** Stands between the two sides. */
class ByteTaker implements BatchTaker {
  readonly #request: SinkRequest;
  readonly #opened = Promise.withResolvers<NativeSink>();
  #sink: NativeSink | null = null;
  #over = false;
  /** What writes fail with, once the reader wants no more or was told of an error. */
  #refused: { reason: unknown } | null = null;
  #failReader: (error: unknown) => void = () => {};
  #failWriter: (error: unknown) => void = () => {};

  constructor(request: SinkRequest) {
    this.#request = request;
    this.#opened.promise.catch(() => {});
  }

  begin(fail: (reason: unknown) => void): void {
    this.#failWriter = fail;
  }

  failsWith(fail: (error: unknown) => void): void {
    this.#failReader = fail;
  }

  async take(): Promise<Uint8Array<ArrayBuffer> | null> {
    const sink = await this.#opened.promise;
    try {
      const bytes = await sink.take();
      if (bytes === null) this.#end();
      return bytes;
    } catch (error) {
      // A pipe must not go on to read what can't be written.
      this.#refused ??= { reason: error };
      this.#failWriter(error);
      this.#end();
      throw error;
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#refused = { reason };
    // A pipe must not go on to read what nobody wants.
    this.#failWriter(reason);
    await this.#sink?.abort();
    this.#over = true;
  }

  open(schema: Schema): void {
    if (this.#refused !== null) throw this.#refused.reason;
    this.#sink = new NativeSink(this.#request, schema);
    this.#opened.resolve(this.#sink);
  }

  async write(batch: RecordBatch): Promise<void> {
    try {
      if (this.#sink?.write(batch) === false) await this.#sink.room();
    } catch (error) {
      throw this.#refused === null ? error : this.#refused.reason;
    }
  }

  /** Ends the input; the reader takes what is left in its own time. */
  close(): Promise<void> {
    if (this.#refused === null) this.#sink?.end();
    return Promise.resolve();
  }

  giveUp(reason: unknown): void {
    if (this.#over) return;
    this.#failReader(reason);
    this.#opened.reject(reason);
    this.#sink?.giveUp();
  }

  async abort(reason: unknown): Promise<void> {
    this.giveUp(reason);
    await this.#sink?.abort();
    this.#over = true;
  }

  #end(): void {
    this.#over = true;
    this.#sink?.close();
  }
}
