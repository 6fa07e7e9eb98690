/**
 * Work that several may wait for.
 *
 * @module
 */
import { untilAborted } from "./until_aborted.ts";

/**
 * Work that is begun once, whoever waits for it, and that is given up when nobody does any more.
 *
 * @example
 * ```ts
 * import { SharedWork } from "./shared_work.ts";
 * import { expect } from "@std/expect";
 *
 * let given: AbortSignal | undefined;
 * const work = new SharedWork((signal) => {
 *   given = signal;
 *   return Promise.withResolvers<number>().promise;
 * });
 * const [one, two] = [new AbortController(), new AbortController()];
 * const waits = [work.wait(one.signal), work.wait(two.signal)];
 * one.abort();
 * await expect(waits[0]).rejects.toBe(one.signal.reason);
 * expect(given?.aborted).toBe(false);
 * two.abort();
 * await expect(waits[1]).rejects.toBe(two.signal.reason);
 * expect(given?.aborted).toBe(true);
 * ```
 */
export class SharedWork<Value> {
  readonly #nobodyWaits = new AbortController();
  readonly #value: Promise<Value>;
  #waiting = 0;

  /** @param work Does it, until its signal aborts. */
  constructor(work: (signal: AbortSignal) => Promise<Value>) {
    this.#value = work(this.#nobodyWaits.signal);
  }

  /** Whether all who waited have got its result, its failure, or tired of it. */
  get over(): boolean {
    return this.#nobodyWaits.signal.aborted;
  }

  /**
   * Waits for the result.
   *
   * @param signal Ends the waiting, if one is given.
   * @returns The result.
   * @throws {unknown} What the work fails with, or the signal's reason.
   */
  async wait(signal: AbortSignal | null): Promise<Value> {
    this.#waiting++;
    try {
      return await untilAborted(this.#value, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#nobodyWaits.abort();
    }
  }
}
