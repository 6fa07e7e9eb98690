/**
 * A file whose only row group holds everything, where row groups give no parallelism.
 *
 * @module
 */

import { ours, pythonRival, runtimes } from "../contenders.ts";
import { lineitem, oneRowGroup } from "../data.ts";
import { compete, type Contender, type Series } from "../harness.ts";
import { median, pairedRatio } from "../statistics.ts";
import { seconds, times } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** One row group against the normal file of 53. */
export const oneGroup: BenchCase = {
  name: "one-row-group",
  async run({ rounds, quick }) {
    const normal = await lineitem(1);
    const copies = [
      await oneRowGroup({ pageIndex: true }),
      await oneRowGroup({ pageIndex: false }),
    ];
    const libraries = await Promise.all(runtimes.map((runtime) => ours(runtime)));
    if (!quick) libraries.push(await pythonRival("Polars"));
    const contenders = libraries.flatMap((library): Contender[] =>
      [normal, ...copies].map((dataset) => ({
        ...library,
        name: `${library.name}: ${dataset.name}`,
        dataset,
      }))
    );
    const series = await compete(contenders, { dataset: normal, rounds, mode: "time" });
    const files = 1 + copies.length;
    const ratios = series.map((one, i) => {
      const reference = series[i - i % files];
      if (!reference) throw new Error("A contender is missing");
      return pairedRatio(scanSeconds(one), scanSeconds(reference));
    });
    return {
      title: "lineitem SF1 in one row group",
      header: ["contender", "scan", "against the normal file"],
      lines: series.map((one, i) => [
        one.contender.name,
        seconds(median(scanSeconds(one))),
        times(ratios[i] ?? NaN),
      ]),
      goals: series.flatMap((one, i) =>
        i % files === 0 || i >= runtimes.length * files ? [] : [
          {
            what: one.contender.name,
            measured: ratios[i] ?? NaN,
            limit: 1.2,
            sense: "at most",
            unit: " x",
          } as const,
        ]
      ),
    };
  },
};

function scanSeconds({ runs }: Series): number[] {
  return runs.map(({ report }) => report.seconds);
}
