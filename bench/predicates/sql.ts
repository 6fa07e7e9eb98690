/**
 * Predicates as DuckDB's SQL.
 *
 * @module
 */

import type { Comparison, Literal, Predicate } from "./predicate.ts";

const operators: Record<Comparison, string> = { eq: "=", lt: "<", le: "<=", gt: ">", ge: ">=" };

/** The text after WHERE. */
export function predicateSql(predicate: Predicate): string {
  switch (predicate.test) {
    case "and":
    case "or":
      return `(${predicate.parts.map(predicateSql).join(` ${predicate.test} `)})`;
    case "between":
      return `${predicate.column} between ${literalSql(predicate.low)} and ${
        literalSql(predicate.high)
      }`;
    case "in":
      return `${predicate.column} in (${predicate.values.map(literalSql).join(", ")})`;
    case "contains":
      return `contains(${predicate.column}, ${literalSql(predicate.text)})`;
    case "startsWith":
      return `starts_with(${predicate.column}, ${literalSql(predicate.text)})`;
    case "isNull":
      return `${predicate.column} is null`;
    case "below":
      return `${predicate.column} < ${predicate.other}`;
    default:
      return `${predicate.column} ${operators[predicate.test]} ${literalSql(predicate.value)}`;
  }
}

function literalSql(value: Literal): string {
  if (typeof value === "number") return `${value}`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if ("decimal" in value) return value.decimal;
  return "date" in value ? `date '${value.date}'` : `timestamptz '${value.instant}'`;
}
