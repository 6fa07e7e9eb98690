/**
 * Reads the closing counts that test runners print.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Sums the `test result:` lines of `cargo test`: one for each test binary, one for the examples. */
export function cargoCounts(output: string): Counts | null {
  const lines = linesOf(output).filter((line) => line.startsWith("test result:"));
  return lines.length === 0 ? null : lines
    .map((line) => ({
      passed: numberBefore(line, "passed"),
      failed: numberBefore(line, "failed"),
      skipped: numberBefore(line, "ignored"),
    }))
    .reduce(addCounts);
}

/** Reads the closing line of `deno test`: `ok | 5 passed (2 steps) | 0 failed | 1 ignored (3ms)`. */
export function denoCounts(output: string): Counts | null {
  const line = linesOf(output).findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line));
  return line === undefined ? null : {
    passed: numberBefore(line, "passed"),
    failed: numberBefore(line, "failed"),
    skipped: numberBefore(line, "ignored"),
  };
}

/** Reads the closing lines of `bun test`: ` 5 pass`, ` 1 skip`, ` 0 fail`, `Ran 6 tests across ...`. */
export function bunCounts(output: string): Counts | null {
  const lines = linesOf(output);
  const end = lines.findLastIndex((line) => /^Ran \d+ tests? across/.test(line));
  if (end < 0) return null;
  const closing = lines.slice(Math.max(0, end - 12), end);
  const count = (word: string) => {
    const line = closing.findLast((line) => new RegExp(`^\\s*\\d+ ${word}s?$`).test(line));
    return line === undefined ? 0 : numberBefore(line, word);
  };
  return {
    passed: count("pass"),
    // A file that can't be loaded counts as both; an error outside of tests as the second only.
    failed: Math.max(count("fail"), count("error")),
    skipped: count("skip") + count("todo"),
  };
}

/** Adds up two counts. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * Holds the counts against the runner's exit code: a runner that crashed, failed without a failed
 * test, or ran nothing counts as one failure.
 *
 * @returns The counts to report, and what is wrong with the run where they do not show it.
 */
export function judge(
  counts: Counts | null,
  exitCode: number,
): { counts: Counts; problem: string | null } {
  const seen = counts ?? { passed: 0, failed: 0, skipped: 0 };
  if (seen.failed > 0) return { counts: seen, problem: null };
  const problem = counts === null
    ? `ended with ${exitCode} and without its closing counts`
    : exitCode !== 0
    ? `ended with ${exitCode} though no test failed`
    : seen.passed === 0
    ? "ran no test"
    : null;
  return { counts: problem ? { ...seen, failed: 1 } : seen, problem };
}

/** The line that ends a report: `12 passed, 0 failed`, and `, 3 skipped` where some were. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function linesOf(output: string): string[] {
  return stripVTControlCharacters(output).split(/\r?\n/);
}

function numberBefore(line: string, word: string): number {
  return Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
}
