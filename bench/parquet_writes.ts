/**
 * Lets contenders write the same rows as Parquet in turns, and reads every file back before its
 * time counts.
 *
 * @module
 */

import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { projectPath } from "../scripts/project.ts";
import { dataFolder, type Dataset } from "./data.ts";
import { assertFingerprint } from "./fingerprint.ts";
import { type Contender, progress, type Run, runProcess } from "./harness.ts";
import type { ProcessReport } from "./report_line.ts";
import { median, pairedRatio } from "./statistics.ts";
import { inTurn } from "./turns.ts";
import { mebibytes, seconds, times } from "./table.ts";
import { python } from "./tools.ts";
import type { WriteArguments } from "./write_arguments.ts";

/** The same for all who have a choice. Row groups are as each one makes them. */
const form = { level: 3 } as const;

/** A contender, and what it wrote. */
export interface WriteLane {
  readonly contender: Contender;
  /** Seconds by round. */
  readonly seconds: readonly number[];
  /** The size of the file, by round. */
  readonly bytes: readonly number[];
}

/** What is written. */
export interface WriteTask {
  /** The Parquet file whose types are to be kept. */
  readonly original: Dataset;
  /** The rows that are written: the original's, or those of an IPC stream. */
  readonly dataset: Dataset;
}

/** What `rivals/written_parquet.py` finds in a file. */
interface WrittenReport extends ProcessReport {
  readonly schemaDifferences: readonly string[];
  readonly codecs: readonly string[];
}

/**
 * Has every contender write the rows in a process of its own, in turns (A B C, C B A, ...).
 *
 * A first round, which isn't timed, warms up the page cache.
 *
 * @throws {Error} When a process fails or a file isn't as asked: no time is shown then.
 */
export async function raceOfWrites(
  contenders: readonly Contender[],
  { rounds, ...task }: WriteTask & { readonly rounds: number },
): Promise<WriteLane[]> {
  const lanes = contenders.map((contender) => ({
    contender,
    seconds: [] as number[],
    bytes: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (const lane of inTurn(lanes, round)) {
      if (round > (lane.contender.maxRounds ?? rounds)) continue;
      const { report, bytes } = await writeOnce(lane.contender, task);
      if (round === 0) continue;
      lane.seconds.push(report.seconds);
      lane.bytes.push(bytes);
    }
    progress(round === 0 ? "all files are as asked" : `round ${round} of ${rounds}`);
  }
  return lanes;
}

/**
 * Has a contender write a file, which is read back, measured and removed.
 *
 * @throws {Error} When the process fails or the file isn't as asked.
 */
export async function writeOnce(
  contender: Contender,
  { original, dataset, sampleMemory = false }: WriteTask & { readonly sampleMemory?: boolean },
): Promise<Run & { readonly bytes: number }> {
  const folder = join(dataFolder, "written");
  const output = join(folder, "lineitem.parquet");
  await mkdir(folder, { recursive: true });
  // What a run that was ended left there.
  await rm(output, { force: true });
  const argument: WriteArguments = {
    ...form,
    path: original.path,
    batches: dataset.path,
    output,
    ...contender.options?.memoryLimit && { memoryLimit: contender.options.memoryLimit },
  };
  const run = await runProcess(contender, { argument, sampleMemory });
  const { size } = await stat(output);
  await assertWritten(contender, argument, dataset);
  await rm(output);
  return { ...run, bytes: size };
}

async function assertWritten(
  { name }: Contender,
  argument: WriteArguments,
  { rows, fingerprint }: Dataset,
): Promise<void> {
  const script = projectPath("bench/rivals/written_parquet.py");
  const reader = { name: `Reading what ${name} wrote`, command: [await python(), script] };
  const { report } = await runProcess<WrittenReport>(reader, { argument });
  if (report.rows !== rows) throw new Error(`${name} wrote ${report.rows} rows instead of ${rows}`);
  if (!report.fingerprint) throw new Error(`${reader.name} gave no sums`);
  assertFingerprint(name, report.fingerprint, fingerprint);
  const [difference] = report.schemaDifferences;
  if (difference) throw new Error(`${name} wrote another type: ${difference}`);
  if (report.codecs.join() !== "ZSTD") throw new Error(`${name} compressed by ${report.codecs}`);
}

/** The table's header over {@linkcode writeLines}. */
export const writeHeader: readonly string[] = [
  "contender",
  "write",
  "fastest",
  "against Spillway on Deno",
  "file",
  "to the smallest",
];

/** A line for each contender; the first is ours on Deno. */
export function writeLines(lanes: readonly WriteLane[]): string[][] {
  const smallest = Math.min(...lanes.map(({ bytes }) => median(bytes)));
  return lanes.map((lane) => [
    lane.contender.name,
    seconds(median(lane.seconds)),
    seconds(Math.min(...lane.seconds)),
    times(pairedRatio(lane.seconds, lanes[0]?.seconds ?? [])),
    mebibytes(median(lane.bytes)),
    times(median(lane.bytes) / smallest),
  ]);
}

/** What a reader of such a table must know. */
export const writeNotes: readonly string[] = [
  `Zstandard at level ${form.level}, row groups as each one makes them by default`,
  "every file is read back: rows and sums by DuckDB, types and codec by pyarrow",
];
