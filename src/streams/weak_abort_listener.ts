/**
 * Listening to a signal without being kept by it.
 *
 * @module
 */

/** Stops listening for owners that were dropped. */
const listening = new FinalizationRegistry<() => void>((stop) => stop());

/**
 * Tells an owner of a signal's abort, if the owner is still there.
 *
 * The signal holds the owner weakly, or one that lives long would keep every owner that it was ever
 * given to.
 *
 * @param signal The signal.
 * @param owner Who is to be told.
 * @param tell Tells it the reason; it must not hold the owner itself.
 * @returns Stops listening.
 *
 * @example
 * ```ts
 * import { listenWeakly } from "./weak_abort_listener.ts";
 * import { expect } from "@std/expect";
 *
 * const abort = new AbortController();
 * const owner = { ended: false };
 * listenWeakly(abort.signal, owner, (owner) => owner.ended = true);
 * abort.abort();
 * expect(owner.ended).toBe(true);
 * ```
 */
export function listenWeakly<Owner extends object>(
  signal: AbortSignal,
  owner: Owner,
  tell: (owner: Owner, reason: unknown) => void,
): () => void {
  const weak = new WeakRef(owner);
  const listener = () => {
    const owner = weak.deref();
    if (owner !== undefined) tell(owner, signal.reason);
  };
  const stop = () => signal.removeEventListener("abort", listener);
  signal.addEventListener("abort", listener, { once: true });
  listening.register(owner, stop);
  return stop;
}
