import { expect } from "@std/expect";
import { fixture } from "./support/fixtures.ts";
import { version } from "../src/version.ts";
import { repositoryRoot, runtime, tempDirectory, test } from "./support/harness.ts";
import { runScript, type ScriptOptions } from "./support/run_script.ts";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";

const path = fixture("sequence");
const prebuilt = `${repositoryRoot}ffi/prebuilt/linux-x86_64/libspillway-${version}.so`;

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

test("no library is loaded from the working directory", async () => {
  using directory = tempDirectory();
  const folder = directory.file(`ffi/prebuilt/linux-x86_64`);
  mkdirSync(folder, { recursive: true });
  const names = ["libspillway.so", `libspillway-${version}.so`, `libspillway-${version}.dylib`];
  for (const place of [directory.path, folder]) {
    for (const name of names) writeFileSync(`${place}/${name}`, "not a library");
  }
  const { rows, message } = await firstBatch({
    cwd: directory.path,
    env: { SPILLWAY_LIBRARY: "", LD_LIBRARY_PATH: "" },
  });
  // The repository's own is loaded where it is built, or said to be missing; no impostor is tried.
  if (rows === undefined) expect(message).toContain(`${repositoryRoot}ffi/prebuilt`);
  expect(String(message)).not.toContain(directory.path);
  expect(String(message)).not.toContain("Can't load");
});

test("SPILLWAY_LIBRARY that depends on the working directory is refused", async () => {
  using directory = tempDirectory();
  writeFileSync(directory.file("libspillway.so"), "not a library");
  for (const named of ["libspillway.so", "./libspillway.so"]) {
    const { name, message } = await firstBatch({
      cwd: directory.path,
      env: { SPILLWAY_LIBRARY: named },
    });
    expect(name).toBe("LibraryNotFoundError");
    expect(message).toContain(
      `SPILLWAY_LIBRARY is ${named}, which depends on the working directory`,
    );
  }
});

const library = process.env["SPILLWAY_LIBRARY"] || prebuilt;

test.skipIf(process.platform !== "linux" || !existsSync(library))(
  "the library stays in memory when it is closed, as its threads and buffers may be in use",
  async () => {
    const { code, stdout, stderr } = await runScript("closed_library", { args: [library] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ mapped: true });
  },
);

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
