import { describeEnd, runChild } from "../run_child.ts";
import { type Runtime, soakCommand } from "../runtimes.ts";
import type { LeakSoakArguments } from "./child.ts";
import type { Sample } from "./sample.ts";

/** A process whose operations hold everything up has died, or hangs. */
const STALL_MS = 120_000;

/**
 * Runs a leak soak in a process of its own.
 *
 * @param runtime Who runs it
 * @param options How long, and what is called for each sample
 * @returns All samples
 * @throws {Error} Where the process died, hung, or one of its operations went wrong
 */
export async function runLeakSoak(
  runtime: Runtime,
  { onSample = () => {}, ...argument }: LeakSoakArguments & {
    readonly onSample?: ((sample: Sample) => void) | undefined;
  },
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const end = await runChild(soakCommand(runtime, "leaks/child.ts", argument), {
    stallMs: STALL_MS,
    onLine(line) {
      const sample: Sample = JSON.parse(line);
      samples.push(sample);
      onSample(sample);
    },
  });
  if (end.code !== 0) throw new Error(`The leak soak on ${runtime.name} ${describeEnd(end)}`);
  return samples;
}
