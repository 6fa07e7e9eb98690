import { expect } from "@std/expect";
import fc from "fast-check";
import { and, col, lit, not, or, type Predicate, scanParquet } from "spillway";
import { ConditionError } from "../../demo/condition_error.ts";
import { parseCondition } from "../../demo/parse_condition.ts";
import { test } from "../support/harness.ts";

const delay = col("delay");

const conditions: readonly (readonly [name: string, text: string, means: Predicate])[] = [
  ["a comparison", "delay > 60", delay.gt(60)],
  ["no spaces", "delay>=-60.5", delay.ge(-60.5)],
  [
    "every sign",
    "a=1 or a==2 or a<>3 or a!=4 or a<5 or a<=6",
    or(
      col("a").eq(1),
      col("a").eq(2),
      col("a").ne(3),
      col("a").ne(4),
      col("a").lt(5),
      col("a").le(6),
    ),
  ],
  ["a constant in front", "60 < delay", lit(60).lt(delay)],
  ["two columns", "delay < limit", delay.lt(col("limit"))],
  [
    "numbers of every form",
    "a in (1, +2, -3.5, .5, 6., 1e3, 2.5E-3)",
    col("a").in(
      [1, 2, -3.5, 0.5, 6, 1_000, 0.0025],
    ),
  ],
  [
    "integers beyond 2^53, exactly",
    "a in (9007199254740993, -9223372036854775808)",
    col("a").in(
      [9_007_199_254_740_993n, -(2n ** 63n)],
    ),
  ],
  ["text with a quote", "name = 'it''s'", col("name").eq("it's")],
  ["text of no characters", "name <> ''", col("name").ne("")],
  ["booleans", "done = TRUE and late = false", col("done").eq(true).and(col("late").eq(false))],
  [
    "a boolean column alone",
    "done and not late or (odd)",
    or(
      and(col("done"), not(col("late"))),
      col("odd"),
    ),
  ],
  ["null as a constant", "a = null", col("a").eq(null)],
  ["what is null", "a is null and b IS NOT NULL", col("a").isNull().and(col("b").isNotNull())],
  ["a range", "delay between 1 and 5 and a = 2", delay.between(1, 5).and(col("a").eq(2))],
  ["no range", "delay not between 1 and b", not(delay.between(1, col("b")))],
  ["a list", "origin in ('SEA')", col("origin").in(["SEA"])],
  ["no list", "origin not in ('SEA', null)", col("origin").notIn(["SEA", null])],
  [
    "a pattern",
    "name like 'S%' and name not like '%\\_'",
    and(
      col("name").like("S%"),
      not(col("name").like("%\\_")),
    ),
  ],
  ["a date", "at >= date '2026-01-31'", col("at").ge(new Date("2026-01-31"))],
  [
    "points in time",
    "at in (timestamp '2026-01-31 12:00', TIMESTAMP '2026-01-31T12:00:00.5+02:00')",
    col("at").in([new Date("2026-01-31T12:00Z"), new Date("2026-01-31T10:00:00.5Z")]),
  ],
  [
    "columns named like the words for dates",
    "date > date '2026-01-31' and timestamp is null",
    and(
      col("date").gt(new Date("2026-01-31")),
      col("timestamp").isNull(),
    ),
  ],
  [
    "quoted names",
    '"with space" = 1 and "quo""te" = 2 and "and" = 3 and "a.b" = 4',
    and(
      col("with space").eq(1),
      col('quo"te').eq(2),
      col("and").eq(3),
      col("a.b").eq(4),
    ),
  ],
  ["names of other alphabets", "größe > 1 and 距離 < 2", col("größe").gt(1).and(col("距離").lt(2))],
  [
    "paths",
    'user.name = 1 and user . "first.name" = 2',
    and(
      col("user.name").eq(1),
      col("user").field("first.name").eq(2),
    ),
  ],
  [
    "NOT before AND before OR",
    "not a = 1 and b = 2 or c = 3",
    or(
      and(not(col("a").eq(1)), col("b").eq(2)),
      col("c").eq(3),
    ),
  ],
  [
    "brackets",
    "not (a = 1 and (b = 2 or ((c = 3))))",
    not(
      and(col("a").eq(1), or(col("b").eq(2), col("c").eq(3))),
    ),
  ],
  ["line breaks", "\n a = 1\n\tAND b = 2 \n", and(col("a").eq(1), col("b").eq(2))],
];

for (const [name, text, means] of conditions) {
  test(`a condition is read: ${name}`, () => {
    const parsed = parseCondition(text);
    expect(String(parsed)).toBe(String(means));
    expect(parsed.equals(means)).toBe(true);
  });
}

const wrong: readonly (readonly [text: string, position: number, problem: string])[] = [
  ["", 0, "there must be a column or a constant here, not the end"],
  ["   ", 0, "there must be a column or a constant here, not the end"],
  ["delay 60", 6, "a comparison after delay, such as = 1, IS NULL or IN (1, 2), not 60"],
  ["60", 2, "a comparison after 60, such as = 1, IS NULL or IN (1, 2), not the end"],
  ["delay >", 7, "there must be a column or a constant here, not the end"],
  ["delay > > 5", 8, "there must be a column or a constant here, not >"],
  ["a = 1 b", 6, "there must be AND, OR or the end here, not b"],
  ["a = 1)", 5, "there must be AND, OR or the end here, not )"],
  ["(a = 1", 6, "there must be ) here, not the end"],
  ["a = 1 and", 9, "there must be a column or a constant here, not the end"],
  ["or = 1", 0, 'not or. A column of that name is written "or"'],
  ["a is 5", 5, "there must be NULL here, not 5"],
  ["a not 5", 6, "there must be BETWEEN, IN or LIKE after NOT, not 5"],
  ["a between 1", 11, "there must be AND here, not the end"],
  ["a in 5", 5, "there must be ( here, not 5"],
  ["a in ()", 6, "there must be a constant in the list of IN, not )"],
  ["a in (b)", 6, "there must be a constant in the list of IN, not b"],
  ["a in (1, 2", 10, "there must be ) here, not the end"],
  ["a like 5", 7, "there must be a 'text' after LIKE, not 5"],
  ["a = 'open", 4, "the text that begins here has no closing '"],
  ['"open = 5', 0, 'the name that begins here has no closing "'],
  ["a = 5x", 4, "this is no number. There is no arithmetic in conditions"],
  ["a + 1 = 2", 2, "this is no number. There is no arithmetic in conditions"],
  ["a = 1 && b", 6, "write AND, OR and NOT as words"],
  ["größe = 1; b", 9, "; is no part of a condition"],
  ["at = date '2026-02-30'", 10, "such as '2026-01-31' here, not '2026-02-30'"],
  ["at = date '31.1.2026'", 10, "such as '2026-01-31' here, not '31.1.2026'"],
  ["at = timestamp '2026-01-31'", 15, "a timestamp such as '2026-01-31 12:00:00' here"],
  ["at = timestamp '2026-01-31 25:00'", 15, "a timestamp such as '2026-01-31 12:00:00' here"],
  ["a = 1 and 5 like 'x'", 10, "like takes text, but 5 is a number"],
  ["a = 1 and 5 = date '2026-01-31' and b", 10, "can't compare 5, a number, with TIMESTAMP"],
  ["user. = 1", 6, "there must be the name of a field here, not ="],
];

for (const [text, position, problem] of wrong) {
  test(`a condition that can't be read says where and why: ${text || "nothing"}`, () => {
    let error: unknown;
    try {
      parseCondition(text);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ConditionError);
    const { message, position: at } = error as ConditionError;
    expect(message).toContain(problem);
    expect(at).toBe(position);
    const lines = message.split("\n");
    expect(lines[0]).toContain(`Can't read the condition at character ${position + 1}: `);
    expect(lines.slice(1)).toEqual([`  ${text}`, `  ${" ".repeat(position)}^`]);
  });
}

test("a mark stays under its character where the condition has line breaks", () => {
  expect(() => parseCondition("a = 1\n\tAND")).toThrow(/\n {2}a = 1 {2}AND\n {12}\^$/);
});

const name = fc.oneof(
  fc.constantFrom("a", "date", "and", "user.name", "a b", 'quo"te', ""),
  fc.string({ maxLength: 6 }),
);
const column = fc.tuple(name, fc.option(name, { freq: 4 })).map(([root, field]) =>
  field === null ? col(root) : col(root).field(field)
);
const constant = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.string({ maxLength: 6 }),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }),
  fc.boolean(),
  fc.constant(null),
);
/** Both ends of one kind: others can't be compared. */
const range = fc.oneof(
  fc.tuple(fc.integer(), fc.bigInt()),
  fc.tuple(fc.string(), fc.string()),
  fc.tuple(fc.constant(new Date(0)), fc.constant(null)),
);
const comparison = fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge");
const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: "small" },
    fc.tuple(column, comparison, constant).map(([left, sign, right]) => left[sign](right)),
    fc.tuple(column, comparison, column).map(([left, sign, right]) => left[sign](right)),
    fc.tuple(column, range).map(([left, [low, high]]) => left.between(low, high)),
    fc.tuple(column, fc.array(constant, { minLength: 1, maxLength: 4 }), fc.boolean()).map((
      [left, values, negated],
    ) => negated ? left.notIn(values) : left.in(values)),
    column.map((left) => left.isNull()),
    column.map((left) => left.isNotNull()),
    fc.tuple(column, fc.string()).map(([left, pattern]) => left.like(pattern)),
    fc.array(tie("predicate"), { minLength: 2, maxLength: 4 }).map((parts) => and(...parts)),
    fc.array(tie("predicate"), { minLength: 2, maxLength: 4 }).map((parts) => or(...parts)),
    tie("predicate").map((part) => not(part)),
  ),
}));

test("what an expression prints is read as the same condition", () => {
  fc.assert(
    fc.property(predicate, (expression) => {
      expect(String(parseCondition(String(expression)))).toBe(String(expression));
    }),
    { numRuns: 500 },
  );
});

test("any text is a condition or an error with a position in it", () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        "a",
        "not",
        "and",
        "or",
        "in",
        "is",
        "like",
        "between",
        "null",
        "date",
        "(",
        ")",
      ),
      fc.constantFrom("=", "<", "'t'", '"n"', "1", ",", ".", "'", '"', "-", "!", "𝒳", " "),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join(" ");
      try {
        parseCondition(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
        const { position } = error as ConditionError;
        expect(position >= 0 && position <= text.length).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a condition chooses rows of a file", async () => {
  const file = "tests/data/readings.parquet";
  const where = parseCondition(
    "celsius >= 29 and sensor in ('attic', 'cellar') and at < timestamp '2026-01-02 00:00'",
  );
  const rows = await Array.fromAsync(scanParquet(file, { where }).rows());
  expect(rows.length).toBeGreaterThan(10);
  const all = await Array.fromAsync(scanParquet(file).rows());
  const meets = all.filter(({ celsius, sensor, at }) =>
    Number(celsius) >= 29 && ["attic", "cellar"].includes(String(sensor)) &&
    Number(at) < Date.UTC(2026, 0, 2)
  );
  expect(rows).toEqual(meets);
});
