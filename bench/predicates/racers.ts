/**
 * Who competes where predicates are answered.
 *
 * @module
 */

import { javaScriptRival, nativeRival, ours, pythonRival, runtimes } from "../contenders.ts";
import type { Racer } from "./race.ts";

/** Who of the optional ones takes part. */
export interface RacersOptions {
  /** Our own complete scans that are filtered afterwards. */
  readonly unfused?: boolean;
  /** hyparquet, whose filter knows neither parts of texts nor two columns, and takes seconds. */
  readonly hyparquet?: boolean;
}

/** Ours on each runtime first, then the rivals. */
export async function predicateRacers(
  { unfused = false, hyparquet = false }: RacersOptions = {},
): Promise<Racer[]> {
  const fused = await Promise.all(runtimes.map((runtime) => ours(runtime, "where.ts")));
  return [
    ...fused.map((one): Racer => ({ ...one, side: "ours" })),
    ...(unfused ? fused : []).map((one): Racer => ({
      ...one,
      name: `${one.name}, filtered after`,
      side: "aside",
      unfused: true,
    })),
    { ...await pythonRival("Polars", "where"), side: "rival" },
    { ...await pythonRival("DuckDB", "where"), side: "rival" },
    { ...nativeRival("nodejs-polars", "where"), side: "rival" },
    { ...nativeRival("@duckdb/node-api", "where"), side: "rival" },
    ...hyparquet ? [objects()] : [],
  ];
}

/** It makes an object of every row that it looks at: two rounds of half a minute must do. */
function objects(): Racer {
  return { ...javaScriptRival("hyparquet", "where"), side: "rival", maxRounds: 2 };
}
