/**
 * What a batch costs on its way into JavaScript, decoding excluded.
 *
 * @module
 */

import { ours, runtimes } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { runProcess } from "../harness.ts";
import { median } from "../statistics.ts";
import { digits } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** Reading, touching and releasing batches of 16 columns that are decoded already. */
export const boundary: BenchCase = {
  name: "boundary",
  async run({ rounds }) {
    const { path } = await lineitem(1);
    const contenders = await Promise.all(runtimes.map((runtime) => ours(runtime, "boundary.ts")));
    const runs = contenders.map((contender) => ({
      contender,
      median: [] as number[],
      mean: [] as number[],
      p99: [] as number[],
    }));
    for (let round = 0; round < rounds; round++) {
      for (const { contender, median, mean, p99 } of runs) {
        const argument = { path, mode: "time", batchRows: 1024 } as const;
        const { report } = await runProcess(contender, { argument });
        median.push(Number(report["medianMicroseconds"]));
        mean.push(Number(report["meanMicroseconds"]));
        p99.push(Number(report["p99Microseconds"]));
      }
    }
    return {
      title: "One batch of 16 columns across the boundary",
      header: ["contender", "median", "mean", "99th percentile"],
      lines: runs.map((run) => [
        run.contender.name,
        ...[run.median, run.mean, run.p99].map((costs) => `${digits(median(costs))} µs`),
      ]),
      goals: runs.map((run) => ({
        what: `${run.contender.name}, mean`,
        measured: median(run.mean),
        limit: 50,
        sense: "at most",
        unit: " µs",
      })),
      notes: ["reader.read(), the first value of each column, release(); the batches were queued"],
    };
  },
};
