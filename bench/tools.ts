/**
 * Finds or builds what the measured processes need: runtimes, Python with the rivals, our own core.
 *
 * @module
 */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findBun } from "../scripts/bun_binary.ts";
import { buildLibrary } from "../scripts/build.ts";
import { projectPath } from "../scripts/project.ts";

/** The git-ignored folder for everything that a benchmark makes. */
export const workFolder: string = projectPath("bench/.work");

/** Tells whether a file or folder is there. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

/** Memoizes a set-up step, so that it happens once and only for the cases that ask for it. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}

/**
 * Runs a set-up command with its output on the terminal.
 *
 * @throws {Error} When it can't be started or fails.
 */
export async function setUp(command: readonly string[]): Promise<void> {
  const [program = "", ...args] = command;
  console.error(`$ ${command.join(" ")}`);
  const { success, code } = await new Deno.Command(program, {
    args,
    stdout: "inherit",
    stderr: "inherit",
  }).output().catch((cause) => {
    throw new Error(`Setting up the benchmark needs ${program}, which did not start`, { cause });
  });
  if (!success) throw new Error(`Setting up the benchmark failed: ${program} ended with ${code}`);
}

/**
 * Python with the rivals of `rivals/requirements.txt`, in a virtual environment.
 *
 * `SPILLWAY_BENCH_PYTHON` names an interpreter that has them already.
 */
export const python: () => Promise<string> = once(async () => {
  const given = Deno.env.get("SPILLWAY_BENCH_PYTHON");
  if (given) return given;
  const folder = join(workFolder, "venv");
  const windows = Deno.build.os === "windows";
  const interpreter = join(folder, windows ? "Scripts/python.exe" : "bin/python");
  const ready = join(folder, ".ready");
  if (await exists(ready)) return interpreter;
  await mkdir(workFolder, { recursive: true });
  await setUp([windows ? "python" : "python3", "-m", "venv", folder]);
  const requirements = projectPath("bench/rivals/requirements.txt");
  await setUp([interpreter, "-m", "pip", "install", "--quiet", "--requirement", requirements]);
  await Deno.writeTextFile(ready, "");
  return interpreter;
});

/** Our library, built and staged, unless `SPILLWAY_LIBRARY` names one. */
export const library: () => Promise<void> = once(async () => {
  if (!Deno.env.get("SPILLWAY_LIBRARY")) await buildLibrary();
});

/** Bun's executable; `SPILLWAY_BENCH_BUN` names another one. */
export const bun: () => Promise<string> = once(async () =>
  Deno.env.get("SPILLWAY_BENCH_BUN") ?? await findBun()
);

/** The executable of `rust/examples/bench_scan.rs`, which drives the same core without JavaScript. */
export const rustScan: () => Promise<string> = once(async () => {
  const given = Deno.env.get("SPILLWAY_BENCH_RUST_SCAN");
  if (given) return given;
  console.error("Building rust/examples/bench_scan.rs");
  const { success, code, stdout } = await new Deno.Command("cargo", {
    args: [
      "build",
      "--release",
      "--locked",
      "--example=bench_scan",
      `--manifest-path=${projectPath("rust/Cargo.toml")}`,
      "--message-format=json-render-diagnostics",
    ],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) {
    throw new Error(`Building rust/examples/bench_scan.rs failed: cargo ended with ${code}`);
  }
  const executable = new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): { executable?: string | null } =>
      JSON.parse(line).executable ? JSON.parse(line) : {}
    )
    .findLast((message) => message.executable)?.executable;
  if (!executable) {
    throw new Error("Building rust/examples/bench_scan.rs failed: cargo names no executable");
  }
  return executable;
});
