/**
 * Who competes where text is read, and how it is shown.
 *
 * @module
 */

import { ours, pythonRival, runtimes } from "./contenders.ts";
import type { Dataset } from "./data.ts";
import { raceHeader, raceLines } from "./file_races.ts";
import { compete } from "./harness.ts";
import type { CaseResult } from "./table.ts";

/** What {@linkcode raceOverText} needs. */
export interface TextRaceOptions {
  readonly dataset: Dataset;
  readonly format: "csv" | "ndjson";
  readonly rounds: number;
}

/** Has ours on each runtime and the rivals read the same text to batches, in turns. */
export async function raceOverText(
  { dataset, format, rounds }: TextRaceOptions,
): Promise<Pick<CaseResult, "header" | "lines" | "goals" | "notes">> {
  const pyarrow = await pythonRival("pyarrow", format);
  const spillway = await Promise.all(runtimes.map((runtime) => ours(runtime, "read_text.ts")));
  const contenders = [
    ...spillway.map((one) => ({ ...one, options: { format } })),
    await pythonRival("Polars", format),
    await pythonRival("DuckDB", format),
    { ...pyarrow, name: "pyarrow, streaming", options: { way: "streaming" } },
    { ...pyarrow, name: "pyarrow, the whole file", options: { way: "whole" } },
  ];
  const series = await compete(contenders, { dataset, rounds, mode: "time" });
  return {
    header: raceHeader,
    lines: raceLines({
      spillway: series.slice(0, spillway.length),
      aside: [],
      rivals: series.slice(spillway.length),
    }),
    goals: [],
    notes: ["scan: in the process, from the call to the last batch, with the guess at the types"],
  };
}
