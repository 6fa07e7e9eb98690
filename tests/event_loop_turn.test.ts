import { expect } from "@std/expect";
import { fileURLToPath } from "node:url";
import { scanParquet } from "spillway";
import { turnIfDue } from "../src/streams/event_loop_turn.ts";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";

const path = fileURLToPath(new URL("./data/readings.parquet", import.meta.url));

test("a turn is due when there was none for a millisecond", async () => {
  await turnIfDue(performance.now() + 1_000);
  expect(turnIfDue(performance.now())).toBe(null);
  expect(turnIfDue(performance.now() + 2)).toBeInstanceOf(Promise);
});

test("timers go on while batches come without waiting", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  const startedAt = performance.now();
  while (performance.now() - startedAt < 60) {
    for await (using _ of scanParquet(path, { batchSize: 10 }));
  }
  clearInterval(ticking);
  // From 5 to 50, as busy as the machine is, and none where the loop never turns.
  expect(ticks).toBeGreaterThan(2);
});

test("a time-out stops a scan whose batches are always ready", async () => {
  const stream = scanParquet(fixture("one_row_group"), {
    batchSize: 50,
    signal: AbortSignal.timeout(5),
  });
  const error = await Array.fromAsync(stream).catch((reason) => reason);
  expect(error.name).toBe("TimeoutError");
});
