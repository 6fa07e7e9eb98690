/**
 * Predicates of all operators, each with the SQL that means the same.
 *
 * @module
 */
import fc from "fast-check";
import { and, type Expression, not, or, type Predicate } from "spillway";
import { anyNumber, simpleNumber } from "./any_number.ts";
import { anyText, textConstant, textTest } from "./any_text.ts";
import { anyTime, timeConstant } from "./any_time.ts";
import { columnCondition } from "./column_condition.ts";
import { asIs, comparisons, type Condition, condition } from "./condition.ts";
import { floatColumns } from "./number_columns.ts";
import { besideNumber, numberConstant } from "./number_constant.ts";
import { int64 } from "./number_kind.ts";
import { calculated, castTo, constantBeside } from "./number_term.ts";
import { numbersCompared, pairCondition } from "./pair_condition.ts";
import { comparison } from "./predicate_constants.ts";
import { sqlOf } from "./sql.ts";

export type { Condition } from "./condition.ts";

const nanCondition = fc.oneof(fc.constantFrom(...floatColumns), anyNumber).map((
  { expression, kind, sql },
) =>
  condition(
    expression.isNaN(),
    sqlOf(
      [sql],
      (sql) =>
        kind.is === "float" ? `isnan(${sql})` : `(CASE WHEN ${sql} IS NOT NULL THEN false END)`,
    ),
  )
);

/**
 * The remainder of a number by a few of its last digit: any other number has another one, where few
 * constants are near enough to it to be on its other side.
 */
const remainderCondition = fc.tuple(anyNumber, comparison, fc.constantFrom(2, 3, 7), fc.nat(6)).map(
  ([term, name, divisor, rest]) => {
    const whole = term.kind.is === "float"
      ? castTo(calculated("mul", term, constantBeside(8, term.kind)), int64)
      : term;
    // A number of more digits is printed with an exponent.
    const scale = whole.kind.is === "decimal" ? Math.min(whole.kind.scale, 6) : 0;
    const unit = 10 ** -scale;
    const [of, to] = [divisor, rest].map((value) => Number((value * unit).toFixed(scale)));
    const remainder = calculated("mod", whole, constantBeside(of!, whole.kind));
    return condition(
      remainder.expression[name](to!),
      numbersCompared(remainder, constantBeside(to!, remainder.kind), name),
    );
  },
);

/** Numbers and texts as booleans. */
const castCondition = fc.oneof(
  // No decimal can be cast to one.
  anyNumber.filter(({ kind }) => kind.is !== "decimal").map(({ expression, kind, sql }) =>
    condition(
      asBoolean(expression),
      // NaN is true here.
      kind.is === "float" ? null : sqlOf([sql], (sql) => `(${sql} <> 0)`),
    )
  ),
  // The words for true and false are not the same.
  anyText.map(({ expression }) => condition(asBoolean(expression), null)),
);

function asBoolean(expression: Expression): Predicate {
  return expression.cast("boolean");
}

const leaf = fc.oneof(
  { weight: 12, arbitrary: columnCondition },
  { weight: 2, arbitrary: comparisons(simpleNumber, numberConstant, besideNumber) },
  { weight: 2, arbitrary: comparisons(anyNumber, numberConstant, besideNumber) },
  { weight: 1, arbitrary: comparisons(anyText, textConstant, asIs) },
  { weight: 1, arbitrary: comparisons(anyTime, timeConstant, asIs) },
  { weight: 2, arbitrary: pairCondition },
  { weight: 2, arbitrary: textTest.map(({ predicate, sql }) => condition(predicate, sql)) },
  { weight: 2, arbitrary: remainderCondition },
  { weight: 1, arbitrary: nanCondition },
  { weight: 1, arbitrary: castCondition },
);

function treeOf(leaf: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> {
  return fc.letrec<{ any: Condition }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      {
        weight: 3,
        arbitrary: fc.tuple(fc.boolean(), fc.array(tie("any"), { minLength: 2, maxLength: 3 })).map(
          ([all, parts]) => {
            const predicates = parts.map(({ predicate }) => predicate);
            return condition(
              all ? and(...predicates) : or(...predicates),
              sqlOf(
                parts.map(({ sql }) => sql),
                (...sql) => `(${sql.join(all ? " AND " : " OR ")})`,
              ),
            );
          },
        ),
      },
      {
        weight: 1,
        arbitrary: tie("any").map(({ predicate, sql }) =>
          condition(not(predicate), sqlOf([sql], (sql) => `(NOT ${sql})`))
        ),
      },
    ),
  })).any;
}

/** Any predicate of all operators; DuckDB can be asked for nine of ten. */
export const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 9, arbitrary: treeOf(leaf.filter(({ sql }) => sql !== null)) },
  {
    weight: 1,
    arbitrary: treeOf(
      fc.oneof(
        { weight: 1, arbitrary: leaf.filter(({ sql }) => sql === null) },
        { weight: 1, arbitrary: leaf },
      ),
    ),
  },
);

/** The columns of a file that a predicate names. */
export function columnsNamed({ predicate }: Condition): string[] {
  return (predicate as Expression).columns().map(([name]) => name!.split(".")[0]!);
}
