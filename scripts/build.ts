/**
 * `deno task build`: builds the native library and stages it, unless it is up to date.
 *
 * @module
 */

import { projectPath } from "./project.ts";
import { sourceDigest } from "./source_digest.ts";
import { isStaged, stage, stagedPath } from "./staged_library.ts";

/** The part of cargo's JSON messages that tells which files it made. */
interface CargoMessage {
  readonly reason: string;
  readonly target?: { readonly crate_types: readonly string[] };
  readonly filenames?: readonly string[];
}

/**
 * Builds the native library and stages it, unless the staged one was built from the same sources.
 *
 * @throws {Error} When cargo is missing or fails.
 */
export async function buildLibrary(): Promise<void> {
  const digest = await sourceDigest(projectPath("rust"), projectPath(".cargo"));
  if (await isStaged(digest)) {
    console.log(`The native library is up to date: ${stagedPath}`);
    return;
  }
  console.log("Building the native library (a first build takes some minutes)");
  await stage(await cargoBuild(), digest);
  console.log(`Staged the native library: ${stagedPath}`);
}

async function cargoBuild(): Promise<string> {
  const { success, code, stdout } = await runCargo([
    "build",
    "--release",
    "--locked",
    "--lib",
    `--manifest-path=${projectPath("rust/Cargo.toml")}`,
    "--message-format=json-render-diagnostics",
  ]);
  if (!success) throw new Error(`Building the native library failed: cargo ended with ${code}`);
  const built = builtLibrary(new TextDecoder().decode(stdout));
  if (!built) throw new Error("Building the native library failed: cargo names no cdylib");
  return built;
}

async function runCargo(args: string[]): Promise<Deno.CommandOutput> {
  const command = new Deno.Command("cargo", {
    args,
    cwd: projectPath(""), // where cargo looks for .cargo/config.toml
    stdout: "piped",
    stderr: "inherit", // where it shows its progress
  });
  try {
    return await command.output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(
      "Building the native library needs cargo, which is not on the PATH: install Rust 1.95 or " +
        "newer, and a C compiler, then run this again",
      { cause },
    );
  }
}

/** Asks cargo's messages, since the target folder may be anywhere (`CARGO_TARGET_DIR`). */
function builtLibrary(messages: string): string | undefined {
  return messages.split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): CargoMessage => JSON.parse(line))
    .filter(({ reason, target }) =>
      reason === "compiler-artifact" && target?.crate_types.includes("cdylib")
    )
    .flatMap(({ filenames }) => filenames ?? [])
    .findLast((name) => /\.(so|dylib|dll)$/.test(name));
}

if (import.meta.main) {
  try {
    await buildLibrary();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
