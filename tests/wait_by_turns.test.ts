import { expect } from "@std/expect";
import { waitByTurns } from "../ffi/wait_by_turns.ts";
import { test } from "./support/harness.ts";

test("work that is there ends the wait after one turn of the event loop", async () => {
  let parks = 0;
  expect(await waitByTurns(() => ++parks > 0, 1_000)).toBe(true);
  expect(parks).toBe(1);
});

test("no turn parks for more than a millisecond, and others run in between", async () => {
  const parks: number[] = [];
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  await waitByTurns((milliseconds) => (parks.push(milliseconds), false), 60);
  clearInterval(ticking);
  expect(Math.max(...parks)).toBeLessThanOrEqual(1);
  expect(ticks).toBeGreaterThan(3);
});

test("pauses grow, so that a long wait asks less and less often", async () => {
  let first = 0;
  let later = 0;
  const startedAt = performance.now();
  await waitByTurns(() => {
    if (performance.now() - startedAt < 20) first++;
    else if (performance.now() - startedAt > 200) later++;
    return false;
  }, 220);
  expect(later).toBeLessThan(first);
  expect(later).toBeGreaterThan(0);
});

test("time that runs out ends the wait with false", async () => {
  const startedAt = performance.now();
  expect(await waitByTurns(() => false, 30)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
