/**
 * Constants in expressions.
 *
 * @module
 */
import { Expression } from "./expression.ts";
import type { Literal, ValueOf } from "./literal.ts";

/**
 * A constant as an expression. Needed only where an expression has to begin with one: beside an
 * expression, constants stand for themselves.
 *
 * @param value The constant. Bytes are copied.
 * @returns The expression.
 * @throws {TypeError} Where the value can't be a constant: an invalid `Date`, text with lone
 * surrogates, `undefined`, any other object.
 *
 * @example
 * ```ts
 * import { col, lit } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(String(lit(1).sub(col("rate")))).toBe("1 - rate");
 * expect(String(lit(new Date(0)).lt(col("ts")))).toBe("TIMESTAMP '1970-01-01T00:00:00.000Z' < ts");
 * expect(() => lit(new Date("yesterday"))).toThrow(TypeError);
 * ```
 */
export function lit<Constant extends Literal>(value: Constant): Expression<ValueOf<Constant>> {
  return new Expression(Expression.nodeOf(value));
}
