import { expect } from "@std/expect";
import { inferSchema } from "../src/scan/infer_schema.ts";
import { fromRows } from "spillway";
import { test } from "./support/harness.ts";

/** The type that values of a field are given. */
const typeOf = (...values: unknown[]) =>
  String(inferSchema(values.map((a) => ({ a }))).fields[0]?.type);

test("each kind of value has its type", () => {
  expect(typeOf(1, -5, Number.MAX_SAFE_INTEGER)).toBe("Int64");
  expect(typeOf(1n)).toBe("Int64");
  expect(typeOf(1.5)).toBe("Float64");
  expect(typeOf(true)).toBe("Bool");
  expect(typeOf("a")).toBe("Utf8");
  expect(typeOf(new Date(0))).toBe("Timestamp<MILLISECOND>");
  expect(typeOf(Uint8Array.of(1))).toBe("Binary");
  expect(typeOf([1])).toBe("List<Int64>");
  expect(typeOf({ b: "x" })).toBe("Struct<{b:Utf8}>");
  expect(typeOf(Object.assign(Object.create(null), { b: 1 }))).toBe("Struct<{b:Int64}>");
});

test("integers are whatever other numbers are beside them", () => {
  for (const values of [[1, 1.5], [1.5, 1], [1, NaN], [1, -0], [1, 2 ** 53], [Infinity]]) {
    expect([values, typeOf(...values)]).toEqual([values, "Float64"]);
  }
  expect([typeOf(1, 2n), typeOf(2n, 1)]).toEqual(["Int64", "Int64"]);
});

test("nulls say nothing, and only nulls are of type Null", () => {
  expect(typeOf(null, undefined, "a", null)).toBe("Utf8");
  expect(typeOf(null, null)).toBe("Null");
  expect(typeOf([], [null])).toBe("List<Null>");
  expect(typeOf([], null, [null, 1.5])).toBe("List<Float64>");
  expect(typeOf({}, {})).toBe("Struct<{}>");
});

test("fields are those of all rows, in the order in which they come up", () => {
  const schema = inferSchema([{ b: 1 }, { a: "x", b: 2 }, { c: null }, { d: undefined }, {}]);
  expect(schema.fields.map(String)).toEqual(["b: Int64", "a: Utf8", "c: Null"]);
  expect(schema.fields.every(({ nullable }) => nullable)).toBe(true);
  expect(inferSchema([]).fields).toEqual([]);
});

test("lists and structs are looked through as a whole", () => {
  expect(typeOf([{ x: 1 }], [{ y: [true] }, { x: 0.5 }]))
    .toBe("List<Struct<{x:Float64, y:List<Bool>}>>");
  expect(typeOf(Float64Array.of(1.5))).toBe("List<Float64>");
  expect(typeOf(BigInt64Array.of(1n))).toBe("List<Int64>");
});

test("values of different kinds are an error that names the field, the rows and the kinds", () => {
  const cases: [unknown[], string][] = [
    [[{ a: 1 }, { a: "x" }], "field a is an integer in row 0 and a string in row 1"],
    [
      [{ a: null }, { a: 1 }, { a: 1.5 }, { a: 2n }],
      "field a is a number in row 2 and a bigint in row 3",
    ],
    [[{ a: 2n }, { a: 0.5 }], "field a is a bigint in row 0 and a number in row 1"],
    [[{ a: true }, {}, { a: new Date() }], "field a is a boolean in row 0 and a Date in row 2"],
    [[{ a: [1, "x"] }], "field a[] is an integer in row 0 and a string in row 0"],
    [[{ a: { b: [] } }, { a: { b: {} } }], "field a.b is an array in row 0 and an object in row 1"],
    [
      [{ a: Uint8Array.of(1) }, { a: [1] }],
      "field a is a Uint8Array in row 0 and an array in row 1",
    ],
  ];
  for (const [rows, text] of cases) {
    expect(() => inferSchema(rows)).toThrow(TypeError);
    expect(() => inferSchema(rows)).toThrow(
      `Can't infer a schema: ${text}. Give a schema, or convert one of them before`,
    );
  }
});

test("values that there is no type for are an error that says what they are", () => {
  const cases: [unknown, string][] = [
    [new Map(), "an object of Map"],
    [new Set([1]), "an object of Set"],
    [/x/, "an object of RegExp"],
    [() => 1, "a function"],
    [Symbol("s"), "Symbol(s)"],
    [new DataView(new ArrayBuffer(1)), "an object of DataView"],
  ];
  for (const [value, text] of cases) {
    expect(() => inferSchema([{}, { a: { b: value } }])).toThrow(
      `Can't infer a schema: field a.b is ${text} in row 1, for which there is no type`,
    );
  }
});

const later = (first: unknown[], rest: unknown[]) =>
  Array.fromAsync(fromRows([...first, ...rest] as object[], null, { batchRows: first.length }));

test("later rows have to fit: a new field, another kind, what was only null", async () => {
  const hint = ". The schema was inferred from the first 2 rows: give one if this is wanted";
  const first = [{ a: 1, none: null, in: { b: [] as unknown[] } }, {}];
  const cases: [object, string][] = [
    [{ a: 1, c: 5 }, "field c is new"],
    [{ in: { b: [], more: 1 } }, "field in.more is new"],
    [{ a: 1.5 }, "field a is 1.5, which doesn't fit type Int64"],
    [{ a: 2n ** 63n }, "field a is 9223372036854775808n, which doesn't fit type Int64"],
    [{ none: "x" }, 'field none is "x", which doesn\'t fit type Null'],
    [{ in: { b: [1] } }, "field in.b[0] is 1, which doesn't fit type Null"],
  ];
  for (const [row, text] of cases) {
    await expect(later(first, [{ a: 2 }, row])).rejects.toThrow(
      `Can't convert row 3: ${text}${hint}`,
    );
  }
  expect((await later(first, [{ a: 2n, none: null, c: undefined }])).length).toBe(2);
});

test("a bigint too great for 64 bits is an error in the first rows too", async () => {
  await expect(later([{ a: 2n ** 63n }], [])).rejects.toThrow(
    "Can't convert row 0: field a is 9223372036854775808n, which doesn't fit type Int64",
  );
});
