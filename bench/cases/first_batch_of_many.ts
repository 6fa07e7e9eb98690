/**
 * The time until there is something to work on, where there are very many files.
 *
 * @module
 */

import { ours, pythonRival, runtimes } from "../contenders.ts";
import { compete, type Series } from "../harness.ts";
import { tenThousandFiles } from "../many_files.ts";
import { median } from "../statistics.ts";
import { milliseconds } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** From the call with an array of 10,000 paths to the first batch, in fresh processes. */
export const firstBatchOfMany: BenchCase = {
  name: "first-batch-of-many",
  async run({ rounds }) {
    const contenders = [
      ...await Promise.all(runtimes.map((runtime) => ours(runtime))),
      await pythonRival("Polars"),
      await pythonRival("DuckDB"),
      await pythonRival("pyarrow", "files"),
    ];
    const series = await compete(contenders, {
      dataset: await tenThousandFiles({ listed: true }),
      rounds: rounds * 2,
      mode: "first",
    });
    return {
      title: "From the call to the first batch of 10,000 files, l_orderkey and l_comment",
      header: ["contender", "call", "call again", "rows"],
      lines: series.map((one) => [
        one.contender.name,
        milliseconds(part(one, "seconds")),
        milliseconds(part(one, "againSeconds")),
        `${part(one, "rows")}`,
      ]),
      goals: series.slice(0, runtimes.length).map((one) => ({
        what: `${one.contender.name}, call`,
        measured: part(one, "seconds") * 1000,
        limit: 50,
        sense: "at most",
        unit: " ms",
      })),
      notes: [
        "call: the first scan of a fresh process, with the module imported and the library loaded",
        "call again: the second scan of the same process",
        "the paths are listed before, and given as an array",
      ],
    };
  },
};

/** The median of a number of the reports; NaN where the contender doesn't report it. */
function part({ runs }: Series, name: string): number {
  return median(runs.map(({ report }) => Number(report[name] ?? NaN)));
}
