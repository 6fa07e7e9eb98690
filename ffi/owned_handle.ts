/**
 * A handle that is closed with its owner.
 *
 * @module
 */
import type { Native } from "./native.ts";

/** Closes handles of owners that were collected, where there are no leases. */
const dropped = new FinalizationRegistry<{ native: Native; handle: number }>(
  ({ native, handle }) => native.calls.spw_scan_close(handle),
);

/**
 * A handle that is closed when its owner closes it, is collected, or ends with the worker that it
 * lives in. The last two are a backstop: a collection may never come.
 *
 * A worker that is terminated runs no finalizers, but its buffers are freed: a buffer of one byte,
 * the lease of the handle, does then what nobody else can. Without it, each scan of such a worker
 * kept its file open and its batches in memory. It is made before there is anything to close, since
 * a worker may be terminated between any two calls.
 */
export class OwnedHandle {
  /** The handle, to be opened and used. */
  readonly handle: number;
  readonly #native: Native;
  readonly #lease: ArrayBuffer | undefined;

  /** @param native The library, which reserves the handle. */
  constructor(native: Native) {
    const numbers = new Float64Array(3);
    const handle = native.calls.spw_handle_reserve(numbers, numbers.length);
    const [address = 0, byteLength = 0, slot = 0] = numbers;
    this.handle = handle;
    this.#native = native;
    this.#lease = native.adopt?.(address, byteLength, slot);
    if (this.#lease !== undefined) return;
    // Gives the lease back: nothing is open yet that this could close.
    native.copy(address, byteLength, slot);
    dropped.register(this, { native, handle }, this);
  }

  /** Closes the handle. Idempotent. */
  close(): void {
    if (this.#lease === undefined) dropped.unregister(this);
    this.#native.calls.spw_scan_close(this.handle);
  }
}
