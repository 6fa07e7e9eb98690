import { expect } from "@std/expect";
import { Expression } from "spillway";
import { test } from "../support/harness.ts";

const x = { column: ["x"] };

function expectError(json: unknown, message: string): void {
  expect(() => Expression.fromJSON(json)).toThrow(TypeError);
  expect(() => Expression.fromJSON(json)).toThrow(message);
}

test("JSON that is no expression is refused with the reason", () => {
  expectError(undefined, "An expression must be an object, not undefined");
  expectError("x", 'An expression must be an object, not "x"');
  expectError([], 'must have one of the members "column", "literal" and "call"; it has none');
  expectError({ col: "x" }, "it has col");
  expectError({ column: ["x"], call: "not" }, "it has column, call");
  expectError(Object.create(x), "it has none");
  expectError({ column: "x" }, 'A column must be an array of names, not "x"');
  expectError({ column: [] }, "A column must be an array of names, not an array");
  expectError({ column: [1] }, "The name of a column must be a string, not 1");
  // A hole.
  expectError({ column: new Array(1) }, "The name of a column must be a string, not undefined");
});

test("calls are checked", () => {
  expectError({ call: "toString", arguments: [x] }, 'Expressions have no operation "toString"');
  expectError({ call: 1, arguments: [x] }, "Expressions have no operation 1: there are eq, ne");
  expectError({ call: "not" }, "The arguments of not must be an array, not undefined");
  expectError({ call: "not", arguments: [] }, "not takes 1 arguments, not 0");
  expectError({ call: "eq", arguments: [x] }, "eq takes 2 arguments, not 1");
  expectError({ call: "and", arguments: [] }, "and takes 1 or more arguments, not 0");
  expectError({ call: "isNull", arguments: [x, x] }, "isNull takes 1 arguments, not 2");
  expectError({ call: "not", arguments: new Array(1) }, "must be an object, not undefined");
  expectError({ call: "cast", arguments: [x] }, "Can't cast to undefined: the types are");
  expectError({ call: "cast", arguments: [x], to: "int" }, 'Can\'t cast to "int"');
  expectError({ call: "neg", arguments: [x], to: "int8" }, 'neg has no member "to"');
  expectError(
    { call: "in", arguments: [x, x] },
    "in takes constants, but x is none. Use or() and eq() instead",
  );
  expectError({ call: "like", arguments: [x, x] }, "like takes a constant text, but x is none");
});

test("kinds that are known are checked", () => {
  const sum = { call: "add", arguments: [x, { literal: { type: "number", value: 1 } }] };
  expectError(
    { call: "and", arguments: [sum] },
    "and takes a predicate, but x + 1 is a number. " +
      "Compare it with something first, as in col(name).gt(0)",
  );
  expectError(
    { call: "neg", arguments: [{ call: "isNull", arguments: [x] }] },
    "neg takes a number, but x IS NULL is a predicate. " +
      "Predicates are joined by and(), or() and not()",
  );
  expectError(
    { call: "length", arguments: [sum] },
    "length takes text or bytes, but x + 1 is a number. " +
      "Use cast() where its values can be converted",
  );
  expectError(
    { call: "lt", arguments: [sum, { literal: { type: "date", value: 0 } }] },
    "Can't compare x + 1, a number, with TIMESTAMP '1970-01-01T00:00:00.000Z', a date or time. " +
      "Use cast() to make them alike",
  );
  const text = (value: string) => ({ literal: { type: "string", value } });
  expectError(
    { call: "eq", arguments: [{ call: "not", arguments: [x] }, text("yes")] },
    "Can't compare NOT x, a predicate, with 'yes', text",
  );
  for (const value of ["true", "false"]) {
    const json = { call: "eq", arguments: [{ call: "not", arguments: [x] }, text(value)] };
    expect(String(Expression.fromJSON(json))).toBe(`(NOT x) = '${value}'`);
  }
});

test("literals are checked", () => {
  const wrong: unknown[] = [
    { type: "number", value: "1" },
    { type: "number", value: NaN },
    { type: "number", value: -0 },
    { type: "number" },
    { type: "bigint", value: 1 },
    { type: "bigint", value: "01" },
    { type: "bigint", value: "-0" },
    { type: "bigint", value: "1.0" },
    { type: "bigint", value: 1n },
    { type: "string", value: null },
    { type: "boolean", value: "true" },
    { type: "null", value: 0 },
    { type: "date", value: 1.5 },
    { type: "date", value: 8.64e15 + 2 },
    { type: "date", value: "2026-01-31" },
    { type: "instant", value: "8640000000000000000001" },
    { type: "instant", value: 0 },
    { type: "plainDate", value: "2026-02-29" },
    { type: "plainDate", value: "1900-02-29" },
    { type: "plainDate", value: "2026-13-01" },
    { type: "plainDate", value: "2026-1-1" },
    { type: "plainDate", value: "-000000-01-01" },
    { type: "plainDateTime", value: "2026-01-31 10:00:00" },
    { type: "plainDateTime", value: "2026-01-31T10:00:00Z" },
    { type: "plainDateTime", value: "2026-01-31T24:00:00" },
    { type: "plainTime", value: "10:00" },
    { type: "plainTime", value: "10:00:60" },
    { type: "plainTime", value: "10:00:00.1234567890" },
    { type: "bytes", value: "0" },
    { type: "bytes", value: "AB" },
  ];
  for (const literal of wrong) expectError({ literal }, "A literal of type");
  expectError({ literal: { type: "toString" } }, 'Literals have no type "toString"');
  expectError({ literal: 1 }, 'A literal must be an object with a "type"');
  expectError({ literal: null }, 'A literal must be an object with a "type"');
});

test("literals at their limits are allowed", () => {
  const right: unknown[] = [
    { type: "number", value: "-0" },
    { type: "number", value: 1.7976931348623157e308 },
    { type: "bigint", value: "-9".padEnd(80, "9") },
    { type: "null" },
    { type: "date", value: -8.64e15 },
    { type: "instant", value: "-8640000000000000000000" },
    { type: "plainDate", value: "2000-02-29" },
    { type: "plainDate", value: "+275760-09-13" },
    { type: "plainDate", value: "-000004-02-29" },
    { type: "plainDateTime", value: "2026-01-31T23:59:59.999999999" },
    { type: "plainTime", value: "00:00:00" },
    { type: "bytes", value: "" },
  ];
  for (const literal of right) {
    expect(Expression.fromJSON({ literal, ignored: 1 }).toJSON()).toEqual({ literal });
  }
  const copy = Expression.fromJSON({ literal: { type: "null", value: null } });
  expect(copy.toJSON()).toEqual({ literal: { type: "null" } });
});

test("types that can be cast to are checked", () => {
  const cast = (to: string) => Expression.fromJSON({ call: "cast", arguments: [x], to });
  for (
    const type of [
      "uint64",
      "float32",
      "time(ms)",
      "timestamp(s)",
      "timestamp(ns,+02:00)",
      "timestamp(ms,America/Port-au-Prince)",
      "decimal(76,76)",
      "decimal(1,0)",
      "decimal(5,-2)",
    ]
  ) expect(String(cast(type))).toBe(`CAST(x AS ${type})`);
  for (
    const type of [
      "",
      "int128",
      "uint",
      "float16",
      "time(s)",
      "timestamp",
      "timestamp(us,)",
      "timestamp(us, UTC)",
      "decimal(0,0)",
      "decimal(77,0)",
      "decimal(5,6)",
      "decimal(5)",
      "Decimal(5,2)",
      "int8\n",
    ]
  ) expect(() => cast(type)).toThrow(TypeError);
});

test("sticky patterns and odd lists are refused", () => {
  const column = Expression.fromJSON(x);
  expect(() => column.matches(/a/y)).toThrow("A pattern can't be sticky, as /a/y is");
  expect(() => column.matches(1 as unknown as string)).toThrow("A pattern must be a string, not 1");
  expect(() => column.in("ab" as unknown as string[]))
    .toThrow('in takes an array or a Set, not "ab"');
  expect(() => column.notIn(new Map() as unknown as string[]))
    .toThrow("notIn takes an array or a Set, not an object of Map");
  // @ts-expect-error A predicate has no fields
  expect(() => column.isNull().field("a")).toThrow("Only columns have fields");
});
