/**
 * Waiting for native work on a runtime without asynchronous calls.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Milliseconds that one turn of the event loop may be blocked for: well under 1 ms of jitter. */
const parkMs = 0.5;
/** Turns that only yield: work that takes a few milliseconds is met within half of one. */
const eagerTurns = 8;
/** The longest pause between two looks. */
const longestPauseMs = 4;

/**
 * Waits until native work is there, in turns: each lets the event loop run, then blocks the thread
 * for half a millisecond at most, natively, which uses no processor time.
 *
 * The first turns follow each other at once; then pauses grow to 4 ms.
 *
 * @param park Blocks for at most that many milliseconds, and tells whether the work is there.
 * @param timeoutMs How long to wait.
 * @returns Whether the work was there before the time ran out.
 */
export async function waitByTurns(
  park: (milliseconds: number) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  const endsAt = performance.now() + timeoutMs;
  for (let turn = 0; performance.now() < endsAt; turn++) {
    if (turn < eagerTurns) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    } else {
      const pauseMs = Math.min(longestPauseMs, 2 ** ((turn - eagerTurns) >> 3));
      await new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
    }
    if (park(parkMs)) return true;
  }
  return false;
}
