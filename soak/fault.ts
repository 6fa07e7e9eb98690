/**
 * What a soak tries: faults of files, disks and callers that no process may die of.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** A kind of fault, which is tried again and again, at other moments and with other sizes. */
export interface Fault {
  /** What happens, as the README's table says it: "Files cut off while they are scanned". */
  readonly name: string;
  /** How often a full soak tries it on each runtime. */
  readonly times: number;
  /** How often the tests try it, in some seconds. */
  readonly testTimes: number;
  /**
   * Tries it once. All that it opens is closed, and all that it starts has ended, when the promise settles.
   *
   * @throws {Error} Whatever is neither the right answer nor a clear refusal: wrong rows, an error of another class
   */
  try(trial: Trial): Promise<Outcome>;
}

/** What one try is given. */
export interface Trial {
  /** Decides moments and sizes. */
  readonly random: Random;
  /** An empty folder, removed afterwards. */
  readonly folder: string;
}

/** How a try may end: with the right answer, or with the error that says what was wrong. */
export type Outcome = "answered" | "refused";
