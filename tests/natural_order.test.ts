import { expect } from "@std/expect";
import fc from "fast-check";
import { sortNaturally } from "../src/find/natural_order.ts";
import { test } from "./support/harness.ts";

test("numbers in names are ordered by their value", () => {
  const sorted = ["part", "part-", "part-2", "part-02x", "part-2y", "part-10", "part-100", "party"];
  expect(sortNaturally(sorted.toReversed())).toEqual(sorted);
});

test("a number with more leading zeros than its equal comes first, and only then", () => {
  expect(sortNaturally(["1", "01", "001", "2", "02", "0"])).toEqual([
    "0",
    "001",
    "01",
    "1",
    "02",
    "2",
  ]);
});

test("numbers of any length are ordered exactly", () => {
  const sorted = ["9007199254740992", "9007199254740993", "90071992547409920", "9".repeat(99)];
  expect(sortNaturally(sorted.toReversed())).toEqual(sorted);
});

test("the files of a folder stand before those in its folders", () => {
  const sorted = ["/b", "/z", "/a/b", "/a/c", "/a/a/a", "/a-b/a", "/a2/a", "/a10/a"];
  expect(sortNaturally(sorted.toReversed())).toEqual(sorted);
});

test("the order is by code units, so upper case stands before lower case everywhere", () => {
  expect(sortNaturally(["ä", "b", "Z", "a", "_"])).toEqual(["Z", "_", "a", "b", "ä"]);
});

test("any list has one order, however it was shuffled", () => {
  const name = fc.string({
    unit: fc.constantFrom("0", "1", "9", "a", "-", "/", "ä"),
    maxLength: 8,
  });
  fc.assert(fc.property(fc.uniqueArray(name), fc.nat(), (names, cut) => {
    const sorted = sortNaturally(names);
    const at = cut % (names.length + 1);
    expect(sortNaturally([...names.slice(at), ...names.slice(0, at)])).toEqual(sorted);
    expect(sortNaturally(sorted.toReversed())).toEqual(sorted);
  }));
});
