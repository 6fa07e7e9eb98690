/**
 * `deno task fixtures`: writes the Parquet files that tests read and that no writer in JavaScript
 * can write, unless they are there.
 *
 * @module
 */

import { projectPath } from "./project.ts";

/** Where the files are written: a folder that git ignores. */
const directory = projectPath("tests/data/generated");

/**
 * Writes the tests' files, unless the same version of their writer has.
 *
 * @throws {Error} When cargo is missing or fails.
 */
export async function writeFixtures(): Promise<void> {
  console.log("Writing the files that the tests read, where they are not there yet");
  const cargo = new Deno.Command("cargo", {
    args: [
      "run",
      "--release",
      "--locked",
      "--quiet",
      `--manifest-path=${projectPath("rust/Cargo.toml")}`,
      "--example=write_fixtures",
      "--",
      directory,
    ],
    cwd: projectPath(""), // where cargo looks for .cargo/config.toml
  });
  const { success, code } = await cargo.spawn().status;
  if (!success) throw new Error(`Writing the files for the tests failed: cargo ended with ${code}`);
}

if (import.meta.main) await writeFixtures();
