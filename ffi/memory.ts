/**
 * The library's view of memory.
 *
 * @module
 */
import { native } from "./library.ts";

const budgetNames = [
  "availableBytes",
  "limitBytes",
  "systemBytes",
  "streamBytes",
  "activeStreams",
  "trackedBytes",
] as const;

const usageNames = [
  "totalBytes",
  "anonymousBytes",
  "fileBackedBytes",
  "pressurePercent",
  "threads",
] as const;

/** What streams may have, and have; what the system has, as it was a tenth of a second ago at most. */
export type MemoryBudget = Record<(typeof budgetNames)[number], number>;

/** The same, and what the system tells of the process. */
export type MemoryNumbers = MemoryBudget & Record<(typeof usageNames)[number], number>;

/** Asks for the budget, in microseconds. */
export function memoryBudget(): MemoryBudget {
  return named(budgetNames);
}

/** Asks for all numbers, and so the system, which takes a tenth of a millisecond. */
export function memoryNumbers(): MemoryNumbers {
  return named([...budgetNames, ...usageNames]);
}

function named<Name extends string>(names: readonly Name[]): Record<Name, number> {
  const numbers = new Float64Array(names.length);
  native().calls.spw_memory(numbers, numbers.length);
  const entries = names.map((name, index) => [name, numbers[index] ?? 0]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** Adds to the bytes that are tracked. */
export function trackMemory(bytes: number): void {
  native().calls.spw_memory_track(bytes);
}

/** Sets the limit that streams share; 0 for the default. */
export function setMemoryLimit(bytes: number): void {
  native().calls.spw_memory_set_limit(bytes);
}
