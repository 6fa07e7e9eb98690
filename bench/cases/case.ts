/**
 * What every case is.
 *
 * @module
 */

import type { Scale } from "../data.ts";
import type { CaseResult } from "../table.ts";

/** How much to do. */
export interface CaseContext {
  /** Rounds of every contender; medians are taken over them. */
  readonly rounds: number;
  /** Leaves out the contenders that take many seconds. */
  readonly quick: boolean;
  /** The scale of the bounded-memory case. */
  readonly scale: Scale;
  /** Adds the file of 10 GB to the memory table. */
  readonly large: boolean;
}

/** One question that the benchmark answers. */
export interface BenchCase {
  readonly name: string;
  run(context: CaseContext): Promise<CaseResult>;
}
