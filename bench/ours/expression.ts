/**
 * Predicates as our expressions.
 *
 * @module
 */

import { and, col, or, type Predicate as Condition } from "spillway";
import type { Literal, Predicate } from "../predicates/predicate.ts";

/** The expression that a user would write. */
export function toExpression(predicate: Predicate): Condition {
  switch (predicate.test) {
    case "and":
      return and(...predicate.parts.map(toExpression));
    case "or":
      return or(...predicate.parts.map(toExpression));
    case "between":
      return col(predicate.column).between(toValue(predicate.low), toValue(predicate.high));
    case "in":
      return col(predicate.column).in(predicate.values.map(toValue));
    case "contains":
      return col(predicate.column).contains(predicate.text);
    case "startsWith":
      return col(predicate.column).startsWith(predicate.text);
    case "isNull":
      return col(predicate.column).isNull();
    case "below":
      return col(predicate.column).lt(col(predicate.other));
    default:
      return col(predicate.column)[predicate.test](toValue(predicate.value));
  }
}

function toValue(value: Literal): number | string | Date {
  if (typeof value !== "object") return value;
  // Numbers are compared with decimals by their shortest decimal text, so 0.05 is exact.
  if ("decimal" in value) return Number(value.decimal);
  return new Date("date" in value ? value.date : value.instant);
}
