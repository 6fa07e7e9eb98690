/**
 * Scripts for the interpreter that `SPILLWAY_PYTHON` names, or `python3`.
 *
 * @module
 */
import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { repositoryRoot, type TempDirectory } from "./harness.ts";

const python = process.env["SPILLWAY_PYTHON"] ?? "python3";

/**
 * Whether the interpreter has a module; says so where it has not.
 *
 * @param module The module.
 * @param skipped What is skipped without it.
 */
export function hasModule(module: string, skipped: string): boolean {
  try {
    execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
    return true;
  } catch {
    console.log(
      `Skipping ${skipped}: ${python} can't import it. ` +
        "Set SPILLWAY_PYTHON to an interpreter that can",
    );
    return false;
  }
}

/**
 * Runs a script that answers in JSON.
 *
 * @param script Its name in `tests/support/scripts`.
 * @param request What it reads as JSON, from a file.
 * @param folder Where that is written.
 * @param flags What it is told before the file's path.
 */
export async function runPython<Answer>(
  script: string,
  request: object,
  folder: TempDirectory,
  flags: readonly string[] = [],
): Promise<Answer> {
  const path = folder.file("request.json");
  writeFileSync(path, JSON.stringify(request));
  const file = join(repositoryRoot, "tests", "support", "scripts", script);
  const most = { maxBuffer: 1 << 30 };
  const { stdout } = await promisify(execFile)(python, [file, ...flags, path], most);
  return JSON.parse(stdout);
}
