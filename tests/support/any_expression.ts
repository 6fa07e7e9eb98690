import fc from "fast-check";
import { and, type CastType, coalesce, col, type Expression, lit, not, or } from "spillway";
import type { Literal, Operand, Predicate, Value } from "spillway";

const name = fc.oneof(
  fc.constantFrom("a", "b", "a.b", "size", "and", "with space", "", 'quo"te', "größe"),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);

const number: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 2 ** 53, 0.05, 1e300, 5e-324),
);
const bigint = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(0n, 2n ** 63n, -(2n ** 63n)),
);
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 10 }),
  fc.constantFrom("", "it's", "\0", "\u{1f30a}", "2026-01-31"),
);
const time = fc.date({ noInvalidDate: true });
const bytes = fc.uint8Array({ maxLength: 8 });

/** Any constant that every runtime has. */
export const anyLiteral: fc.Arbitrary<Literal> = fc.oneof(
  number,
  bigint,
  text,
  time,
  bytes,
  fc.boolean(),
  fc.constant(null),
);

const castType: fc.Arbitrary<CastType> = fc.constantFrom(
  "boolean",
  "int8",
  "uint64",
  "float32",
  "string",
  "binary",
  "date",
  "time(ns)",
  "timestamp(us)",
  "timestamp(ms,Europe/Berlin)",
  "decimal(38,10)",
);

interface Kinds {
  column: ReturnType<typeof col>;
  number: Expression<number>;
  text: Expression<string>;
  predicate: Predicate;
  any: Expression;
}

const kinds = fc.letrec<Kinds>((tie: fc.LetrecTypedTie<Kinds>) => ({
  column: fc.tuple(name, fc.option(name, { freq: 3 })).map(([root, field]) =>
    field === null ? col(root) : col(root).field(field)
  ),
  number: fc.oneof(
    { depthSize: "small" },
    tie("column"),
    fc.oneof(number, bigint).map((value) => lit<number | bigint>(value)),
    fc.tuple(
      tie("number"),
      fc.constantFrom("add", "sub", "mul", "div", "mod"),
      fc.oneof(number, bigint, tie("number")),
    ).map(([left, operation, right]) => left[operation](right)),
    tie("number").map((value) => value.neg()),
    tie("number").map((value) => value.abs()),
    tie("text").map((value) => value.length()),
    tie("column").map((value) => value.month()),
    fc.tuple(tie("number"), tie("number")).map(([first, other]) => coalesce(first, other, 0)),
  ),
  text: fc.oneof(
    { depthSize: "small" },
    tie("column"),
    text.map((value) => lit(value)),
    tie("text").map((value) => value.lower()),
    tie("text").map((value) => value.upper()),
    tie("any").map((value) => value.cast("string")),
  ),
  predicate: fc.oneof(
    { depthSize: "small" },
    tie("column"),
    fc.tuple(
      tie("column"),
      fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge"),
      fc.oneof<fc.Arbitrary<Operand<Value>>[]>(anyLiteral, tie("number"), tie("text")),
    ).map(([left, operation, right]) => left[operation](right)),
    fc.tuple(tie("number"), number, bigint).map(([value, low, high]) => value.between(low, high)),
    fc.tuple(tie("column"), fc.array(anyLiteral, { maxLength: 4 }), fc.boolean()).map((
      [value, list, negated],
    ) => negated ? value.notIn(list) : value.in(new Set(list))),
    tie("any").map((value) => value.isNull()),
    tie("any").map((value) => value.isNotNull()),
    tie("number").map((value) => value.isNaN()),
    fc.tuple(
      tie("text"),
      fc.constantFrom("startsWith", "endsWith", "contains", "like", "matches"),
      text,
    ).map(([value, operation, pattern]) => value[operation](pattern)),
    fc.array(tie("predicate"), { minLength: 1, maxLength: 4 }).map((parts) => and(...parts)),
    fc.array(tie("predicate"), { minLength: 1, maxLength: 4 }).map((parts) => or(...parts)),
    tie("predicate").map((value) => not(value)),
  ),
  any: fc.oneof(
    { depthSize: "small" },
    tie("column"),
    tie("number"),
    tie("text"),
    tie("predicate"),
    anyLiteral.map((value) => lit(value)),
    fc.tuple(tie("any"), castType).map(([value, type]) => value.cast(type)),
  ),
}));

/** Any expression that the methods make. */
export const anyExpression: fc.Arbitrary<Expression> = kinds.any;

/** Any predicate that the methods make. */
export const anyPredicate: fc.Arbitrary<Predicate> = kinds.predicate;
