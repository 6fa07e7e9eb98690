import { expect } from "@std/expect";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript } from "./support/run_script.ts";

test("workers that are ended half-way leave nothing behind, and do not take the library with them", async () => {
  const { code, stdout } = await runScript("ended_workers", { args: [fixture("one_row_group")] });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '{"maps":0,"streamBytes":0,"rows":400000}\n',
  });
});

test("workers that are ended while they write leave no file, and the library goes on", async () => {
  using folder = tempDirectory();
  const { code, stdout } = await runScript("ended_writers", {
    args: [fixture("one_row_group"), folder.path],
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"rows":400000,"names":["main"]}\n' });
});
