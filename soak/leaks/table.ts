import { type Sample, seriesNames } from "./sample.ts";

const columns = ["seconds", "operations", "atRest", ...seriesNames] as const;

/** The samples as CSV, with a header. */
export function toCsv(samples: readonly Sample[]): string {
  const lines = samples.map((sample) => columns.map((name) => Number(sample[name])).join(","));
  return [columns.join(","), ...lines, ""].join("\n");
}
