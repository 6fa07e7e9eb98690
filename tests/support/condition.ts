/**
 * Predicates beside the SQL that means the same, and those that compare a value with constants.
 *
 * @module
 */
import fc from "fast-check";
import { type Expression, lit, type Literal, type Predicate } from "spillway";
import {
  compared,
  comparison,
  type Constant,
  decided,
  flipped,
  nothing,
} from "./predicate_constants.ts";
import { sqlOf } from "./sql.ts";

/** A predicate, and the SQL that DuckDB answers the same with. */
export interface Condition {
  readonly predicate: Predicate;
  /** None where DuckDB means something else on purpose, or has nothing that means it. */
  readonly sql: string | null;
  readonly [fc.toStringMethod]: () => string;
}

/** Puts a predicate and its SQL together. */
export function condition(predicate: Predicate, sql: string | null): Condition {
  return { predicate, sql, [fc.toStringMethod]: () => `${predicate} -- ${sql}` };
}

/** A constant that is the same beside all values. */
export function asIs(constant: Constant): Constant {
  return constant;
}

/** A value that can be compared with constants. */
export interface Comparable {
  readonly expression: Expression;
  readonly sql: string | null;
}

function expressionOf(literal: Literal): Expression {
  return lit(literal);
}

/**
 * The conditions that compare a value with constants, or ask whether it is null.
 *
 * @param value The value
 * @param constant A constant, perhaps in a form that fits any value
 * @param beside Turns that into the constant beside a certain value
 */
export function comparisons<Value extends Comparable, Form>(
  value: fc.Arbitrary<Value>,
  constant: fc.Arbitrary<Form>,
  beside: (constant: Form, value: Value) => Constant,
): fc.Arbitrary<Condition> {
  const operand = fc.oneof(
    { weight: 12, arbitrary: constant.map((form) => (value: Value) => beside(form, value)) },
    { weight: 1, arbitrary: fc.constant(() => nothing) },
  );
  return fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(value, comparison, operand, fc.boolean()).map(
        ([value, name, operand, isLast]) => {
          const { literal, place } = operand(value);
          const predicate = isLast
            ? expressionOf(literal)[flipped[name]](value.expression)
            : value.expression[name](literal);
          return condition(predicate, sqlOf([value.sql], (sql) => compared(sql, name, place)));
        },
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(value, operand, operand).map(([value, ...operands]) => {
        const [low, high] = [operands[0](value), operands[1](value)];
        const sql = sqlOf(
          [value.sql],
          (sql) => `(${compared(sql, "ge", low.place)} AND ${compared(sql, "le", high.place)})`,
        );
        return condition(value.expression.between(low.literal, high.literal), sql);
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(value, fc.array(operand, { maxLength: 12 }), fc.boolean()).map(
        ([value, operands, negated]) => {
          const list = operands.map((operand) => operand(value));
          const literals = list.map(({ literal }) => literal);
          const sql = sqlOf([value.sql], (sql) => {
            const any = [
              decided(sql, false),
              ...list.map(({ place }) => compared(sql, "eq", place)),
            ];
            return `(${negated ? "NOT " : ""}(${any.join(" OR ")}))`;
          });
          return condition(value.expression[negated ? "notIn" : "in"](literals), sql);
        },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(value, fc.boolean()).map(([{ expression, sql }, negated]) =>
        condition(
          negated ? expression.isNotNull() : expression.isNull(),
          sqlOf([sql], (sql) => `(${sql} IS ${negated ? "NOT " : ""}NULL)`),
        )
      ),
    },
  );
}
