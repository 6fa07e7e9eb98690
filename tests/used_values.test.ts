import { expect } from "@std/expect";
import { type Data, LargeUtf8, makeData, Utf8, vectorFromArray } from "apache-arrow";
import { usedValues } from "../ffi/used_values.ts";
import { test } from "./support/harness.ts";

const words = Array.from({ length: 10_000 }, (_, row) => `row ${row}`);

function dataOf(type: LargeUtf8 | Utf8): Data {
  return vectorFromArray(words, type).data[0]!;
}

for (const type of [new Utf8(), new LargeUtf8()]) {
  test(`a small slice of ${type} shows a part of its values, by offsets that count from there`, () => {
    const slice = dataOf(type).slice(2_000, 3);
    const { first, last, offsets } = usedValues(slice, slice.values.length)!;
    expect(new TextDecoder().decode(slice.values.subarray(first, last))).toBe(
      "row 2000row 2001row 2002",
    );
    expect(Array.from(offsets, Number)).toEqual([0, 8, 16, 24]);
    // The column's own stay as they are.
    expect(Number(slice.valueOffsets[0])).toBe(first);
    expect(first).toBeGreaterThan(0);
  });

  test(`a whole column of ${type}, and most of one, is given as it is`, () => {
    const data = dataOf(type);
    expect(usedValues(data, data.values.length)).toBe(null);
    expect(usedValues(data.slice(0, 6_000), data.values.length)).toBe(null);
    expect(usedValues(data.slice(9_900, 100), 4_000 + 888)).toBe(null);
  });

  test(`an empty slice of ${type} shows nothing`, () => {
    const slice = dataOf(type).slice(5_000, 0);
    const { first, last, offsets } = usedValues(slice, slice.values.length)!;
    expect(last - first).toBe(0);
    expect(Array.from(offsets, Number)).toEqual([0]);
  });
}

test("offsets that make no sense are given as they are", () => {
  const data = new Uint8Array(100_000);
  for (const wrong of [[5, 3], [-1, 3], [0, 100_001], [100_001, 100_002]]) {
    const column = makeData({
      type: new Utf8(),
      length: 1,
      valueOffsets: Int32Array.from(wrong),
      data,
    });
    expect(usedValues(column, data.length)).toBe(null);
  }
});
