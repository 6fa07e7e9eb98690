/**
 * The library's view of memory.
 *
 * @module
 */
import { native } from "./library.ts";

const names = [
  "availableBytes",
  "totalBytes",
  "anonymousBytes",
  "fileBackedBytes",
  "limitBytes",
  "streamBytes",
  "trackedBytes",
  "pressurePercent",
  "activeStreams",
  "systemBytes",
  "threads",
] as const;

/** The numbers of `spw_memory`, named. */
export type MemoryNumbers = Record<(typeof names)[number], number>;

/** Asks for the memory numbers, afresh each time. */
export function memoryNumbers(): MemoryNumbers {
  const numbers = new Float64Array(names.length);
  native().calls.spw_memory(numbers, numbers.length);
  const named = names.map((name, index) => [name, numbers[index] ?? 0]);
  return Object.fromEntries(named) as MemoryNumbers;
}

/** Adds to the bytes that are tracked. */
export function trackMemory(bytes: number): void {
  native().calls.spw_memory_track(bytes);
}

/** Sets the limit that streams share; 0 for the default. */
export function setMemoryLimit(bytes: number): void {
  native().calls.spw_memory_set_limit(bytes);
}
