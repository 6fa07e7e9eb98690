import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { findFiles } from "../src/glob.ts";

/**
 * The files that a person names on the command line, by paths or patterns.
 *
 * @throws {Error} When a pattern names none.
 */
export async function inputFiles(patterns: readonly string[]): Promise<string[]> {
  // A task runs in the folder of deno.json, wherever it was called.
  const base = process.env["INIT_CWD"] ?? ".";
  const files: string[] = [];
  for (const pattern of patterns) {
    const absolute = resolve(base, pattern);
    // First as a plain path: a name may hold a bracket.
    const found = existsSync(absolute) ? [absolute] : await findFiles(absolute);
    if (found.length === 0) throw new Error(`No file is named ${pattern}`);
    files.push(...found);
  }
  return files;
}
