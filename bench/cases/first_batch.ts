/**
 * The time until there is something to work on.
 *
 * @module
 */

import { ours, pythonRival, runtimes } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { compete, type Series } from "../harness.ts";
import { median } from "../statistics.ts";
import { milliseconds } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** From the call to the first batch, in fresh processes. */
export const firstBatch: BenchCase = {
  name: "first-batch",
  async run({ rounds }) {
    const contenders = [
      ...await Promise.all(runtimes.map((runtime) => ours(runtime))),
      await pythonRival("Polars"),
      await pythonRival("DuckDB"),
      await pythonRival("pyarrow"),
    ];
    const series = await compete(contenders, {
      dataset: await lineitem(1),
      rounds: rounds * 2,
      mode: "first",
    });
    return {
      title: "From the call to the first batch of lineitem SF1, all 16 columns",
      header: ["contender", "call", "call again", "load library", "import", "cold", "rows"],
      lines: series.map((one) => {
        const parts = [part(one, "seconds"), part(one, "loadSeconds"), part(one, "importSeconds")];
        const [call = NaN, load = NaN, imports = NaN] = parts;
        const again = part(one, "againSeconds");
        const cold = call + load + imports;
        const shown = [call, again, load, imports, cold].map(milliseconds);
        return [one.contender.name, ...shown, `${part(one, "rows")}`];
      }),
      goals: series.slice(0, runtimes.length).map((one) => ({
        what: `${one.contender.name}, call`,
        measured: part(one, "seconds") * 1000,
        limit: 15,
        sense: "at most",
        unit: " ms",
      })),
      notes: [
        "call: the first scan of a fresh process, with the module imported and the library loaded",
        "call again: the second scan of the same process",
      ],
    };
  },
};

/** The median of a number of the reports; NaN where the contender doesn't report it. */
function part({ runs }: Series, name: string): number {
  return median(runs.map(({ report }) => Number(report[name] ?? NaN)));
}
