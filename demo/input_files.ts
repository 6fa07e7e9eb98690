import { isAbsolute, join } from "node:path";
import process from "node:process";
import { findFiles } from "../src/find/find_files.ts";

/**
 * The files that a person names on the command line, by paths, directories or patterns.
 *
 * @throws {SpillwayError} When a directory or a pattern names none.
 */
export async function inputFiles(patterns: readonly string[]): Promise<string[]> {
  // A task runs in the folder of deno.json, wherever it was called.
  const base = process.env["INIT_CWD"] ?? ".";
  const found = await findFiles(
    patterns.map((pattern) => isAbsolute(pattern) ? pattern : join(base, pattern)),
  );
  return found.map(({ path }) => path);
}
