/**
 * Calculations of any depth up to a few.
 *
 * @module
 */
import fc from "fast-check";
import { col } from "spillway";
import { anyText } from "./any_text.ts";
import { anyTimePart } from "./any_time.ts";
import { numberColumns, readNumbers } from "./number_columns.ts";
import { type IntegerKind, type NumberKind, type Operation } from "./number_kind.ts";
import {
  calculated,
  castTo,
  constantBeside,
  firstOf,
  type NumberTerm,
  orConstant,
  signed,
} from "./number_term.ts";
import { sqlOf } from "./sql.ts";

const int32: NumberKind = { is: "integer", bits: 32, signed: true };

/** The characters of a text, and the bytes of a binary. */
const anyLength: fc.Arbitrary<NumberTerm> = fc.oneof(
  anyText.map(({ expression, sql }): NumberTerm => ({
    expression: expression.length(),
    kind: int32,
    sql: sqlOf([sql], (sql) => `length(${sql})::HUGEINT`),
  })),
  fc.constantFrom<NumberTerm>(
    { expression: col("blob").length(), kind: int32, sql: "octet_length(blob)::HUGEINT" },
    {
      expression: col("uuid").length(),
      kind: int32,
      sql: "(CASE WHEN uuid IS NOT NULL THEN 16 END)::HUGEINT",
    },
  ),
);

const constant: fc.Arbitrary<number | bigint> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 2, arbitrary: fc.integer({ min: -20, max: 20 }).map((quarters) => quarters / 4) },
  { weight: 1, arbitrary: fc.constantFrom(0.1, -0.05, 1_000_000_007, NaN, Infinity, -0) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 64n, 2n ** 31n, 0n, -1n],
    ),
  },
);

const castKind: fc.Arbitrary<NumberKind> = fc.oneof(
  fc.tuple(fc.constantFrom(8, 16, 32, 64), fc.boolean()).map(([bits, signed]): NumberKind => ({
    is: "integer",
    bits: bits as IntegerKind["bits"],
    signed,
  })),
  fc.constantFrom<NumberKind>(
    { is: "float", bits: 32 },
    { is: "float", bits: 64 },
    { is: "decimal", precision: 9, scale: 2 },
    { is: "decimal", precision: 38, scale: 4 },
  ),
);

const operation = fc.constantFrom<Operation>("add", "sub", "mul", "div", "mod");

const numberColumn = fc.constantFrom(...numberColumns);

/** A column's numbers after one calculation, which can still be told from the column's bounds. */
export const simpleNumber: fc.Arbitrary<NumberTerm> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(numberColumn, castKind).map((parts) => castTo(...parts)) },
  {
    weight: 2,
    arbitrary: fc.tuple(operation, numberColumn, constant, fc.boolean()).map(
      ([operation, term, value, isFirst]) => {
        const other = constantBeside(value, term.kind);
        return isFirst ? calculated(operation, other, term) : calculated(operation, term, other);
      },
    ),
  },
);

const terms = fc.letrec<{ any: NumberTerm }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small", withCrossShrink: true },
    { weight: 5, arbitrary: numberColumn },
    { weight: 1, arbitrary: fc.constantFrom(...readNumbers) },
    { weight: 1, arbitrary: anyTimePart },
    { weight: 1, arbitrary: anyLength },
    {
      weight: 4,
      arbitrary: fc.tuple(operation, tie("any"), constant, fc.boolean()).map(
        ([operation, term, value, isFirst]) => {
          const other = constantBeside(value, term.kind);
          return isFirst ? calculated(operation, other, term) : calculated(operation, term, other);
        },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(operation, tie("any"), tie("any")).map((parts) => calculated(...parts)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom("neg" as const, "abs" as const), tie("any"))
        .map((parts) => signed(...parts)),
    },
    { weight: 2, arbitrary: fc.tuple(tie("any"), castKind).map((parts) => castTo(...parts)) },
    { weight: 1, arbitrary: fc.tuple(tie("any"), tie("any")).map((parts) => firstOf(...parts)) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("any"), fc.nat(100)).map((parts) => orConstant(...parts)),
    },
  ),
}));

/** Any calculation, or a column alone. */
export const anyNumber: fc.Arbitrary<NumberTerm> = terms.any;
