import { expect } from "@std/expect";
import { copyFileSync } from "node:fs";
import process from "node:process";
import { fixture } from "./support/fixtures.ts";
import { tempDirectory, test } from "./support/harness.ts";
import { runScript, type ScriptOutcome } from "./support/run_script.ts";

const onLinux = test.skipIf(process.platform !== "linux");

async function bus(order: string): Promise<ScriptOutcome> {
  using directory = tempDirectory();
  const path = directory.file("cut.parquet");
  copyFileSync(fixture("one_row_group"), path);
  return await runScript("bus_error", { args: [order, path] });
}

onLinux("a SIGBUS that is not for the library does what it does without it", async () => {
  const [without, withIt] = [await bus("send"), await bus("scan, send")];
  expect(withIt.code).toBe(without.code);
});

for (const order of ["listen, scan", "scan, listen"]) {
  onLinux(`a listener hears of a SIGBUS, and files may still be cut off: ${order}`, async () => {
    const { code, stdout } = await bus(order);
    const said = '{"before":"400000","heard":1,"after":"FILE_CHANGED"}\n';
    expect({ code, stdout }).toEqual({ code: 0, stdout: said });
  });
}
