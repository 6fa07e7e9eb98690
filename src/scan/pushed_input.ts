/**
 * The writable side of a decoder: bytes go to the native scan that its readable side pulls from.
 *
 * @module
 */
import type { ByteInput } from "../../ffi/byte_input.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";

/** Larger chunks are pushed in parts, so that none needs much room at once. */
const mostBytes = 256 * 1_024;

/** What can be written. */
export type WrittenBytes = ArrayBuffer | ArrayBufferView;

/** Where the bytes of a decoder are written to. */
export class PushedInput {
  /** Takes the bytes. Nothing is taken before the readable side is used. */
  readonly writable: WritableStream<WrittenBytes>;
  #controller: WritableStreamDefaultController | null = null;
  readonly #opened = Promise.withResolvers<ByteInput>();
  #input: ByteInput | null = null;
  #abort: (reason: unknown) => void = () => {};
  #over = false;

  constructor() {
    this.#opened.promise.catch(() => {});
    this.writable = new WritableStream<WrittenBytes>({
      start: (controller) => {
        this.#controller = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: async () => (await this.#opened.promise).end(),
      abort: (reason) => this.#abort(reason),
    });
  }

  /** Whether bytes went, or will go, to a scan that was opened. */
  get opened(): boolean {
    return this.#input !== null;
  }

  /** A scan was opened, which reads the bytes. */
  open(input: ByteInput): void {
    this.#input = input;
    this.#opened.resolve(input);
  }

  /** Who is told that the writer has failed. */
  onAbort(abort: (reason: unknown) => void): void {
    this.#abort = abort;
  }

  /** The scan is over: whoever still writes is told so. */
  close(reason: unknown = nobodyReads()): void {
    if (this.#over) return;
    this.#over = true;
    this.#opened.reject(reason);
    this.#input?.close();
    this.#controller?.error(reason);
  }

  async #write(chunk: WrittenBytes): Promise<void> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = bytesOf(chunk);
    } catch (error) {
      this.#abort(error);
      throw error;
    }
    const input = this.#input ?? await this.#opened.promise;
    // Bytes that are taken at once make a pipe a loop of microtasks only: it would go on for as long
    // as there is room, and neither a timer nor the readable side would ever have its turn.
    await turnIfDue(performance.now());
    for (let start = 0; start < bytes.length; start += mostBytes) {
      if (await input.push(bytes.subarray(start, start + mostBytes))) continue;
      throw nobodyReads();
    }
  }
}

function bytesOf(chunk: WrittenBytes): Uint8Array<ArrayBuffer> {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) {
    const { buffer, byteOffset, byteLength } = chunk;
    const shared = new Uint8Array(buffer, byteOffset, byteLength);
    return buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer, byteOffset, byteLength)
      : shared.slice();
  }
  throw new TypeError(
    `Only bytes can be decoded, such as a Uint8Array, not ${
      chunk === null ? "null" : typeof chunk
    }. Encode text by a TextEncoderStream`,
  );
}

function nobodyReads(): TypeError {
  return new TypeError(
    "Can't decode more bytes: the batches were cancelled, or all that are wanted were given",
  );
}
