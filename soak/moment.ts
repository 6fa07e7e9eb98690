import { setImmediate } from "node:timers";
import type { Random } from "./random.ts";

/** Ends of the event loop's turn to wait for, at most. */
const mostTurns = 20;
/** Microseconds to be busy for, at most: the shortest timer takes over a millisecond. */
const mostMicroseconds = 1_000;
const mostMilliseconds = 8;

/** Waits until some moment: at once, within the same turn, some turns, microseconds or milliseconds later. */
export async function moment(random: Random): Promise<void> {
  switch (random.below(5)) {
    case 0:
      return;
    case 1:
      for (let left = random.below(mostTurns); left > 0; left--) await null;
      return;
    case 2:
      for (let left = random.below(mostTurns); left > 0; left--) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      return;
    case 3: {
      const endsAt = performance.now() + random.below(mostMicroseconds) / 1_000;
      while (performance.now() < endsAt);
      return;
    }
    default:
      await new Promise((resolve) => setTimeout(resolve, random.below(mostMilliseconds)));
  }
}
