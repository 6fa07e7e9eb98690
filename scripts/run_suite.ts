/**
 * Runs one suite, showing its output.
 *
 * @module
 */

import { type Counts, judge } from "./counts.ts";
import { projectPath } from "./project.ts";
import type { Suite } from "./suites.ts";

/** A runner that hangs is ended after this time, so that the report still comes. */
const TIME_LIMIT_MS = 25 * 60_000;

/** How a suite ended. */
export interface SuiteReport {
  readonly title: string;
  readonly counts: Counts;
  /** What went wrong beside failed tests, or null. */
  readonly problem: string | null;
  /** What the runner said of the tests that failed. */
  readonly failures: readonly string[];
}

/** Where a suite's output is shown. */
export interface Screen {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Takes some of the bytes, and tells how many. */
export interface Sink {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Runs a suite to its end, showing its output on `screen`. Never throws: whatever goes wrong is in
 * the report.
 */
export async function runSuite(suite: Suite, screen: Screen): Promise<SuiteReport> {
  try {
    const { output, code } = await run(suite, screen);
    const failures = suite.failures(output);
    return { title: suite.title, ...judge(suite.counts(output), code), failures };
  } catch (error) {
    return failedSuite(suite.title, error);
  }
}

/** The report of a suite that could not be run. */
export function failedSuite(title: string, error: unknown): SuiteReport {
  const problem = `could not run: ${error instanceof Error ? error.message : error}`;
  return { title, counts: { passed: 0, failed: 1, skipped: 0 }, problem, failures: [] };
}

async function run(
  { command, args }: Suite,
  screen: Screen,
): Promise<{ output: string; code: number }> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: projectPath(""),
    stdin: "null",
    stdout: "piped",
    stderr: "piped", // Bun prints its counts there
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  }).spawn();
  const [printed, complained, { code }] = await Promise.all([
    tee(child.stdout, screen.stdout),
    tee(child.stderr, screen.stderr),
    child.status,
  ]);
  return { output: `${printed}\n${complained}`, code };
}

/** Passes output on as it comes, and keeps it. */
async function tee(
  from: ReadableStream<Uint8Array>,
  to: Sink,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of from) {
    for (let at = 0; at < chunk.length;) at += to.writeSync(chunk.subarray(at));
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
