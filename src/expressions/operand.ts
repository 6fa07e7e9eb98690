/**
 * What operations take beside an expression.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import type { Literal, TemporalLike } from "./literal.ts";

/**
 * A constant that an expression of a kind can be compared with.
 *
 * Text stands for a number, a date or a time beside one.
 */
export type ConstantOperand<Kind> = [Kind] extends [never] ? Literal
  :
    | null
    | (boolean extends Kind ? boolean : never)
    | (number extends Kind ? number | bigint | string : never)
    | (string extends Kind ? string : never)
    | (Date extends Kind ? Date | TemporalLike | string : never)
    | (Uint8Array extends Kind ? Uint8Array : never);

/**
 * What an expression of a kind can be compared with: a constant or another expression.
 *
 * @example
 * ```ts
 * import { col, type Operand } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const limits: Operand<number>[] = [10, 10n, "10.50", col("limit"), null];
 * expect(limits.map((limit) => String(col("size").mul(2).lt(limit)))[2]).toBe("size * 2 < '10.50'");
 * ```
 */
export type Operand<Kind> =
  | ConstantOperand<Kind>
  // For a column of any kind, an expression of one of them.
  | ([Kind] extends [never] ? Expression : Kind extends unknown ? Expression<Kind> : never);

/** What can be calculated with. */
export type NumberOperand = number | bigint | null | Expression<number>;

/** Several constants. */
export type ConstantOperands<Kind> =
  | readonly ConstantOperand<Kind>[]
  | ReadonlySet<ConstantOperand<Kind>>;
