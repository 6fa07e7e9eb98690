/**
 * The columns of an expression.
 *
 * @module
 */
import type { ExpressionJson } from "./expression_json.ts";

/**
 * Finds the columns that occur in an expression.
 *
 * @param json The expression.
 * @returns Their paths, each once, in the order in which they occur first.
 */
export function columnsOf(json: ExpressionJson): (readonly string[])[] {
  const columns = new Map<string, readonly string[]>();
  const visit = (part: ExpressionJson): void => {
    if ("column" in part) columns.set(JSON.stringify(part.column), part.column);
    else if ("call" in part) part.arguments.forEach(visit);
  };
  visit(json);
  return [...columns.values()];
}
