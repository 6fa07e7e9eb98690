import { expect } from "@std/expect";
import { fixture } from "./support/fixtures.ts";
import { test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

test("workers that are ended half-way do not take the library with them", async () => {
  const { code, stdout } = await runScript("ended_workers", { args: [fixture("one_row_group")] });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"rows":400000}\n' });
});
