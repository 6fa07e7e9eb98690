/**
 * One native sink, from its first batch to its end.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { InternalError } from "../src/errors.ts";
import { printable } from "../src/printable.ts";
import { sameSchema } from "../src/batches/same_schema.ts";
import { schemaBytes } from "../src/batches/schema_bytes.ts";
import type { SinkRequest } from "../src/write/sink_request.ts";
import { SpillwayBatch } from "../src/batches/spillway_batch.ts";
import type { WriteResult } from "../src/write/write_result.ts";
import { BatchLender } from "./lend_batch.ts";
import { assertMayWrite, native } from "./library.ts";
import type { Native } from "./native.ts";
import { OwnedHandle } from "./owned_handle.ts";
import { outcome, sinkEvent, text } from "./symbols.ts";
import { jsonBytes, parseIfAny, readError, readText } from "./texts.ts";

/** Nothing waits this long for a wake-up: it bounds what a lost one costs. */
const waitMs = 1_000;

/** A sink that is open. Closing it before its end removes what it wrote. */
export class NativeSink {
  readonly #native: Native;
  readonly #handle: number;
  readonly #owned: OwnedHandle;
  readonly #schema: Schema;
  readonly #lender: BatchLender;
  readonly #taken: Float64Array<ArrayBuffer> = new Float64Array(3);
  /** The last schema that was found to be the same. */
  #seen: Schema;
  #batches = 0;
  #closed = false;

  /**
   * Opens a sink: what can't be written is found here.
   *
   * @param request What to write, and where to.
   * @param schema The schema of the batches to come.
   * @throws {SpillwayError} Where the file can't be written, or the format can't hold a column.
   */
  constructor(request: SinkRequest, schema: Schema) {
    const library = native();
    if (request.files !== null) assertMayWrite(request.files.path);
    const columns = schema.fields.map((_, column) => ({ column, dictionaries: true }));
    this.#lender = new BatchLender(library, schema, columns, { keeps: true });
    const description = schemaBytes(schema);
    const opening = jsonBytes(request);
    const owned = new OwnedHandle(library);
    const handle = library.calls.spw_sink_open(
      owned.handle,
      ...opening,
      description,
      description.length,
    );
    if (handle === 0) throw readError(library, 0);
    this.#native = library;
    this.#handle = handle;
    this.#schema = schema;
    this.#seen = schema;
    this.#owned = owned;
  }

  /**
   * Gives a batch away: a batch that is its consumer's alone is released, all other is copied.
   *
   * @param batch The batch.
   * @returns Whether there is room for another.
   * @throws {TypeError} Where the batch has another schema than the first.
   * @throws {SpillwayError} Where it, or one before it, can't be written.
   */
  write(batch: RecordBatch): boolean {
    const number = this.#batches++;
    this.#checkSchema(batch.schema, number);
    if (batch.numRows === 0 && batch instanceof SpillwayBatch) batch.giveUp();
    if (batch.numRows === 0) return true;
    const { spw_sink_write } = this.#native.calls;
    try {
      const given = this.#lender.lend(batch, number);
      return this.#checked(spw_sink_write(this.#handle, given, given.length)) !== 0;
    } finally {
      this.#lender.returned();
      // Only now: what the library kept must not be written to any more.
      if (batch instanceof SpillwayBatch) batch.giveUp();
    }
  }

  /** Waits until there is room for another batch. */
  async room(): Promise<void> {
    await this.#until(sinkEvent.room);
  }

  /**
   * Ends the output, and waits until all of it is written.
   *
   * @returns What was written; `null` where it was given up before files got their names.
   */
  async finish(): Promise<WriteResult | null> {
    this.#checked(this.#native.calls.spw_sink_finish(this.#handle));
    await this.#until(sinkEvent.end);
    const summary = readText(this.#native, this.#handle, text.summary);
    return parseIfAny(summary) as WriteResult | null;
  }

  /** Says that no more batches come, and waits for nothing. */
  end(): void {
    this.#checked(this.#native.calls.spw_sink_finish(this.#handle));
  }

  /** Gives the output up, and waits until its files are removed. Idempotent. */
  async abort(): Promise<void> {
    if (this.#closed) return;
    this.#native.calls.spw_sink_abort(this.#handle);
    while (this.#native.calls.spw_sink_ready(this.#handle, sinkEvent.end) === 0) {
      await this.#native.waitForSink(this.#handle, sinkEvent.end, waitMs);
    }
    this.close();
  }

  /** Gives the output up, and waits for nothing. */
  giveUp(): void {
    if (!this.#closed) this.#native.calls.spw_sink_abort(this.#handle);
  }

  /** Takes encoded bytes, waiting for them; `null` after the last. */
  async take(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      switch (this.#native.calls.spw_sink_take(this.#handle, this.#taken, this.#taken.length)) {
        case outcome.batch:
          return this.#bytes();
        case outcome.empty:
          await this.#until(sinkEvent.bytes);
          break;
        case outcome.end:
          return null;
        default:
          throw readError(this.#native, this.#handle);
      }
    }
  }

  /** Forgets the sink; gives its output up, unless it has ended. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owned.close();
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const [address = 0, byteLength = 0, slot = 0] = this.#taken;
    const adopted = this.#native.adopt?.(address, byteLength, slot);
    if (adopted !== undefined) this.#native.weigh();
    return new Uint8Array(adopted ?? this.#native.copy(address, byteLength, slot));
  }

  async #until(event: number): Promise<void> {
    while (this.#checked(this.#native.calls.spw_sink_ready(this.#handle, event)) === 0) {
      await this.#native.waitForSink(this.#handle, event, waitMs);
    }
  }

  #checked(result: number): number {
    if (result === outcome.error) throw readError(this.#native, this.#handle);
    return result;
  }

  #checkSchema(schema: Schema, number: number): void {
    if (this.#closed) throw new InternalError("Can't write a batch: the sink was closed");
    if (schema === this.#seen) return;
    if (!sameSchema(schema, this.#schema)) {
      throw new TypeError(
        `Can't write batch ${number}: its columns are ${listed(schema)}, and those of the first ` +
          `are ${listed(this.#schema)}. Give batches of one schema`,
      );
    }
    this.#seen = schema;
  }
}

function listed({ fields }: Schema): string {
  return fields.length === 0
    ? "none"
    : printable(fields.map(({ name, type }) => `${name}: ${type}`).join(", "), 1_000);
}
