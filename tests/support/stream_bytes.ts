import { expect } from "@std/expect";
import { MemoryManager } from "spillway";
import { collectGarbage } from "./harness.ts";

/** What streams hold that earlier tests have left, once the collector has been through. */
export async function streamBytes(): Promise<number> {
  await collectGarbage();
  return MemoryManager.shared.currentUsage().streamBytes;
}

/**
 * Asserts that the streams of this process come to hold no more than they did.
 *
 * @param before What they held, by {@linkcode streamBytes}
 */
export async function expectStreamBytesBackTo(before: number): Promise<void> {
  let held = Infinity;
  // A pipe takes some turns to tell its source, and a thread may finish the chunk it is at.
  for (let round = 0; round < 200 && held > before; round++) held = await streamBytes();
  expect(held).toBeLessThanOrEqual(before);
}
