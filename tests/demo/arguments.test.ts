import { expect } from "@std/expect";
import { demoArguments } from "../../demo/arguments.ts";
import { test } from "../support/harness.ts";

test("words are files, and --where has a condition, in either order", () => {
  expect(demoArguments([])).toEqual({ patterns: [], condition: null });
  expect(demoArguments(["a.parquet", "b*.parquet"]))
    .toEqual({ patterns: ["a.parquet", "b*.parquet"], condition: null });
  const both = { patterns: ["a.parquet"], condition: "delay >= 60" };
  expect(demoArguments(["a.parquet", "--where", "delay >= 60"])).toEqual(both);
  expect(demoArguments(["--where", "delay >= 60", "a.parquet"])).toEqual(both);
  expect(demoArguments(["--where=delay >= 60", "a.parquet"])).toEqual(both);
});

test("the dashes of a task are no file", () => {
  expect(demoArguments(["--", "a.parquet", "--where", "x"]))
    .toEqual({ patterns: ["a.parquet"], condition: "x" });
});

test("what can't be understood is refused with what can", () => {
  expect(() => demoArguments(["--were", "x"])).toThrow(/no option --were; there is --where/);
  expect(() => demoArguments(["a.parquet", "--where"])).toThrow(/Give a condition after --where/);
  expect(() => demoArguments(["--where", "x", "--where", "y"])).toThrow(/once/);
});
