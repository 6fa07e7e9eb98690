/**
 * Polars in JavaScript, which collects a whole result.
 *
 * @module
 */

import type { Comparison, Literal, Predicate } from "../predicates/predicate.ts";
import {
  type Answer,
  type AnswerArguments,
  answerReport,
  type Checksum,
} from "../predicates/question.ts";
import { jsonArgument, report } from "../report_line.ts";
import { type Expr, type Frame, pl } from "./nodejs_polars.ts";

const comparisons = {
  eq: "eq",
  lt: "lt",
  le: "ltEq",
  gt: "gt",
  ge: "gtEq",
} as const satisfies Record<
  Comparison,
  keyof Expr
>;

const answers: Answer[] = [];
const { questions, check } = jsonArgument<AnswerArguments>();
for (const { path, predicate, columns, checksum } of questions) {
  const started = performance.now();
  const passing = pl.scanParquet(path).filter(expression(predicate));
  const frame = await (columns ? passing.select(...columns) : passing).collect({ streaming: true });
  const rows = frame.height;
  const sum = check ? sumOf(frame, checksum) : 0;
  answers.push({ rows, sum, seconds: (performance.now() - started) / 1000 });
}
report(answerReport(answers));

function expression(predicate: Predicate): Expr {
  if ("parts" in predicate) {
    const { test, parts } = predicate;
    return parts.map(expression).reduce((left, right) => left[test](right));
  }
  const column = pl.col(predicate.column);
  switch (predicate.test) {
    case "between":
      // Its own isBetween leaves out the bounds.
      return column.gtEq(literal(predicate.low)).and(column.ltEq(literal(predicate.high)));
    case "in":
      return column.isIn(predicate.values);
    case "contains":
      return column.str.contains(predicate.text, true);
    case "startsWith":
      return column.str.startsWith(predicate.text);
    case "isNull":
      return column.isNull();
    case "below":
      return column.lt(pl.col(predicate.other));
    default:
      return column[comparisons[predicate.test]](literal(predicate.value));
  }
}

function literal(value: Literal): Expr {
  if (typeof value !== "object") return pl.lit(value);
  if ("decimal" in value) return pl.lit(value.decimal).cast(pl.Decimal(15, 2));
  if ("date" in value) return pl.lit(new Date(value.date)).cast(pl.Date);
  return pl.lit(new Date(value.instant)).cast(pl.Datetime("us", "UTC"));
}

function sumOf(frame: Frame, { column, of }: Checksum): number {
  const values = pl.col(column);
  const numbers = of === "bytes" ? values.str.lengths() : values;
  // Decimals are added up exactly; the sum has fewer digits than a double.
  const sum = of === "hundredths" ? numbers.sum().cast(pl.Float64) : numbers.cast(pl.Int64).sum();
  const total = Number(frame.select(sum).row(0)[0] ?? 0);
  return of === "hundredths" ? Math.round(total * 100) : total;
}
