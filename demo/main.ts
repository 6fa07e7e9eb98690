/**
 * `deno task demo [PATH, FOLDER or GLOB]... [--where CONDITION]`: streams Parquet files through
 * Spillway, shows what they hold, or what their rows hold that meet a condition, and what the
 * library did.
 *
 * @module
 */

import type { RecordBatch } from "apache-arrow";
import process from "node:process";
import {
  type Predicate,
  type ScanOptions,
  scanParquet,
  type ScanPlan,
  SchemaMismatchError,
} from "spillway";
import { demoArguments } from "./arguments.ts";
import { FileSummary } from "./file_summary.ts";
import { longDelays } from "./long_delays.ts";
import { FlightDelays } from "./flight_delays.ts";
import { flightsFile, flightsScan, printDelays } from "./flights.ts";
import { inputFiles } from "./input_files.ts";
import { parseCondition } from "./parse_condition.ts";
import { showProgress } from "./progress_line.ts";
import { RunReport } from "./run_report.ts";

const MEMORY_LIMIT = "64MiB";

try {
  const { patterns, condition } = demoArguments(process.argv.slice(2));
  const files = patterns.length > 0 ? await inputFiles(patterns) : [flightsFile];
  if (condition !== null) await summariseRows(files, parseCondition(condition));
  else if (patterns.length > 0) await summarise(files, {});
  else await flights();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function flights(): Promise<void> {
  console.log(`Reading ${flightsFile}`);
  const delays = new FlightDelays();
  const report = await read([flightsFile], flightsScan, (batch) => delays.add(batch));
  printDelays(delays);
  report.print();
  await longDelays(flightsFile);
}

/** Summarises the rows that meet a condition, and shows the plans that found them. */
async function summariseRows(files: readonly string[], where: Predicate): Promise<void> {
  // Before anything is printed: a condition that doesn't fit a file shows here.
  const plans: ScanPlan[] = [];
  const groups = await agreeing(files);
  for (const group of groups) plans.push(await planOf(group, { where }));
  await summarise(files, { where });
  for (const plan of plans) console.log(`\n${plan}`);
}

async function planOf(files: readonly string[], options: ScanOptions = {}): Promise<ScanPlan> {
  const stream = scanParquet(files, { ...options, memoryLimit: MEMORY_LIMIT });
  try {
    return await stream.explain();
  } finally {
    await stream.cancel();
  }
}

/** The files of each scan: all in one, or each alone where their columns differ. */
async function agreeing(files: readonly string[]): Promise<readonly (readonly string[])[]> {
  try {
    await planOf(files);
    return [files];
  } catch (error) {
    if (error instanceof SchemaMismatchError) return files.map((file) => [file]);
    throw error;
  }
}

async function summarise(files: readonly string[], options: ScanOptions): Promise<void> {
  console.log(`Reading ${files.length === 1 ? files[0] : `${files.length} files`}`);
  const summary = new FileSummary();
  const report = await read(files, options, (batch) => summary.add(batch));
  if (options.where && summary.isEmpty) console.log("\nNo row meets the condition");
  else summary.print();
  report.print();
}

/** Streams the files in their order. No batch outlives the call that it is given to. */
async function read(
  files: readonly string[],
  options: ScanOptions,
  visit: (batch: RecordBatch) => void,
): Promise<RunReport> {
  const groups = await agreeing(files);
  const report = new RunReport();
  for (const group of groups) {
    const stream = scanParquet(group, {
      ...options,
      memoryLimit: MEMORY_LIMIT,
      progress: showProgress,
    });
    for await (using batch of stream) {
      report.batchCame(batch.numRows);
      visit(batch);
    }
    report.scanDone(stream.stats());
  }
  return report;
}
