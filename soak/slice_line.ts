/**
 * What a process that tries faults is told, and what it says.
 *
 * @module
 */

import type { Outcome } from "./fault.ts";

/** What the process is to do. */
export interface SliceArguments {
  /** The path of the module whose `faults` there are. */
  readonly table: string;
  /** The fault's name in it. */
  readonly fault: string;
  /** The first try's. */
  readonly seed: number;
  readonly times: number;
}

/** What it says: a line of JSON each, behind {@linkcode MARK}. */
export type SliceLine =
  | { readonly trying: number }
  | { readonly outcome: Outcome }
  /** The process ends after it, since what is held then is held by the error's doing. */
  | { readonly wrong: string }
  /** All has been tried, and everything was given back, or what was not is told. */
  | { readonly leaked: string | null };

/** What the lines begin with. */
export const MARK = "soak: ";

/**
 * Reads a line of such a process.
 *
 * @returns What it says, or `null` where the line is something else that was printed
 */
export function parseSliceLine(line: string): SliceLine | null {
  return line.startsWith(MARK) ? JSON.parse(line.slice(MARK.length)) : null;
}
