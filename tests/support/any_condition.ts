/**
 * Predicates on the columns of {@linkcode predicateColumns}, each with the SQL that means the same.
 *
 * @module
 */
import fc from "fast-check";
import { and, coalesce, col, lit, not, or, type Predicate } from "spillway";
import {
  type ColumnName,
  type Constant,
  predicateColumnNames,
  predicateColumns,
} from "./predicate_columns.ts";

/** A predicate, and the SQL that DuckDB answers the same with. */
export interface Condition {
  readonly predicate: Predicate;
  readonly sql: string;
  readonly [fc.toStringMethod]: () => string;
}

const operators = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;
type Comparison = keyof typeof operators;
const comparison = fc.constantFrom(...Object.keys(operators) as Comparison[]);

function condition(predicate: Predicate, sql: string): Condition {
  return { predicate, sql, [fc.toStringMethod]: () => `${predicate} -- ${sql}` };
}

/** `null` for null, else what is known of every value. */
function decided(name: string, answer: boolean): string {
  return `(CASE WHEN ${name} IS NULL THEN NULL ELSE ${answer} END)`;
}

function compared(column: ColumnName, operator: Comparison, { sql, beyond }: Constant): string {
  if (beyond !== undefined) {
    const less = beyond === "above";
    const answers = { eq: false, ne: true, lt: less, le: less, gt: !less, ge: !less };
    return decided(column, answers[operator]);
  }
  return `(${predicateColumns[column].sql(column)} ${operators[operator]} ${sql ?? "NULL"})`;
}

const nothing: Constant = { literal: null, sql: null };

function leavesOf(column: ColumnName): fc.Arbitrary<Condition>[] {
  const { constant } = predicateColumns[column] as { constant: fc.Arbitrary<Constant> };
  const operand = fc.oneof({ weight: 12, arbitrary: constant }, {
    weight: 1,
    arbitrary: fc.constant(nothing),
  });
  const self = col(column);
  return [
    fc.tuple(comparison, operand).map(([operator, constant]) =>
      condition(
        self[operator](constant.literal),
        compared(column, operator, constant),
      )
    ),
    fc.tuple(operand, operand).map(([low, high]) =>
      condition(
        self.between(low.literal, high.literal),
        `(${compared(column, "ge", low)} AND ${compared(column, "le", high)})`,
      )
    ),
    fc.tuple(fc.array(operand, { maxLength: 12 }), fc.boolean()).map(([list, negated]) => {
      const literals = list.map(({ literal }) => literal);
      const any = [decided(column, false), ...list.map((one) => compared(column, "eq", one))];
      const sql = `(${any.join(" OR ")})`;
      return negated
        ? condition(self.notIn(literals), `(NOT ${sql})`)
        : condition(self.in(literals), sql);
    }),
    fc.boolean().map((negated) =>
      negated
        ? condition(self.isNotNull(), `(${column} IS NOT NULL)`)
        : condition(self.isNull(), `(${column} IS NULL)`)
    ),
  ];
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const piece = fc.constantFrom("", "a", "ab", "b", "x", "é", "\u{1f30a}", "%", "_", "it's", "Gr");
/**
 * A backslash only before what needs it: before another one it stands for itself here, while it
 * escapes that one in DuckDB.
 */
const likePattern = fc.array(fc.constantFrom("%", "_", "a", "b", "x", "é", "\\%", "\\_"), {
  maxLength: 5,
}).map((parts) => parts.join(""));
/** What RE2, which DuckDB has, and Rust's regex read the same way. */
const regex = fc.array(
  fc.constantFrom("^", "$", "a", "b+", "x*", "[ab]", ".", "(a|it's)", "é", "\\\\", "a{2}"),
  { minLength: 1, maxLength: 4 },
).map((parts) => parts.join("")).filter((text) => !/[$^][+*{]/.test(text));

const textTests = fc.oneof(
  piece.map((text) =>
    condition(col("text").startsWith(text), `starts_with(text, ${quoted(text)})`)
  ),
  piece.map((text) => condition(col("text").endsWith(text), `suffix(text, ${quoted(text)})`)),
  piece.map((text) => condition(col("text").contains(text), `contains(text, ${quoted(text)})`)),
  likePattern.map((text) =>
    condition(col("text").like(text), `(text LIKE ${quoted(text)} ESCAPE '\\')`)
  ),
  regex.map((text) =>
    condition(col("text").matches(text), `regexp_matches(text, ${quoted(text)}, 's')`)
  ).filter(({ predicate }) => !String(predicate).includes(".")),
);

const integers = ["i8", "i16", "i32", "u8", "u16", "u32"] as const;
const anyInteger = fc.constantFrom(...integers, "i64", "u64");
const small = fc.integer({ min: -5, max: 5 });

/**
 * Calculations whose results DuckDB has too: it fails where ours give null, so that operands are
 * small or wide enough, and a divisor of 0 is told apart.
 */
const computed = fc.oneof(
  fc.tuple(
    fc.constantFrom(...integers),
    fc.constantFrom("add", "sub", "mul"),
    small,
    comparison,
    small,
  )
    .map(([name, operation, by, operator, to]) => {
      const sign = { add: "+", sub: "-", mul: "*" }[operation];
      return condition(
        col(name)[operation](by)[operator](to),
        `(${name}::HUGEINT ${sign} (${by}) ${operators[operator]} (${to}))`,
      );
    }),
  fc.tuple(fc.constantFrom(...integers), small, comparison, small).map(([name, by, operator, to]) =>
    condition(
      col(name).mod(by)[operator](to),
      `(${name}::HUGEINT % nullif(${by}, 0) ${operators[operator]} (${to}))`,
    )
  ),
  fc.tuple(fc.constantFrom(...integers), small, comparison, small).map(([name, by, operator, to]) =>
    condition(
      col(name).div(by)[operator](to / 2),
      `(${name}::DOUBLE / nullif(${by}, 0)::DOUBLE ${operators[operator]} (${to / 2})::DOUBLE)`,
    )
  ),
  fc.tuple(anyInteger, anyInteger, comparison).map(([left, right, operator]) =>
    condition(
      col(left)[operator](col(right)),
      `(${left}::HUGEINT ${operators[operator]} ${right}::HUGEINT)`,
    )
  ),
  fc.tuple(fc.constantFrom("f32", "f64", ...integers), fc.constantFrom("f32", "f64"), comparison)
    .map(([left, right, operator]) =>
      condition(
        col(left)[operator](col(right)),
        `(${left}::DOUBLE ${operators[operator]} ${right}::DOUBLE)`,
      )
    ),
  fc.tuple(anyInteger, comparison, small).map(([name, operator, to]) =>
    condition(
      coalesce(col(name), lit(1))[operator](to),
      `(coalesce(${name}::HUGEINT, 1) ${operators[operator]} (${to}))`,
    )
  ),
  fc.tuple(
    anyInteger,
    fc.constantFrom(["int8", "TINYINT"], ["uint8", "UTINYINT"] as const),
    comparison,
    small,
  )
    .map(([name, [type, sqlType], operator, to]) =>
      condition(
        col(name).cast(type as "int8")[operator](to),
        `(TRY_CAST(${name} AS ${sqlType})::HUGEINT ${operators[operator]} (${to}))`,
      )
    ),
  fc.tuple(anyInteger, comparison, small).map(([name, operator, to]) =>
    condition(
      col(name).cast("string")[operator](String(to)),
      `(${name}::VARCHAR ${operators[operator]} '${to}')`,
    )
  ),
  fc.tuple(
    fc.constantFrom("year", "month", "day"),
    comparison,
    fc.constantFrom(1, 3, 12, 1_969, 1_970),
  )
    .map(([part, operator, to]) =>
      condition(col("day")[part]()[operator](to), `(${part}("day") ${operators[operator]} ${to})`)
    ),
  fc.constantFrom("f32", "f64").map((name) => condition(col(name).isNaN(), `isnan(${name})`)),
  fc.constant(condition(col("flag"), "flag")),
);

const conditions = fc.letrec<{ any: Condition }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 6, arbitrary: fc.oneof(...predicateColumnNames.flatMap(leavesOf)) },
    { weight: 1, arbitrary: textTests },
    { weight: 1, arbitrary: computed },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.boolean(), fc.array(tie("any"), { minLength: 2, maxLength: 3 })).map(
        ([all, parts]) => {
          const predicates = parts.map(({ predicate }) => predicate);
          const sql = parts.map(({ sql }) => sql).join(all ? " AND " : " OR ");
          return condition(all ? and(...predicates) : or(...predicates), `(${sql})`);
        },
      ),
    },
    {
      weight: 1,
      arbitrary: tie("any").map(({ predicate, sql }) => condition(not(predicate), `(NOT ${sql})`)),
    },
  ),
}));

/** Any predicate of all operators. */
export const anyCondition: fc.Arbitrary<Condition> = conditions.any;
