/**
 * `deno task demo [PATH, FOLDER or GLOB]...`: streams Parquet files through Spillway, shows
 * what they hold, and what the library did.
 *
 * @module
 */

import type { RecordBatch } from "apache-arrow";
import process from "node:process";
import { type ScanOptions, scanParquet } from "spillway";
import { FileSummary } from "./file_summary.ts";
import { longDelays } from "./long_delays.ts";
import { FlightDelays } from "./flight_delays.ts";
import { flightsFile, flightsScan, printDelays } from "./flights.ts";
import { inputFiles } from "./input_files.ts";
import { showProgress } from "./progress_line.ts";
import { RunReport } from "./run_report.ts";

const MEMORY_LIMIT = "64MiB";

try {
  const patterns = process.argv.slice(2);
  if (patterns.length > 0) await summarise(await inputFiles(patterns));
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

async function summarise(files: readonly string[]): Promise<void> {
  console.log(`Reading ${files.length === 1 ? files[0] : `${files.length} files`}`);
  const summary = new FileSummary();
  const report = await read(files, {}, (batch) => summary.add(batch));
  summary.print();
  report.print();
}

/** Streams the files one after the other. No batch outlives the call that it is given to. */
async function read(
  files: readonly string[],
  options: ScanOptions,
  visit: (batch: RecordBatch) => void,
): Promise<RunReport> {
  const report = new RunReport();
  for (const file of files) {
    const stream = scanParquet(file, {
      ...options,
      memoryLimit: MEMORY_LIMIT,
      progress: showProgress,
    });
    for await (using batch of stream) {
      report.batchCame(batch.numRows);
      visit(batch);
    }
    report.fileDone(stream.stats());
  }
  return report;
}
