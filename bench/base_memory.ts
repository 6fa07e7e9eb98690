/**
 * What a runtime takes by itself.
 *
 * @module
 */

import { ours, type Runtime } from "./contenders.ts";
import { runProcess } from "./harness.ts";
import { median } from "./statistics.ts";

/** Peak anonymous bytes of a process that imports the module, loads the library and does nothing. */
export async function baseMemory(runtime: Runtime): Promise<number> {
  const contender = await ours(runtime);
  const bases = [];
  for (let round = 0; round < 3; round++) {
    const argument = { path: "", mode: "base" } as const;
    const run = await runProcess(contender, { argument, sampleMemory: true });
    bases.push(run.peak.anonymousBytes);
  }
  return median(bases);
}

/** What a reader must know of it. */
export const baseNote =
  "base: the same for a process that imports the module, loads the library and scans nothing";
