/**
 * Runs contenders in processes of their own, in turns, and checks each result before using its time.
 *
 * @module
 */

import type { Dataset } from "./data.ts";
import { assertFingerprint } from "./fingerprint.ts";
import { type PeakMemory, samplePeakMemory } from "./peak_memory.ts";
import type { ProcessReport, ScanArguments, ScanMode } from "./report_line.ts";
import { inTurn } from "./turns.ts";

/** A library that does the case's work in a process of its own. */
export interface Contender {
  readonly name: string;
  /** Program and arguments; the JSON argument is appended. */
  readonly command: readonly string[];
  /** What the JSON argument holds besides path and mode. */
  readonly options?: Partial<ScanArguments>;
  /** The file, where the contenders read different ones. */
  readonly dataset?: Dataset;
  /** At most this many rounds, for contenders that take very long. */
  readonly maxRounds?: number;
}

/** One run of a process. */
export interface Run<Report extends ProcessReport = ProcessReport> {
  readonly report: Report;
  /** From before the start to after the exit, as the parent sees it. */
  readonly processSeconds: number;
  /** NaN where it wasn't sampled. */
  readonly peak: PeakMemory;
}

/** All runs of a contender, one a round. */
export interface Series {
  readonly contender: Contender;
  readonly runs: readonly Run[];
}

/** What {@linkcode compete} needs besides the contenders. */
export interface CompeteOptions {
  readonly dataset: Dataset;
  readonly rounds: number;
  readonly mode: Exclude<ScanMode, "verify">;
  /** Samples the memory of every run, at some hundred looks a second. */
  readonly sampleMemory?: boolean;
  /**
   * What a timed run is checked by: its rows, or that it made as many bytes as the verified run.
   *
   * @default {"rows"}
   */
  readonly checkedBy?: "rows" | "bytes";
}

/**
 * Verifies every contender once, then lets them run in turns (A B C, C B A, ...).
 *
 * The verifying runs scan everything and add up columns; they also warm up the page cache. The
 * timed runs only touch the batches, and are checked by their number of rows or bytes.
 *
 * @throws {Error} When a process fails or gives a wrong result: no time is shown then.
 */
export async function compete(
  contenders: readonly Contender[],
  { dataset, rounds, mode, sampleMemory = false, checkedBy = "rows" }: CompeteOptions,
): Promise<Series[]> {
  const series = [];
  for (const contender of contenders) {
    const verified = await verify(contender, contender.dataset ?? dataset);
    series.push({ contender, verified, runs: [] as Run[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contender, verified, runs } of inTurn(series, round)) {
      if (round >= (contender.maxRounds ?? rounds)) continue;
      const { path, extent, rows } = contender.dataset ?? dataset;
      const argument = { ...contender.options, ...extent, path, mode };
      const run = await runProcess(contender, { argument, sampleMemory });
      if (mode === "time") {
        if (checkedBy === "rows") assertRows(contender, run, rows);
        else assertBytes(contender, run, verified);
      }
      runs.push(run);
    }
    progress(`round ${round + 1} of ${rounds}`);
  }
  return series;
}

async function verify(contender: Contender, dataset: Dataset): Promise<Run> {
  const { path, extent, rows, fingerprint } = dataset;
  progress(`verifying ${contender.name}`);
  const argument = { ...contender.options, ...extent, path, mode: "verify" as const };
  const run = await runProcess(contender, { argument });
  assertRows(contender, run, rows);
  if (!run.report.fingerprint) throw new Error(`${contender.name} reported no sums`);
  assertFingerprint(contender.name, run.report.fingerprint, fingerprint);
  return run;
}

function assertRows({ name }: Contender, { report }: Run, expected: number): void {
  if (report.rows !== expected) {
    throw new Error(`${name} read ${report.rows} rows instead of ${expected}`);
  }
}

function assertBytes({ name }: Contender, { report }: Run, verified: Run): void {
  const expected = verified.report["bytes"];
  if (expected === undefined || report["bytes"] !== expected) {
    throw new Error(`${name} made ${report["bytes"]} bytes instead of ${expected}`);
  }
}

/** What {@linkcode runProcess} needs besides the contender. */
export interface RunOptions {
  /** What the process is told, as JSON. */
  readonly argument: object;
  readonly sampleMemory?: boolean;
  /** The anonymous memory above which the process is ended; it is sampled then. */
  readonly memoryCapBytes?: number;
}

/** A process was ended because it took more memory than it may. */
export class MemoryCapError extends Error {
  override readonly name = "MemoryCapError";
  readonly peak: PeakMemory;
  readonly processSeconds: number;

  /** Says who it was, and what was seen of it. */
  constructor(who: string, { peak, processSeconds }: Pick<Run, "peak" | "processSeconds">) {
    super(`${who} ran out of memory after ${processSeconds} s`);
    this.peak = peak;
    this.processSeconds = processSeconds;
  }
}

/**
 * Runs one process and reads its report, the last line that it prints.
 *
 * @throws {MemoryCapError} When the process took more memory than it may.
 * @throws {Error} When the process fails or prints no report.
 */
export async function runProcess<Report extends ProcessReport = ProcessReport>(
  { name, command }: Contender,
  { argument, memoryCapBytes, sampleMemory = memoryCapBytes !== undefined }: RunOptions,
): Promise<Run<Report>> {
  const [program = "", ...args] = command;
  const started = performance.now();
  const child = new Deno.Command(program, {
    args: [...args, JSON.stringify(argument)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const sampler = sampleMemory
    ? samplePeakMemory(child.pid, memoryCapBytes === undefined ? {} : { capBytes: memoryCapBytes })
    : undefined;
  const { success, code, signal, stdout, stderr } = await child.output();
  const processSeconds = (performance.now() - started) / 1000;
  const peak = sampler?.stop() ?? { anonymousBytes: NaN, totalBytes: NaN };
  if (sampler?.ranOut) throw new MemoryCapError(name, { peak, processSeconds });
  const decoder = new TextDecoder();
  if (!success) {
    const end = signal ?? `status ${code}`;
    throw new Error(`${name} ended with ${end}:\n${decoder.decode(stderr).trim()}`);
  }
  const line = decoder.decode(stdout).trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`${name} printed no report: ${line}`);
  return { report: JSON.parse(line), processSeconds, peak };
}

/** Says on stderr what is going on; on a terminal each message overwrites the last one. */
export function progress(message: string): void {
  const text = Deno.stderr.isTerminal() ? `\r\x1b[K  ${message}` : `  ${message}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
