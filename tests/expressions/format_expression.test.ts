import { expect } from "@std/expect";
import { col, Expression, lit, type Literal, not } from "spillway";
import { test } from "../support/harness.ts";

const [a, b, c] = [col("a"), col("b"), col("c")];

function expectTexts(expected: [Expression, string][]): void {
  expect(expected.map(([expression]) => String(expression)))
    .toEqual(expected.map(([, text]) => text));
}

test("brackets stand only where they change the meaning", () => {
  expectTexts([
    [a.and(b).or(c), "a AND b OR c"],
    [a.and(b.or(c)), "a AND (b OR c)"],
    [not(a.and(b)), "NOT (a AND b)"],
    [not(a).and(b), "NOT a AND b"],
    [not(not(a)), "NOT NOT a"],
    [not(a.eq(1)), "NOT a = 1"],
    [not(a).eq(b), "(NOT a) = b"],
    [a.eq(1).eq(b), "(a = 1) = b"],
    [a.eq(b.eq(1)), "a = (b = 1)"],
    [a.isNull().eq(true), "(a IS NULL) = TRUE"],
    [a.eq(1).isNull(), "(a = 1) IS NULL"],
    [a.add(b).sub(c), "a + b - c"],
    [a.add(b.sub(c)), "a + (b - c)"],
    [a.add(b.mul(c)), "a + b * c"],
    [a.add(b).mul(c), "(a + b) * c"],
    [a.div(b.mul(c)), "a / (b * c)"],
    [a.mod(b).neg(), "-(a % b)"],
    [a.neg().neg(), "-(-a)"],
    [lit(-1).neg(), "-(-1)"],
    [a.sub(-1), "a - -1"],
    [a.neg().mul(b), "-a * b"],
    [a.between(b.add(1), 2), "a BETWEEN b + 1 AND 2"],
  ]);
});

test("operations are written as in SQL", () => {
  expectTexts([
    [a.ne(1), "a <> 1"],
    [a.between(1, 2), "a BETWEEN 1 AND 2"],
    [a.in([1, "b", null]), "a IN (1, 'b', NULL)"],
    [a.in([]), "a IN ()"],
    [a.notIn([1]), "a NOT IN (1)"],
    [a.isNotNull(), "a IS NOT NULL"],
    [a.isNaN(), "isnan(a)"],
    [a.endsWith("z"), "ends_with(a, 'z')"],
    [a.contains("z"), "contains(a, 'z')"],
    [a.like("z_%"), "a LIKE 'z_%'"],
    [a.matches("z+"), "regexp_matches(a, 'z+')"],
    [a.cast("timestamp(us,UTC)"), "CAST(a AS timestamp(us,UTC))"],
    [a.length().add(b.day()), "length(a) + day(b)"],
    [a.coalesce(b.add(1), 0), "coalesce(a, b + 1, 0)"],
  ]);
});

test("names are quoted where they are no plain words", () => {
  expectTexts([
    [col("l_shipdate2"), "l_shipdate2"],
    [col("user.name"), "user.name"],
    [col("user").field("name"), "user.name"],
    [col("user").field("full.name"), 'user."full.name"'],
    [col("two words"), '"two words"'],
    [col("user.two words"), '"user.two words"'],
    [col('say "x"'), '"say ""x"""'],
    [col("2x"), '"2x"'],
    [col(""), '""'],
    [col("größe"), '"größe"'],
    [col("and"), '"and"'],
    [col("Null"), '"Null"'],
    [col("nullable"), "nullable"],
  ]);
});

test("constants are written as SQL's", () => {
  const texts: [Literal, string][] = [
    [1.5, "1.5"],
    [-0, "-0"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [1e300, "1e+300"],
    [-(2n ** 70n), "-1180591620717411303424"],
    ["it's", "'it''s'"],
    [true, "TRUE"],
    [null, "NULL"],
    [new Date(Date.UTC(1969, 11, 31, 23, 59, 59, 999)), "TIMESTAMP '1969-12-31T23:59:59.999Z'"],
    [Uint8Array.of(0, 171, 255), "X'00abff'"],
    [new Uint8Array(0), "X''"],
  ];
  expectTexts(texts.map(([value, text]) => [lit(value), text]));
});

test("instants are written with the digits that they have", () => {
  const instant = (value: string) =>
    String(Expression.fromJSON({ literal: { type: "instant", value } }));
  expect(instant("0")).toBe("TIMESTAMP '1970-01-01T00:00:00Z'");
  expect(instant("-1")).toBe("TIMESTAMP '1969-12-31T23:59:59.999999999Z'");
  expect(instant("1500000000")).toBe("TIMESTAMP '1970-01-01T00:00:01.5Z'");
  expect(instant("-8640000000000000000000")).toBe("TIMESTAMP '-271821-04-20T00:00:00Z'");
  expect(instant("1767225600000001000")).toBe("TIMESTAMP '2026-01-01T00:00:00.000001Z'");
});
