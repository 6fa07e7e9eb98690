import { Vector, vectorFromArray } from "apache-arrow";
import { expect } from "@std/expect";
import { scanParquet } from "spillway";
import { columnVector } from "../src/batches/column_vector.ts";
import { test } from "./support/harness.ts";

test("a column's vector is a Vector with the values of its data", () => {
  const columns = [[1, null, 3], ["a", "b", null], [[1, 2], null, [3]], [{ x: 1 }, { x: null }, {
    x: 3,
  }]];
  for (const values of columns) {
    const expected: Vector = vectorFromArray(values as number[]);
    const vector = columnVector(expected.data[0]!);
    expect(vector).toBeInstanceOf(Vector);
    expect([vector.length, vector.nullCount, vector.stride, vector.numChildren])
      .toEqual([3, expected.nullCount, expected.stride, expected.numChildren]);
    expect(JSON.stringify([...vector])).toBe(JSON.stringify([...expected]));
    expect(JSON.stringify(vector.get(2))).toBe(JSON.stringify(expected.get(2)));
    expect([0, 1, 2].map((row) => vector.isValid(row)))
      .toEqual([0, 1, 2].map((row) => expected.isValid(row)));
    expect(String(vector.slice(1))).toBe(String(expected.slice(1)));
  }
  const numbers = columnVector(vectorFromArray([5, 6, 7]).data[0]!);
  expect(numbers.indexOf(7)).toBe(2);
  expect(Array.from(numbers.toArray())).toEqual([5, 6, 7]);
});

test("a batch's columns have no functions of their own, which would outlive young collections", async () => {
  for await (using batch of scanParquet("tests/data/readings.parquet", { limit: 10 })) {
    for (const column of [batch.getChild("celsius")!, batch.getChildAt(0)!]) {
      const own = Object.values(column).filter((value) => typeof value === "function");
      expect(own).toEqual([]);
    }
    expect(batch.getChild("celsius")!.get(0)).toBe(17.5);
    expect(batch.getChild("absent")).toBe(null);
    expect(batch.getChildAt(-1)).toBe(null);
  }
});
