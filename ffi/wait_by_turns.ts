/**
 * Waiting for native work on a runtime without asynchronous calls.
 *
 * @module
 */

/** Milliseconds that one turn of the event loop may be blocked for: well under 1 ms of jitter. */
const parkMs = 0.5;
/** Turns that only yield: work that takes a few milliseconds is met within half of one. */
const eagerTurns = 8;
/** The longest pause between two looks. */
const longestPauseMs = 4;

/**
 * Waits until native work is there, in turns: each blocks the thread for half a millisecond at
 * most, natively (which uses no processor time), then lets the event loop run.
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
  for (let turn = 0; !park(parkMs); turn++) {
    if (performance.now() >= endsAt) return false;
    if (turn < eagerTurns) {
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      const pauseMs = Math.min(longestPauseMs, 2 ** ((turn - eagerTurns) >> 3));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return true;
}
