/**
 * Steps as text for people.
 *
 * @module
 */
import { formatExpression } from "../expressions/format_expression.ts";
import type { Step } from "./step.ts";

/**
 * Writes a step.
 *
 * @param step The step.
 * @returns Its text, such as `where celsius > 20` or `limit 10`.
 */
export function stepText(step: Step): string {
  if ("where" in step) return `where ${formatExpression(step.where)}`;
  if ("select" in step) return `select ${step.select.join(", ")}`.trimEnd();
  if ("rename" in step) {
    return `rename ${step.rename.map((names) => names.join(" to ")).join(", ")}`;
  }
  if ("withColumns" in step) {
    const columns = step.withColumns.map(([name, value]) => `${name} = ${formatExpression(value)}`);
    return `withColumns ${columns.join(", ")}`;
  }
  return "limit" in step ? `limit ${step.limit}` : `offset ${step.offset}`;
}
