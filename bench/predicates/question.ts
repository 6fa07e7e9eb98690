/**
 * What a case asks of a file, and what the contenders are told and report.
 *
 * @module
 */

import type { ProcessReport } from "../report_line.ts";
import type { Predicate } from "./predicate.ts";

/** The column that an answer is checked by, summed over the rows that pass. */
export interface Checksum {
  readonly column: string;
  /** What is summed: integers, decimals with two digits in hundredths, or the bytes of texts. */
  readonly of: "integers" | "hundredths" | "bytes";
}

/** Which rows and columns are wanted of a file. */
export interface Question {
  readonly name: string;
  readonly predicate: Predicate;
  /** The columns of the result; absent means all. */
  readonly columns?: readonly string[];
  readonly checksum: Checksum;
}

/** A question to a file. */
export interface FileQuestion extends Question {
  readonly path: string;
  /** The file that the expected answer is computed from, where it isn't the same: the original. */
  readonly referencePath?: string;
}

/** The one argument of a contender: what to answer, one after the other. */
export interface AnswerArguments {
  readonly questions: readonly (FileQuestion & {
    /** The predicate in DuckDB's SQL. */
    readonly sql: string;
  })[];
  /** Adds up the checksums too: in the run that is checked, not in those that are timed. */
  readonly check: boolean;
  /** Of our own contenders only: filter after a complete scan, with nothing pushed down. */
  readonly unfused?: boolean;
}

/** What a contender found. */
export interface Answer {
  readonly rows: number;
  /** The sum of the {@linkcode Checksum}, 0 where none was asked for. */
  readonly sum: number;
  /** From the call to the last batch. */
  readonly seconds: number;
  /** Compressed bytes that were read, where the contender knows. */
  readonly bytesRead?: number;
  /** Compressed bytes of the columns that the question is about. */
  readonly bytesOfColumns?: number;
}

/** The last line that a contender prints. */
export interface AnswerReport extends ProcessReport {
  readonly answers: readonly Answer[];
}

/** Puts answers into a report. */
export function answerReport(answers: readonly Answer[]): AnswerReport {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    rows: sum(answers.map(({ rows }) => rows)),
    seconds: sum(answers.map(({ seconds }) => seconds)),
    answers,
  };
}
