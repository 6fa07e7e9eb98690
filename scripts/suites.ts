/**
 * The three test suites, as commands.
 *
 * @module
 */

import { findBun } from "./bun_binary.ts";
import { bunCounts, cargoCounts, type Counts, denoCounts } from "./counts.ts";
import { bunFailures, cargoFailures, denoFailures } from "./failures.ts";
import { projectPath } from "./project.ts";

/** A test runner: what to run, and how to read what it printed. */
export interface Suite {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly counts: (output: string) => Counts | null;
  readonly failures: (output: string) => string[];
}

/** The Python whose libraries read what was written, where they are there. */
function python(): string {
  return Deno.env.get("SPILLWAY_PYTHON") ?? "python3";
}

/**
 * The names of the suites that run at once, in the order of their stages: cargo uses all processors by
 * itself, the others mostly one.
 */
export const stages: readonly (readonly string[])[] = [["rust"], ["deno", "bun"]];

/** The suites by the name that `deno task test NAME` takes. */
export const suites: Readonly<Record<string, () => Suite | Promise<Suite>>> = {
  rust: () => ({
    title: "Rust",
    command: "cargo",
    args: [
      "test",
      "--release",
      "--locked",
      "--no-fail-fast",
      `--manifest-path=${projectPath("rust/Cargo.toml")}`,
    ],
    counts: cargoCounts,
    failures: cargoFailures,
  }),
  deno: () => ({
    title: "Deno",
    command: Deno.execPath(),
    args: [
      "test",
      "--doc",
      "--allow-ffi",
      "--allow-read",
      "--allow-write", // fixtures, in the folder for temporary files
      "--allow-env", // npm's `expect` reads NODE_ENV
      // Scripts that end by themselves, lack a permission, or (by sh) may open few files.
      `--allow-run=${Deno.execPath()},${python()},sh`,
      "--allow-net=127.0.0.1", // servers that answer with streams
      "--v8-flags=--expose-gc", // collectGarbage() of tests/support/harness.ts
      "mod.ts",
      "src/",
      "ffi/",
      "tests/",
      "README.md",
      "docs/",
    ],
    counts: denoCounts,
    failures: denoFailures,
  }),
  bun: async () => ({
    title: "Bun",
    command: await findBun(),
    args: ["test", "./tests/"],
    counts: bunCounts,
    failures: bunFailures,
  }),
};
