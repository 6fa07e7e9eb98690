import { expect } from "@std/expect";
import { nearestNames } from "../src/nearest_names.ts";
import { test } from "./support/harness.ts";

const names = ["l_orderkey", "l_partkey", "l_quantity", "l_comment"];

test("a slip of the keyboard finds the name that was meant first", () => {
  expect(nearestNames("l_ordrekey", names)[0]).toBe("l_orderkey");
  expect(nearestNames("L_QUANTITY", names)[0]).toBe("l_quantity");
  expect(nearestNames("comment", names)).toEqual(["l_comment"]);
});

test("two letters that were swapped count as one slip", () => {
  expect(nearestNames("ab", ["ba", "xy"])).toEqual([]);
  expect(nearestNames("abc", ["acb"])).toEqual(["acb"]);
});

test("names that are far off aren't suggested, and three at most are", () => {
  expect(nearestNames("zzzzzz", names)).toEqual([]);
  expect(nearestNames("a1", [])).toEqual([]);
  expect(nearestNames("column5", ["column1", "column2", "column3", "column4"]).length).toBe(3);
});
