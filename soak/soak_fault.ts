/**
 * Tries a fault many times in processes of their own, which may die of it.
 *
 * @module
 */

import { describeEnd, runChild } from "./run_child.ts";
import type { Tally } from "./run_fault.ts";
import { type Runtime, soakCommand } from "./runtimes.ts";
import { parseSliceLine, type SliceArguments, type SliceLine } from "./slice_line.ts";

/** The ways in which no try may end. */
export type FailureKind = "crash" | "hang" | "leak" | "wrong";

/** A try, or for a leak some tries, that ended so. */
export interface Failure {
  readonly kind: FailureKind;
  /** The seed of the try, or of the first of those in a row. */
  readonly seed: number;
  /** How many tries it takes to repeat it. */
  readonly times: number;
  /** What was seen. */
  readonly details: string;
}

/** What became of all tries of a fault on a runtime. */
export interface FaultReport extends Tally {
  readonly tried: number;
  readonly failures: readonly Failure[];
}

/** What {@linkcode soakFault} is told. */
export interface SoakOptions {
  /** The path of the module whose `faults` there are. */
  readonly table: string;
  /** The fault's name in it. */
  readonly fault: string;
  readonly times: number;
  /** The first try's; the others' follow. */
  readonly seed: number;
  /** Tries of one process. @default {25} */
  readonly sliceTimes?: number;
  /** After this time without a word a process hangs. @default {120_000} */
  readonly stallMs?: number;
  /** Told after each process how many tries there were. */
  readonly onProgress?: (tried: number) => void;
  /** Told of each failure as it is found. */
  readonly onFailure?: (failure: Failure) => void;
}

/** A fault of which so many tries went wrong is given up: each hang takes minutes. */
export const MOST_FAILURES = 10;

/** Tries a fault: goes on with the next seed after a crash, a hang or a wrong answer. */
export async function soakFault(runtime: Runtime, options: SoakOptions): Promise<FaultReport> {
  const { table, fault, times, seed, sliceTimes = 25, stallMs = 120_000 } = options;
  const sum = { tried: 0, answered: 0, refused: 0, failures: [] as Failure[] };
  while (sum.tried < times && sum.failures.length < MOST_FAILURES) {
    const slice = {
      table,
      fault,
      seed: seed + sum.tried,
      times: Math.min(sliceTimes, times - sum.tried),
    };
    const { tried, answered, refused, failures } = await runSlice(runtime, slice, stallMs);
    sum.tried += tried;
    sum.answered += answered;
    sum.refused += refused;
    sum.failures.push(...failures);
    for (const failure of failures) options.onFailure?.(failure);
    options.onProgress?.(sum.tried);
  }
  return sum;
}

/** Runs one process, up to its first failure. At least one try counts. */
async function runSlice(
  runtime: Runtime,
  slice: SliceArguments,
  stallMs: number,
): Promise<FaultReport> {
  const lines: SliceLine[] = [];
  const end = await runChild(soakCommand(runtime, "slice.ts", slice), {
    stallMs,
    onLine(line) {
      const said = parseSliceLine(line);
      if (said) lines.push(said);
    },
  });
  const outcomes = lines.flatMap((line) => "outcome" in line ? [line.outcome] : []);
  const tally = {
    answered: outcomes.filter((outcome) => outcome === "answered").length,
    refused: outcomes.filter((outcome) => outcome === "refused").length,
  };
  const started = lines.findLast((line) => "trying" in line)?.trying;
  const failed = (failure: Omit<Failure, "seed" | "times"> & Partial<Failure>): FaultReport => ({
    ...tally,
    // A process that dies before its first try would be started for ever.
    tried: Math.max(1, (started ?? slice.seed) + 1 - slice.seed),
    failures: [{ seed: started ?? slice.seed, times: 1, ...failure }],
  });
  const last = lines.at(-1) ?? { trying: slice.seed };
  if ("wrong" in last) return failed({ kind: "wrong", details: last.wrong });
  const died = end.hung || end.code !== 0;
  // Between tries, or behind the last: whichever of them it was.
  const whole = "trying" in last ? {} : { seed: slice.seed, times: slice.times };
  if (died) {
    return failed({ kind: end.hung ? "hang" : "crash", details: describeEnd(end), ...whole });
  }
  if (!("leaked" in last)) {
    return failed({ kind: "crash", details: "ended by itself before all was tried", ...whole });
  }
  if (last.leaked !== null) return failed({ kind: "leak", details: last.leaked, ...whole });
  return { ...tally, tried: slice.times, failures: [] };
}
