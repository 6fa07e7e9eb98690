/**
 * A Parquet file as the body of a response.
 *
 * @module
 */

import { javaScriptRival, ours, runtimes } from "../contenders.ts";
import { orders } from "../data.ts";
import { scanSeconds } from "../file_races.ts";
import { compete } from "../harness.ts";
import { median, pairedRatio } from "../statistics.ts";
import { digits, seconds, times } from "../table.ts";
import type { BenchCase } from "./case.ts";

/** `orders` as NDJSON, until the body is read whole. */
export const ndjsonResponse: BenchCase = {
  name: "ndjson-response",
  async run({ rounds }) {
    const contenders = [
      ...await Promise.all(runtimes.map((runtime) => ours(runtime, "ndjson_response.ts"))),
      javaScriptRival("hyparquet", "ndjson"),
    ];
    const dataset = await orders();
    const options = { dataset, rounds, mode: "time", checkedBy: "bytes" } as const;
    const series = await compete(contenders, options);
    return {
      title: "orders SF1 from Parquet to the NDJSON body of a response, all 9 columns",
      header: ["contender", "time", "fastest", "bytes", "rate", "against Spillway on Deno"],
      lines: series.map((one) => {
        const runs = scanSeconds(one);
        const bytes = Number(one.runs[0]?.report["bytes"]);
        return [
          one.contender.name,
          seconds(median(runs)),
          seconds(Math.min(...runs)),
          `${digits(bytes / 1e6)} MB`,
          `${digits(bytes / 1e6 / median(runs))} MB/s`,
          times(pairedRatio(runs, scanSeconds(series[0]))),
        ];
      }),
      goals: [],
      notes: [
        "time: in the process, from the call to the body's last byte",
        "hyparquet is followed by JSON.stringify, a row at a time; it writes dates with their time",
      ],
    };
  },
};
