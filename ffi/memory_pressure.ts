/**
 * Moving the garbage collector while batches that nobody refers to any more fill the budget.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Native } from "./native.ts";

/** Past half of its share JavaScript gets copies, so collecting starts at a quarter. */
const collectAbove = 0.25;
/** The pause after a collection that gave something back. */
const shortestPauseMs = 2;
/** The pause where nothing came back again and again: the batches are really kept. */
const longestPauseMs = 500;

/**
 * Watches what one stream's consumer holds, and has garbage collected before it reaches the share
 * past which batches must be copied.
 *
 * Collections that give nothing back become rarer, by doubling the pause between them.
 */
export class MemoryPressure {
  readonly #native: Native;
  readonly #heldBytes: () => number;
  #pauseMs = shortestPauseMs;
  #nextAt = 0;

  /**
   * @param native The library.
   * @param heldBytes Counts the bytes of this stream's batches that JavaScript holds.
   */
  constructor(native: Native, heldBytes: () => number) {
    this.#native = native;
    this.#heldBytes = heldBytes;
  }

  /**
   * Collects if JavaScript holds much.
   *
   * @param heldBytes The bytes it held at the last batch: what was released since is not off yet.
   * @param limitBytes The stream's share of the limit.
   * @returns A promise for when finalizers have run, or `null` where there was nothing to do.
   */
  relieve(heldBytes: number, limitBytes: number): Promise<void> | null {
    if (heldBytes <= collectAbove * limitBytes || performance.now() < this.#nextAt) return null;
    const before = this.#heldBytes();
    return before > collectAbove * limitBytes ? this.#collect(before) : null;
  }

  /** Collects if JavaScript holds anything: for a pull that has waited long. */
  relieveStall(): Promise<void> | null {
    if (performance.now() < this.#nextAt) return null;
    const before = this.#heldBytes();
    return before > 0 ? this.#collect(before) : null;
  }

  async #collect(before: number): Promise<void> {
    this.#native.collect();
    // Buffers are freed by finalizers, which run between the event loop's turns.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const gained = before - this.#heldBytes();
    this.#pauseMs = gained > before / 4
      ? shortestPauseMs
      : Math.min(longestPauseMs, this.#pauseMs * 2);
    this.#nextAt = performance.now() + this.#pauseMs;
  }
}
