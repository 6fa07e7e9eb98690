/**
 * Lets contenders answer the same questions in turns, and checks every answer before its time counts.
 *
 * @module
 */

import { type Contender, progress, type Run, runProcess } from "../harness.ts";
import { projectPath } from "../../scripts/project.ts";
import { median, pairedRatio } from "../statistics.ts";
import { python } from "../tools.ts";
import type { Answer, AnswerArguments, AnswerReport, FileQuestion } from "./question.ts";
import { inTurn } from "../turns.ts";
import { predicateSql } from "./sql.ts";

/** A contender of a race. */
export interface Racer extends Contender {
  /** Whose times the goals are about, who is to be beaten, or who is only shown. */
  readonly side: "ours" | "rival" | "aside";
  /** Of our own only: filter after a complete scan. */
  readonly unfused?: boolean;
}

/** All answers of a racer. */
export interface Lane {
  readonly racer: Racer;
  /** Seconds by question, then by round. */
  readonly seconds: readonly (readonly number[])[];
  /** The checked answers, by question. */
  readonly checked: readonly Answer[];
}

/**
 * Has every racer answer all questions in one process a round, in turns (A B C, C B A, ...).
 *
 * A first round, which isn't timed, adds up the checksums and warms up the page cache; the timed
 * rounds are checked by their numbers of rows. What is expected comes from DuckDB's aggregates over
 * the original files.
 *
 * @throws {Error} When a process fails or gives a wrong answer: no time is shown then.
 */
export async function race(
  racers: readonly Racer[],
  questions: readonly FileQuestion[],
  rounds: number,
): Promise<Lane[]> {
  const told = questions.map((one) => ({ ...one, sql: predicateSql(one.predicate) }));
  const expected = await expectedAnswers({ questions: told, check: true });
  const lanes = [];
  for (const racer of racers) {
    progress(`checking ${racer.name}`);
    const { report } = await run(racer, { questions: told, check: true });
    assertAnswers(racer, { questions, report, expected, check: true });
    const seconds = questions.map((): number[] => []);
    lanes.push({ racer, seconds, checked: report.answers });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { racer, seconds } of inTurn(lanes, round)) {
      if (round >= (racer.maxRounds ?? rounds)) continue;
      const { report } = await run(racer, { questions: told, check: false });
      assertAnswers(racer, { questions, report, expected, check: false });
      report.answers.forEach((answer, i) => seconds[i]?.push(answer.seconds));
    }
    progress(`round ${round + 1} of ${rounds}`);
  }
  return lanes;
}

async function run(racer: Racer, argument: AnswerArguments): Promise<Run<AnswerReport>> {
  const { unfused } = racer;
  return await runProcess(racer, { argument: unfused ? { ...argument, unfused } : argument });
}

async function expectedAnswers(argument: AnswerArguments): Promise<readonly Answer[]> {
  progress("asking DuckDB what to expect");
  const script = projectPath("bench/rivals/duckdb_expected.py");
  const oracle = { name: "DuckDB's aggregates", command: [await python(), script] };
  const { report } = await runProcess<AnswerReport>(oracle, { argument });
  return report.answers;
}

interface Check {
  readonly questions: readonly FileQuestion[];
  readonly report: AnswerReport;
  readonly expected: readonly Answer[];
  /** Whether the checksums are there too. */
  readonly check: boolean;
}

function assertAnswers({ name }: Racer, { questions, report, expected, check }: Check): void {
  questions.forEach((question, i) => {
    const [actual, right] = [report.answers[i], expected[i]];
    if (!actual || !right) throw new Error(`${name} didn't answer "${question.name}"`);
    if (actual.rows !== right.rows) {
      throw new Error(
        `${name} gave ${actual.rows} rows of "${question.name}" instead of ${right.rows}`,
      );
    }
    if (check && actual.sum !== right.sum) {
      const { column } = question.checksum;
      throw new Error(
        `${name}: the sum of ${column} in "${question.name}" is ${actual.sum} instead of ${right.sum}`,
      );
    }
  });
}

/** The rival that answers a question fastest, by its median. */
export function fastestRival(lanes: readonly Lane[], question: number): Lane {
  const [fastest] = lanes
    .filter(({ racer }) => racer.side === "rival")
    .toSorted((a, b) => middle(a, question) - middle(b, question));
  if (!fastest) throw new Error("A race without rivals");
  return fastest;
}

/** The median of a lane's seconds for a question. */
export function middle({ seconds }: Lane, question: number): number {
  return median(seconds[question] ?? []);
}

/** How many times longer a lane took for a question than another. */
export function laneRatio(slower: Lane, faster: Lane, question: number): number {
  return pairedRatio(slower.seconds[question] ?? [], faster.seconds[question] ?? []);
}
