/**
 * The bytes of a native scan that JavaScript pushes.
 *
 * @module
 */
import type { Native } from "./native.ts";
import { OwnedHandle } from "./owned_handle.ts";
import { pushed } from "./symbols.ts";
import { readError } from "./texts.ts";

/** Nothing waits this long for a wake-up: it bounds what a lost one costs. */
const waitMs = 1_000;

/** Where bytes are pushed to. */
export class ByteInput {
  readonly #native: Native;
  readonly #handle: number;
  readonly #owned: OwnedHandle;
  #closed = false;

  /**
   * @param native The library.
   * @param scan The handle of the scan that reads the bytes.
   */
  constructor(native: Native, scan: number) {
    const owned = new OwnedHandle(native);
    const handle = native.calls.spw_input_open(owned.handle, scan);
    if (handle === 0) throw readError(native, 0);
    this.#native = native;
    this.#handle = handle;
    this.#owned = owned;
  }

  /**
   * Gives the next bytes, which are copied, and waits for room where there is none.
   *
   * @returns Whether they were taken; `false` where the scan is over, and nobody wants them.
   * @throws {SpillwayError} What the scan failed with.
   */
  async push(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    while (!this.#closed) {
      switch (this.#native.calls.spw_input_push(this.#handle, bytes, bytes.length)) {
        case pushed.taken:
          return true;
        case pushed.full:
          await this.#native.wait(this.#handle, waitMs);
          break;
        case pushed.over:
          return false;
        default:
          throw readError(this.#native, 0);
      }
    }
    return false;
  }

  /** There are no more bytes. */
  end(): void {
    if (!this.#closed) this.#native.calls.spw_input_end(this.#handle);
  }

  /** Forgets the input; what was pushed is read all the same. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owned.close();
  }
}
