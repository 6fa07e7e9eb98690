/**
 * Two values beside each other: no constant is among them.
 *
 * @module
 */
import fc from "fast-check";
import { anyNumber } from "./any_number.ts";
import { anyText } from "./any_text.ts";
import { anyTime } from "./any_time.ts";
import { type Comparable, type Condition, condition } from "./condition.ts";
import { numberColumns } from "./number_columns.ts";
import { asDecimal } from "./number_kind.ts";
import type { NumberTerm } from "./number_term.ts";
import { type Comparison, comparison, flipped, operatorOf } from "./predicate_constants.ts";
import { hugeint, sqlOf } from "./sql.ts";

/** Exactly, where DuckDB would make a double of the integer. */
function integerBesideFloat(name: Comparison, integer: string, float: string): string {
  const whole = `floor(${float}::DOUBLE)`;
  const order = `(CASE WHEN ${integer} IS NULL OR ${float} IS NULL THEN NULL
    WHEN isnan(${float}) OR ${float}::DOUBLE > 1e30 THEN -1 WHEN ${float}::DOUBLE < -1e30 THEN 1
    WHEN ${integer} < ${whole}::HUGEINT THEN -1 WHEN ${integer} > ${whole}::HUGEINT THEN 1
    WHEN ${float}::DOUBLE > ${whole} THEN -1 ELSE 0 END)`;
  return `(${order} ${operatorOf(name)} 0)`;
}

/** The comparison of two numbers, exactly. */
export function numbersCompared(
  left: NumberTerm,
  right: NumberTerm,
  name: Comparison,
): string | null {
  return sqlOf([left.sql, right.sql], (a, b) => {
    const [x, y] = [left.kind, right.kind];
    if (x.is === "float" && y.is === "float") {
      return `(${a}::DOUBLE ${operatorOf(name)} ${b}::DOUBLE)`;
    }
    if (x.is === "integer" && y.is === "float") return integerBesideFloat(name, a, b);
    if (x.is === "float" && y.is === "integer") return integerBesideFloat(flipped[name], b, a);
    // DuckDB has no exact comparison of a decimal with a double.
    if (x.is === "float" || y.is === "float") return null;
    const [p, q] = [asDecimal(x), asDecimal(y)];
    const scale = Math.max(p.scale, q.scale);
    // Nor numbers of so many digits.
    if (Math.max(p.precision - p.scale, q.precision - q.scale) + scale > 38) return null;
    const whole = (sql: string, from: number) =>
      `(${sql} * ${hugeint(10n ** BigInt(scale - from))})`;
    return `(${whole(a, p.scale)} ${operatorOf(name)} ${whole(b, q.scale)})`;
  });
}

const numberColumn = fc.constantFrom(...numberColumns);

/** Two numbers, texts or times beside each other. */
export const pairCondition: fc.Arbitrary<Condition> = fc.oneof(
  ...[anyNumber, numberColumn].map((any) =>
    fc.tuple(any, any, comparison).map(([left, right, name]) =>
      condition(left.expression[name](right.expression), numbersCompared(left, right, name))
    )
  ),
  ...[anyText, anyTime].map((any: fc.Arbitrary<Comparable>) =>
    fc.tuple(any, any, comparison).map(([left, right, name]) =>
      condition(
        left.expression[name](right.expression),
        sqlOf([left.sql, right.sql], (a, b) => `(${a} ${operatorOf(name)} ${b})`),
      )
    )
  ),
);
