/**
 * Letting the event loop turn while batches come without waiting.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** The longest that pulls may go on without a turn; a turn costs 3 µs on both runtimes. */
const longestMs = 1;

// One for the process: streams that are read at the same time block the same loop.
let turnedAt = 0;

/**
 * Lets timers, signals, finalizers and I/O have their turn, if they had none for a millisecond.
 *
 * A batch that is ready is given at once, so a loop over batches is one of microtasks only: without
 * turns, a scan would block all else for as long as decoding keeps up, and `AbortSignal.timeout`
 * would never fire.
 *
 * @param now The time in milliseconds.
 * @returns A promise for after the turn, or `null` where none is due.
 */
export function turnIfDue(now: number): Promise<void> | null {
  return now - turnedAt < longestMs ? null : turn();
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  turnedAt = performance.now();
}
