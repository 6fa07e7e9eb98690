/**
 * `coalesce` as a function.
 *
 * @module
 */
import { Expression } from "./expression.ts";
import type { Operand } from "./operand.ts";

/**
 * The first of some values that is not null.
 *
 * @param first The expression that is tried first.
 * @param others Expressions or constants, in order.
 * @returns The value, or null where all are.
 * @throws {TypeError} Where it is known that the kinds differ.
 *
 * @example
 * ```ts
 * import { coalesce, col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const name = coalesce(col("nick").lower(), col("name"), "nobody");
 * expect(String(name.ne("nobody"))).toBe("coalesce(lower(nick), name, 'nobody') <> 'nobody'");
 * ```
 */
export function coalesce<Kind>(
  first: Expression<Kind>,
  ...others: readonly Operand<Kind>[]
): Expression<Kind> {
  return new Expression<Kind>(Expression.nodeOf(first)).coalesce(...others);
}
