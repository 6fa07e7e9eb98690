/**
 * `and`, `or` and `not` as functions.
 *
 * @module
 */
import { describeValue } from "./describe_value.ts";
import { Expression, type Predicate } from "./expression.ts";

/**
 * True where all predicates are, false where one is false, else null.
 *
 * @param predicates One or more.
 * @returns The predicate that joins them.
 * @throws {TypeError} Where there are none, or one is no predicate.
 *
 * @example
 * ```ts
 * import { and, col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const conditions = [col("size").gt(10), col("name").startsWith("a")];
 * expect(String(and(...conditions))).toBe("size > 10 AND starts_with(name, 'a')");
 * ```
 */
export function and(...predicates: readonly Predicate[]): Predicate {
  const [first, ...others] = checkPredicates("and", predicates);
  return first.and(...others);
}

/**
 * True where one of the predicates is, false where all are false, else null.
 *
 * @param predicates One or more.
 * @returns The predicate that joins them.
 * @throws {TypeError} Where there are none, or one is no predicate.
 *
 * @example
 * ```ts
 * import { col, or } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const small = or(col("size").lt(10), col("size").isNull());
 * expect(String(small.and(col("kept")))).toBe("(size < 10 OR size IS NULL) AND kept");
 * ```
 */
export function or(...predicates: readonly Predicate[]): Predicate {
  const [first, ...others] = checkPredicates("or", predicates);
  return first.or(...others);
}

/**
 * True where the predicate is false, and the other way round; null stays null.
 *
 * @param predicate The predicate.
 * @returns Its opposite.
 * @throws {TypeError} Where it is no predicate.
 *
 * @example
 * ```ts
 * import { col, not } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(String(not(col("a").eq(1).or(col("b"))))).toBe("NOT (a = 1 OR b)");
 * ```
 */
export function not(predicate: Predicate): Predicate {
  const [only] = checkPredicates("not", [predicate]);
  return only.not();
}

function checkPredicates(
  name: string,
  predicates: readonly Predicate[],
): readonly [Predicate, ...Predicate[]] {
  for (const predicate of predicates as readonly unknown[]) {
    if (predicate instanceof Expression) continue;
    const given = describeValue(predicate);
    throw new TypeError(`${name} takes predicates, such as col("size").gt(10), not ${given}`);
  }
  const [first, ...others] = predicates;
  if (first === undefined) throw new TypeError(`${name} takes one predicate or more, not none`);
  return [first, ...others];
}
