/**
 * A file larger than the limit, read by code that never releases a batch.
 *
 * @module
 */

import { baseMemory, baseNote } from "../base_memory.ts";
import { ours, type Runtime, runtimes } from "../contenders.ts";
import { type Dataset, lineitem } from "../data.ts";
import { compete, type Series } from "../harness.ts";
import { median, pairedRatio } from "../statistics.ts";
import { mebibytes, seconds, times } from "../table.ts";
import type { BenchCase, CaseContext } from "./case.ts";

const memoryLimit = "64MB";

/** Peak anonymous memory with a limit of 64 MB, and the time that the limit costs. */
export const boundedMemory: BenchCase = {
  name: "bounded-memory",
  async run(context) {
    const dataset = await lineitem(context.scale);
    const results = [];
    for (const runtime of runtimes) results.push(await measure(runtime, dataset, context));
    return {
      title: `${dataset.name} with memoryLimit ${memoryLimit}, for await without release`,
      header: ["contender", "scan", "peak anonymous", "over the base", "against unlimited"],
      lines: results.flatMap(({ base, limited, unlimited }) => [
        line(`${limited.contender.name}, ${memoryLimit}`, { base, limited, unlimited }),
        line(`${unlimited.contender.name}, no limit`, { base, limited: unlimited, unlimited }),
      ]),
      goals: results.flatMap(({ runtime, base, limited, unlimited }) => [
        {
          what: `${runtime}: peak over the base`,
          measured: (peak(limited) - base) / 2 ** 20,
          limit: 160,
          sense: "at most",
          unit: " MiB",
        } as const,
        {
          what: `${runtime}: time against the unlimited run`,
          measured: pairedRatio(scanSeconds(limited), scanSeconds(unlimited)),
          limit: 1.15,
          sense: "at most",
          unit: " x",
        } as const,
      ]),
      notes: [
        "peak anonymous: the highest RssAnon + RssShmem, sampled every 3 ms, largest of all runs",
        baseNote,
      ],
    };
  },
};

interface Measured {
  /** Peak of the runtime that does nothing, in bytes. */
  readonly base: number;
  readonly limited: Series;
  readonly unlimited: Series;
}

async function measure(
  runtime: Runtime,
  dataset: Dataset,
  { rounds }: CaseContext,
): Promise<Measured & { runtime: Runtime }> {
  const contender = await ours(runtime);
  const contenders = [
    { ...contender, options: { release: false, memoryLimit } },
    { ...contender, options: { release: false } },
  ];
  const options = { dataset, rounds, mode: "time", sampleMemory: true } as const;
  const [limited, unlimited] = await compete(contenders, options);
  if (!limited || !unlimited) throw new Error("A contender is missing");
  return { runtime, base: await baseMemory(runtime), limited, unlimited };
}

function line(name: string, { base, limited, unlimited }: Measured): string[] {
  return [
    name,
    seconds(median(scanSeconds(limited))),
    mebibytes(peak(limited)),
    mebibytes(peak(limited) - base),
    times(pairedRatio(scanSeconds(limited), scanSeconds(unlimited))),
  ];
}

function scanSeconds({ runs }: Series): number[] {
  return runs.map(({ report }) => report.seconds);
}

/** The largest of all runs: a bound is a bound only if no run breaks it. */
function peak({ runs }: Series): number {
  return Math.max(...runs.map((run) => run.peak.anonymousBytes));
}
