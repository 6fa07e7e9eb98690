/**
 * Listening to signals that may live longer than who listens.
 *
 * @module
 */

/** Stops listening for those that were dropped. */
const listening = new FinalizationRegistry<() => void>((stop) => stop());

/**
 * Calls back when a signal aborts, unless the listener is gone by then: a signal that lives long
 * would else keep every stream that it was ever given to.
 *
 * @param signal The signal, which has not aborted yet.
 * @param listener Who listens.
 * @param aborted What to do; it must not refer to the listener by itself.
 * @returns What stops the listening.
 */
export function onAbort<Listener extends object>(
  signal: AbortSignal,
  listener: Listener,
  aborted: (listener: Listener, reason: unknown) => void,
): () => void {
  const weak = new WeakRef(listener);
  const heard = () => {
    const target = weak.deref();
    if (target) aborted(target, signal.reason);
  };
  const stop = () => signal.removeEventListener("abort", heard);
  signal.addEventListener("abort", heard, { once: true });
  listening.register(listener, stop);
  return stop;
}
