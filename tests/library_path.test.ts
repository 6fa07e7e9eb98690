import { expect } from "@std/expect";
import { fixture } from "./support/fixtures.ts";
import { runtime, tempDirectory, test } from "./support/harness.ts";
import { runScript, type ScriptOptions } from "./support/run_script.ts";
import { writeFileSync } from "node:fs";
import process from "node:process";

const path = fixture("sequence");

async function firstBatch(options: ScriptOptions): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runScript("scan_first", { args: [path], ...options });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a process of its own finds the library", async () => {
  const { rows } = await firstBatch({});
  expect(rows).toBeGreaterThan(0);
});

test("SPILLWAY_LIBRARY that names nothing says how to build the library", async () => {
  using directory = tempDirectory();
  const absent = directory.file("libabsent.so");
  const { name, code, message } = await firstBatch({ env: { SPILLWAY_LIBRARY: absent } });
  expect({ name, code }).toEqual({ name: "LibraryNotFoundError", code: "LIBRARY_NOT_FOUND" });
  expect(message).toContain(absent);
  expect(message).toContain("deno task build");
});

test("SPILLWAY_LIBRARY that names no library is refused", async () => {
  using directory = tempDirectory();
  const impostor = directory.file("libspillway.so");
  writeFileSync(impostor, "not a library");
  const { name, code, message } = await firstBatch({ env: { SPILLWAY_LIBRARY: impostor } });
  expect({ name, code }).toEqual({ name: "LibraryNotFoundError", code: "LIBRARY_NOT_FOUND" });
  expect(message).toContain(impostor);
});

const onDeno = runtime === "deno";
const named = process.env["SPILLWAY_LIBRARY"] ? ["--allow-env=SPILLWAY_LIBRARY"] : [];

test.skipIf(!onDeno)("reading needs only leave to read and to load", async () => {
  const denoFlags = ["--allow-ffi", "--allow-read", ...named, "--no-prompt"];
  expect((await firstBatch({ denoFlags }))["rows"]).toBeGreaterThan(0);
});

test.skipIf(!onDeno)("a missing leave is named by its flag", async () => {
  for (
    const [given, missing] of [["--allow-read", "--allow-ffi"], ["--allow-ffi", "--allow-read"]]
  ) {
    const { name, code, message } = await firstBatch({
      denoFlags: [given!, ...named, "--no-prompt"],
    });
    expect({ name, code }).toEqual({ name: "PermissionDeniedError", code: "PERMISSION_DENIED" });
    expect(message).toContain(missing);
  }
});
