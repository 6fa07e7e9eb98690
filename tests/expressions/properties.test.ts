import { expect } from "@std/expect";
import fc from "fast-check";
import process from "node:process";
import { Expression } from "spillway";
import { anyExpression, anyPredicate } from "../support/any_expression.ts";
import { test } from "../support/harness.ts";

/** Set to what a failed run printed, it makes the same expressions again. */
const seed = Number(process.env["SPILLWAY_SEED"] ?? Date.now() % 2 ** 31);
const options = { seed, numRuns: 500 };

function again(expression: Expression): Expression {
  return Expression.fromJSON(JSON.parse(JSON.stringify(expression)));
}

test("an expression comes back from JSON the same", () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      const copy = again(expression);
      expect(copy.equals(expression)).toBe(true);
      expect(copy.toJSON()).toEqual(expression.toJSON());
      expect(copy.columns()).toEqual(expression.columns());
    }),
    options,
  );
});

test("the text of an expression depends on its data only", () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      const text = String(expression);
      expect(String(again(expression))).toBe(text);
      expect(String(expression)).toBe(text);
      expect(text).not.toBe("");
    }),
    options,
  );
});

test("to be equal is reflexive, symmetric and transitive, and means equal JSON", () => {
  fc.assert(
    fc.property(anyExpression, anyExpression, (left, right) => {
      const copy = again(left);
      const same = left.equals(right);
      expect(left.equals(left)).toBe(true);
      expect(right.equals(left)).toBe(same);
      expect(copy.equals(right)).toBe(same);
      expect(same).toBe(JSON.stringify(left) === JSON.stringify(right));
    }),
    options,
  );
});

test("joining by the same operation nests nothing", () => {
  fc.assert(
    fc.property(anyPredicate, anyPredicate, anyPredicate, (a, b, c) => {
      expect(a.and(b).and(c).equals(a.and(b, c))).toBe(true);
      expect(a.or(b.or(c)).equals(a.or(b, c))).toBe(true);
      expect(a.and().equals(a)).toBe(true);
    }),
    options,
  );
});
