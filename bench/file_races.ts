/**
 * Who competes where many files are scanned, and how it is shown.
 *
 * @module
 */

import { nativeRival, ours, pythonRival, type Runtime, runtimes } from "./contenders.ts";
import type { Dataset } from "./data.ts";
import { compete, type Contender, type Series } from "./harness.ts";
import { median, pairedRatio } from "./statistics.ts";
import { type Goal, seconds, times } from "./table.ts";

/** What was measured over the same files. */
export interface FileRace {
  /** Ours, in the order of {@linkcode runtimes}. */
  readonly spillway: readonly Series[];
  readonly rivals: readonly Series[];
  /** Those that aren't rivals. */
  readonly aside: readonly Series[];
}

/** What {@linkcode raceOverFiles} needs. */
export interface FileRaceOptions {
  readonly dataset: Dataset;
  readonly rounds: number;
  /** Contenders of our own besides, which take turns with the others. */
  readonly aside?: readonly Contender[];
}

/** Has ours on each runtime and the rivals that read many files scan them in turns. */
export async function raceOverFiles(
  { dataset, rounds, aside = [] }: FileRaceOptions,
): Promise<FileRace> {
  const spillway = await Promise.all(runtimes.map((runtime) => ours(runtime)));
  const rivals = [
    await pythonRival("Polars"),
    await pythonRival("DuckDB"),
    await pythonRival("pyarrow", "files"),
    nativeRival("@duckdb/node-api", "scan"),
    nativeRival("nodejs-polars", "scan"),
  ];
  const contenders = [...spillway, ...aside, ...rivals];
  const series = await compete(contenders, { dataset, rounds, mode: "time" });
  const firstRival = spillway.length + aside.length;
  return {
    spillway: series.slice(0, spillway.length),
    aside: series.slice(spillway.length, firstRival),
    rivals: series.slice(firstRival),
  };
}

/** The table's header over {@linkcode raceLines}. */
export const raceHeader: readonly string[] = [
  "contender",
  "scan",
  "fastest",
  "whole process",
  "against Spillway on Deno",
];

/** A line for each contender. */
export function raceLines({ spillway, aside, rivals }: FileRace): string[][] {
  const deno = scanSeconds(spillway[0]);
  return [...spillway, ...aside, ...rivals].map((one) => [
    one.contender.name,
    seconds(median(scanSeconds(one))),
    seconds(Math.min(...scanSeconds(one))),
    seconds(median(one.runs.map((run) => run.processSeconds))),
    times(pairedRatio(scanSeconds(one), deno)),
  ]);
}

/** How many times as long as ours the fastest rival takes, on each runtime. */
export function raceGoals({ spillway, rivals }: FileRace, limit: number): Goal[] {
  const [rival] = rivals.toSorted((a, b) => median(scanSeconds(a)) - median(scanSeconds(b)));
  if (!rival) throw new Error("A race without rivals");
  return spillway.map((one) => ({
    what: `${rival.contender.name} against ${one.contender.name}`,
    measured: pairedRatio(scanSeconds(rival), scanSeconds(one)),
    limit,
    sense: "at least",
    unit: " x",
  }));
}

/** What a reader of every such table must know. */
export const raceNotes: readonly string[] = [
  "scan: in the process, from the call with a pattern to the last batch; imports are excluded",
  "nodejs-polars gives no batches, but the whole result at the end",
];

/** Ours on a runtime over other files, or with other options, under another name. */
export async function variant(
  runtime: Runtime,
  what: string,
  changes: Pick<Contender, "dataset" | "options">,
): Promise<Contender> {
  const contender = await ours(runtime);
  return { ...contender, ...changes, name: `${contender.name}, ${what}` };
}

/**
 * The seconds of a contender's rounds.
 *
 * @throws {Error} When there is no such contender.
 */
export function scanSeconds(series: Series | undefined): number[] {
  if (!series) throw new Error("A contender is missing");
  return series.runs.map(({ report }) => report.seconds);
}
