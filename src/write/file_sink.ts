/**
 * A sink that writes files.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { NativeSink } from "../../ffi/sink.ts";
import { type BatchTaker, BatchWritable } from "./batch_writable.ts";
import type { SinkRequest } from "./sink_request.ts";
import type { WriteResult } from "./write_result.ts";

/**
 * A `WritableStream` of record batches that become a file, or several.
 *
 * Each file is written beside its place under a hidden name, and gets its own when the stream is
 * closed and all is written: an error, an abort or a killed process never leaves a part of a file
 * under its name. Batches of this library go to the encoder without a copy, and are released by the
 * write; other batches are copied once.
 *
 * @example
 * ```ts
 * import { scanParquet, writeParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const folder = await Deno.makeTempDir();
 * const sink = writeParquet(`${folder}/copy.parquet`);
 * await scanParquet("tests/data/readings.parquet").pipeTo(sink);
 * const { rows, files } = await sink.result;
 * expect(rows).toBe(2_000);
 * expect(files.map(({ path }) => path)).toEqual([`${folder}/copy.parquet`]);
 * ```
 */
export class FileSink extends BatchWritable {
  /**
   * What was written, once the stream is closed: rows, bytes, files and row groups. Rejects with
   * what went wrong, or with the reason of an abort; a rejection that nobody looks at is no error.
   * An abort that comes while files get their names is too late: this resolves then.
   */
  readonly result: Promise<WriteResult>;

  /** @ignore Sinks are made by functions. */
  constructor(request: SinkRequest, schema: Schema | null) {
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    promise.catch(() => {});
    super(
      new FileTaker(request, resolve, reject),
      `write ${request.files?.path}`,
      schema,
    );
    this.result = promise;
  }
}

class FileTaker implements BatchTaker {
  #sink: NativeSink | null = null;
  /** Why it was given up, where that came before its end. */
  #reason: unknown;

  constructor(
    readonly request: SinkRequest,
    readonly resolve: (result: WriteResult) => void,
    readonly reject: (reason: unknown) => void,
  ) {}

  open(schema: Schema): void {
    this.#sink = new NativeSink(this.request, schema);
  }

  write(batch: RecordBatch): Promise<void> | void {
    if (this.#sink?.write(batch) === false) return this.#sink.room();
  }

  async close(): Promise<void> {
    const result = await this.#sink?.finish();
    if (!result) throw this.#reason;
    this.#sink?.close();
    this.resolve(result);
  }

  giveUp(reason: unknown): void {
    this.#reason = reason;
    this.#sink?.giveUp();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#sink?.abort();
    this.reject(reason);
  }
}
