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
 * which owns the handle, does then what nobody else can. Without it, each scan of such a worker kept
 * its file open and its batches in memory.
 */
export class OwnedHandle {
  readonly #native: Native;
  readonly #handle: number;
  readonly #lease: ArrayBuffer | undefined;

  /**
   * @param native The library.
   * @param handle The handle, which nobody else closes.
   */
  constructor(native: Native, handle: number) {
    this.#native = native;
    this.#handle = handle;
    this.#lease = lease(native, handle);
    if (this.#lease === undefined) dropped.register(this, { native, handle }, this);
  }

  /** Closes the handle. Idempotent. */
  close(): void {
    if (this.#lease === undefined) dropped.unregister(this);
    this.#native.calls.spw_scan_close(this.#handle);
  }
}

function lease({ adopt, calls }: Native, handle: number): ArrayBuffer | undefined {
  if (adopt === null) return undefined;
  const numbers = new Float64Array(3);
  calls.spw_handle_lease(handle, numbers, numbers.length);
  const [address = 0, byteLength = 0, slot = 0] = numbers;
  return adopt(address, byteLength, slot);
}
