/**
 * Waiting that a signal ends.
 *
 * @module
 */

/**
 * Waits for a promise, but no longer than until a signal aborts.
 *
 * What the promise stands for goes on: whoever does it has to listen to the signal too.
 *
 * @param promise The promise.
 * @param signal The signal, or `null` for none.
 * @returns What the promise gives.
 * @throws {unknown} The signal's reason, at once, where it aborts first.
 *
 * @example
 * ```ts
 * import { untilAborted } from "./until_aborted.ts";
 * import { expect } from "@std/expect";
 *
 * expect(await untilAborted(Promise.resolve(5), null)).toBe(5);
 * const never = Promise.withResolvers<number>().promise;
 * await expect(untilAborted(never, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
 * ```
 */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | null,
): Promise<Value> {
  if (signal === null) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const listener = () => reject(signal.reason);
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
