/**
 * Finds, in what a test runner printed, what it said of the tests that failed.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** The most lines that are repeated of one section, from its start. */
const MAX_LINES = 60;

/** The `failures:` sections of `cargo test`, one for each test binary that has one. */
export function cargoFailures(output: string): string[] {
  return sections(linesOf(output), (line) => line === "failures:", isCargoEnd);
}

/** The `ERRORS` section of `deno test`, which names each test, its place and its error. */
export function denoFailures(output: string): string[] {
  return sections(linesOf(output), (line) => line === " ERRORS ", (line) => line === " FAILURES ");
}

/** Each `(fail)` line of `bun test` with its error, which stands before it. */
export function bunFailures(output: string): string[] {
  const lines = linesOf(output);
  const failed = [...lines.keys()].filter((at) => lines[at]!.startsWith("(fail) "));
  // The runner ends with the list of all failed tests once more, each without its error.
  const end = lines.findLastIndex((line) => /^\d+ tests? failed:$/.test(line));
  return failed.filter((at) => end < 0 || at < end).map((at) => {
    const before = lines.slice(0, at).findLastIndex((line) =>
      /^\((pass|skip|todo|fail)\) /.test(line)
    );
    return cut([lines[at]!, ...lines.slice(before + 1, at)]);
  });
}

function isCargoEnd(line: string): boolean {
  return line === "failures:" || line.startsWith("test result:");
}

/** The lines between each start and the next end, without those of sections that are empty. */
function sections(
  lines: readonly string[],
  isStart: (line: string) => boolean,
  isEnd: (line: string) => boolean,
): string[] {
  const found: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!isStart(lines[at]!)) continue;
    const length = lines.slice(at + 1).findIndex(isEnd);
    const end = length < 0 ? lines.length : at + 1 + length;
    found.push(cut(lines.slice(at + 1, end)));
    at = end;
  }
  return found.filter((section) => section !== "");
}

function cut(lines: readonly string[]): string {
  const kept = lines.slice(0, MAX_LINES);
  const left = lines.length - kept.length;
  return [...kept, ...left > 0 ? [`... ${left} more lines`] : []].join("\n").trim();
}

function linesOf(output: string): string[] {
  return stripVTControlCharacters(output).split(/\r?\n/);
}
