import { expect } from "@std/expect";
import process from "node:process";
import { native } from "../ffi/library.ts";
import { runtime, test } from "./support/harness.ts";

const MiB = 2 ** 20;

test("ballast is a quarter of a limit, and 64 MiB at most", () => {
  const sizes = [10 * MiB + 1, 2 ** 40].map((limit) => native().ballast(limit)?.byteLength);
  expect(sizes).toEqual(runtime === "bun" ? [2.5 * MiB, 64 * MiB] : [undefined, undefined]);
});

test("scans share ballast", () => {
  expect(native().ballast(2 ** 40)).toBe(native().ballast(2 ** 40));
});

test("ballast takes no memory, however often it is made", async () => {
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let made = 0; made < 40; made++) {
    // Of another size than the last, or that would be shared. What nobody holds is freed in turns.
    native().ballast(4 * (40 + made % 3) * MiB);
    await new Promise((resolve) => setTimeout(resolve, 1));
    native().collectYoung();
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  expect(most).toBeLessThan(32 * MiB);
});
