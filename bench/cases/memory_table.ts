/**
 * Files of 1 GB and 10 GB in a process that may take 4 GiB: who is done, and who ran out.
 *
 * @module
 */

import { type Contender, MemoryCapError, progress, runProcess } from "../harness.ts";
import { ours, pythonRival, runtimes } from "../contenders.ts";
import { type Dataset, lineitem, warmPageCache } from "../data.ts";
import type { PeakMemory } from "../peak_memory.ts";
import type { ProcessReport } from "../report_line.ts";
import { median } from "../statistics.ts";
import { mebibytes, seconds } from "../table.ts";
import type { BenchCase } from "./case.ts";

const capBytes = 4 * 2 ** 30;

/** Every row of all 16 columns, counted, and the sum of one, under a cap of 4 GiB. */
export const memoryTable: BenchCase = {
  name: "memory-table",
  async run({ rounds, large }) {
    const datasets = [await lineitem(4), ...large ? [await lineitem(40)] : []];
    const lanes = [];
    for (const dataset of datasets) lanes.push(...await race(dataset, rounds));
    return {
      title: "Every row and all 16 columns of lineitem in at most 4 GiB of memory",
      header: ["contender", "file", "time", "peak anonymous", "peak in all", "outcome"],
      lines: lanes.map(line),
      goals: lanes.filter((lane) => lane.contender.name.startsWith("Spillway")).map((lane) => ({
        what: `${lane.contender.name}, ${lane.dataset.name}: peak anonymous`,
        // A process that ran out has a peak above the cap.
        measured: worst(lane, "anonymousBytes") / 2 ** 20,
        limit: capBytes / 2 ** 20,
        sense: "at most",
        unit: " MiB",
      })),
      notes: [
        "time: in the process, from the call to the sum; rows and sum are checked in every run",
        "peak anonymous: the highest RssAnon + RssShmem, sampled every 3 ms, of all runs",
        "peak in all: the highest VmHWM, which counts mapped pages of the file too",
        "no cgroup: a process is killed at the first sample above 4 GiB of anonymous memory, as a " +
        "cgroup would do; but the page cache is as large as the machine lets it be",
        "the aggregate counts the values of all other columns, or Polars would read only one",
      ],
    };
  },
};

/** What became of a contender on a file. */
interface Lane {
  readonly contender: Contender;
  readonly dataset: Dataset;
  readonly seconds: number[];
  readonly peaks: PeakMemory[];
  /** Seconds of the whole process until it was ended. */
  ranOutAfter?: number;
}

interface PriceReport extends ProcessReport {
  /** Sum of `l_extendedprice` in hundredths. */
  readonly price: number;
}

async function race(dataset: Dataset, rounds: number): Promise<Lane[]> {
  const lanes = (await contenders()).map((contender): Lane => ({
    contender,
    dataset,
    seconds: [],
    peaks: [],
  }));
  progress(`reading ${dataset.name} into the page cache`);
  await warmPageCache(dataset);
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) {
      // Who ran out once is not asked again.
      if (lane.ranOutAfter === undefined) await measure(lane);
    }
    progress(`${dataset.name}: round ${round + 1} of ${rounds}`);
  }
  return lanes;
}

async function contenders(): Promise<Contender[]> {
  const polars = await pythonRival("Polars", "price");
  return [
    ...await Promise.all(runtimes.map((runtime) => ours(runtime, "price.ts"))),
    { ...polars, name: "Polars, streaming, an aggregate", options: { way: "aggregate" } },
    { ...polars, name: "Polars, streaming, batches", options: { way: "batches" } },
    { ...polars, name: "Polars, eager", options: { way: "eager" } },
  ];
}

async function measure(lane: Lane): Promise<void> {
  const { contender, dataset, peaks } = lane;
  const { path, rows, fingerprint } = dataset;
  try {
    const { report, peak } = await runProcess<PriceReport>(contender, {
      argument: { ...contender.options, path },
      memoryCapBytes: capBytes,
    });
    if (report.rows !== rows || report.price !== fingerprint.price) {
      throw new Error(
        `${contender.name} read ${report.rows} rows of ${report.price} hundredths in ` +
          `${dataset.name} instead of ${rows} of ${fingerprint.price}`,
      );
    }
    lane.seconds.push(report.seconds);
    peaks.push(peak);
  } catch (error) {
    if (!(error instanceof MemoryCapError)) throw error;
    lane.ranOutAfter = error.processSeconds;
    peaks.push(error.peak);
  }
}

function line(lane: Lane): string[] {
  const { contender, dataset, ranOutAfter } = lane;
  const done = ranOutAfter === undefined;
  return [
    contender.name,
    dataset.name,
    done ? seconds(median(lane.seconds)) : "-",
    mebibytes(worst(lane, "anonymousBytes")),
    mebibytes(worst(lane, "totalBytes")),
    done ? "done" : `ran out after ${seconds(ranOutAfter)}`,
  ];
}

/** The largest of all runs: a bound is a bound only if no run breaks it. */
function worst({ peaks }: Lane, kind: keyof PeakMemory): number {
  return Math.max(...peaks.map((peak) => peak[kind]));
}
