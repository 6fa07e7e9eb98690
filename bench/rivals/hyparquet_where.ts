/**
 * hyparquet with its own filter, which knows no parts of texts and no two columns.
 *
 * @module
 */

import {
  type AsyncBuffer,
  asyncBufferFromFile,
  parquetQuery,
  type ParquetQueryFilter,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { Comparison, Literal, Predicate } from "../predicates/predicate.ts";
import {
  type Answer,
  type AnswerArguments,
  answerReport,
  type Checksum,
} from "../predicates/question.ts";
import { jsonArgument, report } from "../report_line.ts";

const operators: Record<Comparison, string> = {
  eq: "$eq",
  lt: "$lt",
  le: "$lte",
  gt: "$gt",
  ge: "$gte",
};

const answers: Answer[] = [];
const { questions, check } = jsonArgument<AnswerArguments>();
for (const { path, predicate, columns, checksum } of questions) {
  const started = performance.now();
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  const rows = await parquetQuery({
    file,
    compressors,
    filter: filter(predicate),
    ...columns ? { columns: [...columns] } : {},
  });
  let sum = 0;
  if (check) { for (const row of rows) sum += number(row[checksum.column], checksum); }
  answers.push({ rows: rows.length, sum, seconds: (performance.now() - started) / 1000 });
}
report(answerReport(answers));

function filter(predicate: Predicate): ParquetQueryFilter {
  switch (predicate.test) {
    case "and":
      return { $and: predicate.parts.map(filter) };
    case "or":
      return { $or: predicate.parts.map(filter) };
    case "between":
      return {
        $and: [
          { [predicate.column]: comparison("ge", predicate.low) },
          { [predicate.column]: comparison("le", predicate.high) },
        ],
      };
    case "in":
      // A 64-bit integer is a bigint, which equals a number only where equality isn't strict.
      return { [predicate.column]: { $in: predicate.values.map((one) => BigInt(`${one}`)) } };
    case "contains":
    case "startsWith":
    case "isNull":
    case "below":
      throw new Error(`hyparquet's filter has no counterpart of ${predicate.test}`);
    default:
      return { [predicate.column]: comparison(predicate.test, predicate.value) };
  }
}

function comparison(test: Comparison, value: Literal): { [operator: string]: unknown } {
  if (typeof value !== "object") return { [operators[test]]: value };
  if ("date" in value) return { [operators[test]]: new Date(value.date) };
  if ("instant" in value) return { [operators[test]]: new Date(value.instant) };
  // hyparquet makes doubles of decimals, 7 hundredths 0.07000000000000001: half a hundredth beside
  // the bound is exact again.
  const beside = test === "lt" || test === "ge" ? -0.005 : 0.005;
  return { [operators[test]]: Number(value.decimal) + beside };
}

function number(value: unknown, { of }: Checksum): number {
  // The texts are ASCII, so that characters are bytes.
  if (of === "bytes") return String(value).length;
  return of === "hundredths" ? Math.round(Number(value) * 100) : Number(value ?? 0);
}
