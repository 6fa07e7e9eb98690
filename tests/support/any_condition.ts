/**
 * Predicates of all operators, each with the SQL that means the same.
 *
 * @module
 */
import fc from "fast-check";
import { and, type Expression, not, or, type Predicate } from "spillway";
import { anyNumber } from "./any_number.ts";
import { anyText, textConstant, textTest } from "./any_text.ts";
import { anyTime, timeConstant } from "./any_time.ts";
import { columnCondition } from "./column_condition.ts";
import { asIs, comparisons, type Condition, condition } from "./condition.ts";
import { besideNumber, numberConstant } from "./number_constant.ts";
import { pairCondition } from "./pair_condition.ts";
import { sqlOf } from "./sql.ts";

export type { Condition } from "./condition.ts";

const nanCondition = anyNumber.map(({ expression, kind, sql }) =>
  condition(
    expression.isNaN(),
    sqlOf(
      [sql],
      (sql) =>
        kind.is === "float" ? `isnan(${sql})` : `(CASE WHEN ${sql} IS NOT NULL THEN false END)`,
    ),
  )
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
  { weight: 3, arbitrary: comparisons(anyNumber, numberConstant, besideNumber) },
  { weight: 1, arbitrary: comparisons(anyText, textConstant, asIs) },
  { weight: 1, arbitrary: comparisons(anyTime, timeConstant, asIs) },
  { weight: 2, arbitrary: pairCondition },
  { weight: 2, arbitrary: textTest.map(({ predicate, sql }) => condition(predicate, sql)) },
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
