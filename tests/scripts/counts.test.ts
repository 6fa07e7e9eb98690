import { expect } from "@std/expect";
import { bunCounts, cargoCounts, closingLine, denoCounts, judge } from "../../scripts/counts.ts";
import { test } from "../support/harness.ts";

test("cargoCounts() sums the test binaries and the examples", () => {
  const output = [
    "running 3 tests",
    "test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
  ].join("\n");
  expect(cargoCounts(output)).toEqual({ passed: 5, failed: 1, skipped: 1 });
});

test("denoCounts() reads the last closing line, through colours and steps", () => {
  const output = [
    "ok | 99 passed | 0 failed (1ms)",
    "\u001b[31mFAILED\u001b[0m | 12 passed (3 steps) | 2 failed | 1 ignored (1 step) \u001b[90m(30ms)\u001b[0m",
    "error: Test failed",
  ].join("\n");
  expect(denoCounts(output)).toEqual({ passed: 12, failed: 2, skipped: 1 });
});

test("bunCounts() reads the closing lines, and counts errors outside of tests as failures", () => {
  const output = [
    " 50 pass",
    "tests/a.test.ts:",
    "",
    " 10 pass",
    " 2 skip",
    " 0 fail",
    " 1 error",
    " 25 expect() calls",
    "Ran 13 tests across 2 files. [73.00ms]",
  ].join("\r\n");
  expect(bunCounts(output)).toEqual({ passed: 10, failed: 1, skipped: 2 });
});

test("counts are null where the closing lines are missing", () => {
  for (const counts of [cargoCounts, denoCounts, bunCounts]) {
    expect(counts("Segmentation fault\n 3 pass")).toBe(null);
  }
});

test("judge() counts a crash, a failure without a failed test, and an empty run as one failure", () => {
  const green = { passed: 3, failed: 0, skipped: 1 };
  expect(judge(green, 0)).toEqual({ counts: green, problem: null });
  expect(judge(null, 139).counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(judge(green, 1).counts).toEqual({ passed: 3, failed: 1, skipped: 1 });
  expect(judge({ passed: 0, failed: 0, skipped: 2 }, 0).counts.failed).toBe(1);
});

test("judge() leaves failures that were counted as they are", () => {
  const red = { passed: 1, failed: 2, skipped: 0 };
  expect(judge(red, 1)).toEqual({ counts: red, problem: null });
});

test("closingLine() names skipped tests only where there are some", () => {
  expect(closingLine({ passed: 2, failed: 0, skipped: 0 })).toBe("2 passed, 0 failed");
  expect(closingLine({ passed: 2, failed: 1, skipped: 3 })).toBe("2 passed, 1 failed, 3 skipped");
});
