import { expect } from "@std/expect";
import process from "node:process";
import { scanParquet } from "spillway";
import { fixture } from "./support/fixtures.ts";
import { collectGarbage, test } from "./support/harness.ts";

test("small scans without a memory limit make no large buffers", async () => {
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let scans = 0; scans < 20; scans++) {
    for await (using _ of scanParquet(fixture("sequence"), { columns: ["id"], limit: 1_000 }));
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // One buffer of ballast is as large.
  expect(most).toBeLessThan(64 * 2 ** 20);
});
