/**
 * Every row of all 16 columns, batch by batch.
 *
 * @module
 */

import { javaScriptRival, ours, pythonRival, rustAlone } from "../contenders.ts";
import { lineitem } from "../data.ts";
import { compete, type Series } from "../harness.ts";
import { median, pairedRatio } from "../statistics.ts";
import { type Goal, seconds, times } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** The full scan on both runtimes against our core alone and against the rivals. */
export const fullScan: BenchCase = {
  name: "full-scan",
  async run({ rounds, quick }) {
    const contenders = [
      await ours("Deno"),
      await ours("Bun"),
      await rustAlone(),
      await pythonRival("Polars"),
      await pythonRival("DuckDB"),
      await pythonRival("pyarrow"),
      ...quick ? [] : [javaScriptRival("parquet-wasm"), javaScriptRival("hyparquet")],
    ];
    const dataset = await lineitem(1);
    const series = await compete(contenders, { dataset, rounds, mode: "time" });
    const [deno, bun, rust, polars] = series.map(scanSeconds);
    if (!deno || !bun || !rust || !polars) throw new Error("A contender is missing");
    return {
      title: "Full scan of lineitem SF1, all 16 columns",
      header: ["contender", "scan", "fastest", "whole process", "against Spillway on Deno"],
      lines: series.map((one) => [
        one.contender.name,
        seconds(median(scanSeconds(one))),
        seconds(Math.min(...scanSeconds(one))),
        seconds(median(one.runs.map((run) => run.processSeconds))),
        times(pairedRatio(scanSeconds(one), deno)),
      ]),
      goals: [
        atMost("Deno against Rust alone", pairedRatio(deno, rust)),
        atMost("Bun against Rust alone", pairedRatio(bun, rust)),
        atLeast("Polars against Deno", pairedRatio(polars, deno)),
        atLeast("Polars against Bun", pairedRatio(polars, bun)),
      ],
      notes: [
        "scan: in the process, from the call to the last batch; imports are excluded for all",
      ],
    };
  },
};

function scanSeconds({ runs }: Series): number[] {
  return runs.map(({ report }) => report.seconds);
}

function atMost(what: string, measured: number): Goal {
  return { what, measured, limit: 1.05, sense: "at most", unit: " x" };
}

function atLeast(what: string, measured: number): Goal {
  return { what, measured, limit: 1.25, sense: "at least", unit: " x" };
}
