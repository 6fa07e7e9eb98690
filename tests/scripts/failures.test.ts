import { expect } from "@std/expect";
import { bunFailures, cargoFailures, denoFailures } from "../../scripts/failures.ts";
import { test } from "../support/harness.ts";

test("cargoFailures() are the sections of all test binaries", () => {
  const output = [
    "test a ... FAILED",
    "",
    "failures:",
    "",
    "---- a stdout ----",
    "thread 'a' panicked at tests/a.rs:1:1:",
    "failures:",
    "    a",
    "",
    "test result: FAILED. 1 passed; 1 failed; 0 ignored",
    "test result: ok. 3 passed; 0 failed; 0 ignored",
    "failures:",
    "---- b stdout ----",
    "test result: FAILED. 1 passed; 1 failed; 0 ignored",
  ].join("\n");
  expect(cargoFailures(output)).toEqual([
    "---- a stdout ----\nthread 'a' panicked at tests/a.rs:1:1:",
    "---- b stdout ----",
  ]);
});

test("denoFailures() are the errors, through colours", () => {
  const output = [
    "a ... \u001b[31mFAILED\u001b[0m (3ms)",
    "",
    "\u001b[1m\u001b[37m\u001b[41m ERRORS \u001b[0m",
    "",
    "a => ./tests/a.test.ts:3:1",
    "\u001b[31merror\u001b[0m: Error: 1 is not 2",
    "",
    " FAILURES ",
    "",
    "a => ./tests/a.test.ts:3:1",
    "FAILED | 0 passed | 1 failed (3ms)",
  ].join("\n");
  expect(denoFailures(output)).toEqual(["a => ./tests/a.test.ts:3:1\nerror: Error: 1 is not 2"]);
});

test("bunFailures() are the failed tests with the errors before them, once each", () => {
  const output = [
    "(pass) a [1ms]",
    "error: expect(received).toBe(expected)",
    "Expected: 2",
    "(fail) b [2ms]",
    "(fail) c [2ms]",
    "",
    "2 tests failed:",
    "(fail) b [2ms]",
    "(fail) c [2ms]",
    " 1 pass",
  ].join("\r\n");
  expect(bunFailures(output)).toEqual([
    "(fail) b [2ms]\nerror: expect(received).toBe(expected)\nExpected: 2",
    "(fail) c [2ms]",
  ]);
});

test("a long section is cut, and nothing is found where nothing failed", () => {
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
  const [section] = denoFailures([" ERRORS ", ...lines, " FAILURES "].join("\n"));
  expect(section).toMatch(/^line 0\n.*line 59\n... 40 more lines$/s);
  for (const failures of [cargoFailures, denoFailures, bunFailures]) {
    expect(failures("ok\n(pass) a [1ms]\ntest result: ok. 1 passed")).toEqual([]);
  }
});
