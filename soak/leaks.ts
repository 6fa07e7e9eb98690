/**
 * The leak soak: the same operations for a long time on each runtime, both at once, judged and drawn.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawCharts } from "./leaks/chart.ts";
import { describeVerdict, judge, type Verdict } from "./leaks/judge.ts";
import { runLeakSoak } from "./leaks/run_leak_soak.ts";
import { toCsv } from "./leaks/table.ts";
import { type Runtime, titles } from "./runtimes.ts";

/** What {@linkcode soakLeaks} is told. */
export interface LeakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** A folder for the drawing and the samples of each runtime; nothing is written without one. */
  readonly out?: string | undefined;
  /** Told how far each runtime is, and what was found. */
  readonly report: (line: string) => void;
}

/** Four times each operation, about, between the moments at which all must be back. */
const REST_EVERY = 256;
const REPORT_SECONDS = 60;

/**
 * Soaks the runtimes at once.
 *
 * @returns Whether nothing leaks
 * @throws {Error} Where a process died, hung, or gave something wrong
 */
export async function soakLeaks(
  runtimes: readonly Runtime[],
  options: LeakOptions,
): Promise<boolean> {
  const all = await Promise.all(runtimes.map((runtime) => soakOne(runtime, options)));
  return all.flat().every(({ leaks }) => !leaks);
}

async function soakOne(
  runtime: Runtime,
  { minutes, seed, out, report }: LeakOptions,
): Promise<readonly Verdict[]> {
  const title = titles[runtime.name];
  let reported = 0;
  const samples = await runLeakSoak(runtime, {
    seed,
    seconds: minutes * 60,
    operations: Number.MAX_SAFE_INTEGER,
    restEvery: REST_EVERY,
    onSample({ seconds, operations }) {
      if (seconds - reported < REPORT_SECONDS) return;
      reported = seconds;
      report(`${title}: ${operations} operations in ${Math.round(seconds / 60)} minutes`);
    },
  });
  const verdicts = judge(samples);
  const { operations = 0, seconds = 0 } = samples.at(-1) ?? {};
  const heading = `${title}: ${operations.toLocaleString("en")} operations ` +
    `in ${(seconds / 60).toFixed(0)} minutes`;
  report([heading, ...verdicts.map(describeVerdict)].join("\n  "));
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `soak_${runtime.name}.csv`), toCsv(samples));
    writeFileSync(
      join(out, `soak_${runtime.name}.svg`),
      drawCharts(samples, { title: heading, verdicts }),
    );
  }
  return verdicts;
}
