/**
 * What a process holds of the system's, on Linux: looked up at moments at which it ought to hold nothing.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { memoryBudget } from "../ffi/memory.ts";
import { collectGarbage } from "../tests/support/harness.ts";

/** What the library holds. */
export interface Held {
  /** Decoded bytes of all streams. */
  readonly streamBytes: number;
  /** Open descriptors of files below the folders. */
  readonly descriptors: number;
  /** Maps of files below the folders. */
  readonly maps: number;
}

/** Rounds of collecting, some 15 ms each, after which what is still held is a leak. */
const ROUNDS = 50;
/** Rounds before these that only wait, some milliseconds each. */
const QUICK_ROUNDS = 5;

/**
 * What is held right now.
 *
 * @param folders Only files below these count
 */
export function heldNow(folders: readonly string[]): Held {
  const { streamBytes } = memoryBudget();
  if (process.platform !== "linux") return { streamBytes, descriptors: 0, maps: 0 };
  const below = (path: string) => folders.some((folder) => path.includes(folder));
  return {
    streamBytes,
    descriptors: descriptors().filter(below).length,
    maps: maps().filter(below).length,
  };
}

/**
 * What is held once finalizers and the library's threads had the time they need.
 *
 * @param folders Only files below these count
 */
export async function heldAtRest(folders: readonly string[]): Promise<Held> {
  for (let round = 0; round < ROUNDS; round++) {
    await collectGarbage();
    if (holdsNothing(heldNow(folders))) break;
  }
  return heldNow(folders);
}

/**
 * Waits until nothing is left of what was tried: no bytes, no streams, no files.
 *
 * @param folders Where the files are that were opened
 * @throws {Error} Where something stays
 */
export async function expectAtRest(folders: readonly string[]): Promise<void> {
  for (let round = 0; !isAtRest(folders); round++) {
    if (round === QUICK_ROUNDS + ROUNDS) {
      const left = { ...heldNow(folders), activeStreams: memoryBudget().activeStreams };
      throw new Error(`Something is held when all is over: ${JSON.stringify(left)}`);
    }
    // What was closed is given back by threads that are just done with it; what was dropped, by the collector.
    if (round < QUICK_ROUNDS) await new Promise((resolve) => setTimeout(resolve, round));
    else await collectGarbage();
  }
}

function isAtRest(folders: readonly string[]): boolean {
  return memoryBudget().activeStreams === 0 && holdsNothing(heldNow(folders));
}

/** Whether all has been given back. */
export function holdsNothing({ streamBytes, descriptors, maps }: Held): boolean {
  return streamBytes + descriptors + maps === 0;
}

/** What each open descriptor leads to. */
export function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return []; // the descriptor by which the folder was listed
    }
  });
}

/** The lines of the process's map. */
export function maps(): string[] {
  return readFileSync("/proc/self/maps", "utf8").trimEnd().split("\n");
}

/** The names of all threads. */
export function threads(): string[] {
  return readdirSync("/proc/self/task").flatMap((id) => {
    try {
      return [readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim()];
    } catch {
      return []; // ended since it was listed
    }
  });
}
