/**
 * Moving the garbage collector while batches that nobody refers to any more fill the budget.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Native } from "./native.ts";

/**
 * Past half of its limit JavaScript gets copies. Young garbage is collected from a quarter on, each
 * time that an eighth more was handed over: what lives through a collection or two is no longer
 * young, so collecting at every batch would make all of them old.
 */
const youngAbove = 1 / 4;
const youngEvery = 1 / 8;
/** What is held past this, after young garbage was collected, is old. */
const fullAbove = 5 / 16;
/** What a copy costs, fresh memory included: collecting all garbage should cost less than copies. */
const copyMsPerByte = 1e-6;
/** The pause after a collection that cost a multiple of that: so often the time by which it did. */
const excessPauses = 4;
/** The least part of the time that such collections get, and the pause after one of no use. */
const leastPart = 0.05;
const uselessPauseMs = 500;

/** What was handed over last. */
export interface HandedBytes {
  /** Bytes of the batch. */
  bytes: number;
  /** Bytes that the stream's consumer held then. */
  heldBytes: number;
  /** The stream's limit. */
  limitBytes: number;
}

/**
 * Watches what one stream's consumer holds, and has garbage collected before it reaches the share
 * past which batches must be copied.
 */
export class MemoryPressure {
  readonly #native: Native;
  readonly #heldBytes: () => number;
  #given = 0;
  #youngAt = 0;
  #fullAt = 0;
  /** The last collection of all garbage, until what it gave back is known. */
  #full: { held: number; given: number; tookMs: number } | null = null;

  /**
   * @param native The library.
   * @param heldBytes Counts the bytes of this stream's batches that JavaScript holds.
   */
  constructor(native: Native, heldBytes: () => number) {
    this.#native = native;
    this.#heldBytes = heldBytes;
  }

  /**
   * Collects if JavaScript holds much. To be called once a batch.
   *
   * @param last The batch that was handed over last: what was released since isn't off it yet.
   * @returns A promise for when finalizers have run, or `null` where there is nothing to wait for.
   */
  relieve({ bytes, heldBytes, limitBytes }: HandedBytes): Promise<void> | null {
    this.#given += bytes;
    if (heldBytes <= youngAbove * limitBytes) return null;
    const held = this.#heldBytes();
    if (held <= youngAbove * limitBytes) return null;
    if (this.#given - this.#youngAt >= youngEvery * limitBytes) {
      this.#youngAt = this.#given;
      this.#native.collectYoung();
      return null;
    }
    return held > fullAbove * limitBytes ? this.#collectAll(held) : null;
  }

  /**
   * Collects if JavaScript holds anything: for a pull that has waited long.
   *
   * @param most What it may hold all the same: more than nothing where a wait may have other causes.
   */
  relieveStall(most = 0): Promise<void> | null {
    const held = this.#heldBytes();
    return held > most ? this.#collectAll(held) : null;
  }

  #collectAll(held: number): Promise<void> | null {
    const startedAt = performance.now();
    this.#judge(held, startedAt);
    if (startedAt < this.#fullAt) return null;
    this.#native.collectAll();
    this.#youngAt = this.#given;
    this.#full = { held, given: this.#given, tookMs: performance.now() - startedAt };
    // Buffers are freed by finalizers, which run between the event loop's turns, or on a thread.
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Puts the next collection off, unless the last one was cheaper than copying what it freed. */
  #judge(held: number, now: number): void {
    if (this.#full === null) return;
    const { held: before, given, tookMs } = this.#full;
    this.#full = null;
    const freed = before + this.#given - given - held;
    const useless = freed < before / 8;
    const excess = useless ? Infinity : tookMs / (copyMsPerByte * freed) - 1;
    if (excess <= 0) return;
    const pauseMs = tookMs * Math.min(1 / leastPart, excessPauses * excess);
    this.#fullAt = now + Math.max(pauseMs, useless ? uselessPauseMs : 0);
  }
}
