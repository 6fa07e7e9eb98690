/**
 * What a second thread is worth.
 *
 * @module
 */

import { runtimes } from "../contenders.ts";
import { scanSeconds, variant } from "../file_races.ts";
import { compete } from "../harness.ts";
import { slices } from "../many_files.ts";
import { median, pairedRatio } from "../statistics.ts";
import { seconds, times } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** The full scan of 16 files with one decoding thread and with two. */
export const scaling: BenchCase = {
  name: "scaling",
  async run({ rounds }) {
    const contenders = await Promise.all(runtimes.flatMap((runtime) => [
      variant(runtime, "1 thread", { options: { threads: 1 } }),
      variant(runtime, "2 threads", { options: { threads: 2 } }),
    ]));
    const dataset = await slices({ files: 16 });
    const series = await compete(contenders, { dataset, rounds, mode: "time" });
    const measured = runtimes.map((runtime, i) => {
      const [one, two] = [scanSeconds(series[2 * i]), scanSeconds(series[2 * i + 1])];
      return { runtime, one, two, ratio: pairedRatio(one, two) };
    });
    return {
      title: "Full scan of lineitem SF1 in 16 files by the number of decoding threads",
      header: ["contender", "1 thread", "2 threads", "1 against 2"],
      lines: measured.map(({ runtime, one, two, ratio }) => [
        `Spillway on ${runtime}`,
        seconds(median(one)),
        seconds(median(two)),
        times(ratio),
      ]),
      goals: measured.map(({ runtime, ratio }) => ({
        what: `Spillway on ${runtime}, 1 thread against 2`,
        measured: ratio,
        limit: 1.85,
        sense: "at least",
        unit: " x",
      })),
      notes: ["JavaScript has a thread of its own besides, which takes the batches"],
    };
  },
};
