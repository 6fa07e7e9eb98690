/**
 * What a batch costs on its way into JavaScript, decoding excluded.
 *
 * @module
 */

import { ours, runtimes } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { type Run, runProcess } from "../harness.ts";
import { median } from "../statistics.ts";
import { digits } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** Reading and releasing batches of 16 columns that are decoded already. */
export const boundary: BenchCase = {
  name: "boundary",
  async run({ rounds }) {
    const { path } = await lineitem(1);
    const contenders = await Promise.all(runtimes.map((runtime) => ours(runtime, "boundary.ts")));
    const series = contenders.map((contender) => ({ contender, runs: [] as Run[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { contender, runs } of series) {
        const argument = { path, mode: "time", batchRows: 1024 } as const;
        runs.push(await runProcess(contender, { argument }));
      }
    }
    const measured = series.map(({ contender, runs }) => {
      const part = (name: string) =>
        median(runs.map(({ report }) => Number(report[`${name}Microseconds`])));
      return {
        name: contender.name,
        read: part("read"),
        release: part("release"),
        touch: part("touch"),
      };
    });
    return {
      title: "One batch of 16 columns across the boundary",
      header: ["contender", "read", "release", "both", "first value of each column"],
      lines: measured.map(({ name, read, release, touch }) => [
        name,
        ...[read, release, read + release, touch].map((cost) => `${digits(cost)} µs`),
      ]),
      goals: measured.map(({ name, read, release }) => ({
        what: `${name}, read and release`,
        measured: read + release,
        limit: 50,
        sense: "at most",
        unit: " µs",
      })),
      notes: [
        "medians over 2000 batches of 1024 rows, decoded and queued before the clock starts",
        "the first values are what apache-arrow makes of the batch: vectors, decimals, strings",
      ],
    };
  },
};
