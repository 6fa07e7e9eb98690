import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { repositoryRoot, type TempDirectory } from "./harness.ts";
import type { ForeignColumns } from "./foreign_values.ts";

/** A library of Python's that reads files. */
export type PythonReader = "duckdb" | "polars" | "pyarrow";

const python = process.env["SPILLWAY_PYTHON"] ?? "python3";

/**
 * Which libraries the interpreter that `SPILLWAY_PYTHON` names, or `python3`, has; says so of those that it has not.
 *
 * pyarrow is needed for all of them.
 */
export function pythonReaders(): PythonReader[] {
  const readers: PythonReader[] = ["pyarrow", "polars", "duckdb"];
  const has = (module: string): boolean => {
    try {
      execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
      return true;
    } catch {
      console.log(
        `Skipping what ${module} reads: ${python} can't import it. ` +
          "Set SPILLWAY_PYTHON to an interpreter that can",
      );
      return false;
    }
  };
  return has("pyarrow") ? readers.filter((reader) => reader === "pyarrow" || has(reader)) : [];
}

/** The values that a library reads of files. */
export function readWithPython(
  reader: PythonReader,
  paths: readonly string[],
  folder: TempDirectory,
): Promise<ForeignColumns[]> {
  return runScript<ForeignColumns[]>({ reader, paths }, folder);
}

/** What pyarrow finds wrong in files' statistics, which should be nothing, and how many it has compared. */
export function wrongStatistics(
  paths: readonly string[],
  folder: TempDirectory,
): Promise<{ wrong: unknown[]; compared: number }> {
  return runScript({ paths }, folder, "--statistics");
}

/** The row groups of a file that pyarrow reads where a column has to equal a value. */
export function rowGroupsLeft(
  path: string,
  [column, value]: readonly [column: string, value: number | string],
  folder: TempDirectory,
): Promise<number[]> {
  return runScript({ path, column, value }, folder, "--row-groups");
}

async function runScript<Answer>(
  request: object,
  folder: TempDirectory,
  ...flags: string[]
): Promise<Answer> {
  const path = folder.file("request.json");
  writeFileSync(path, JSON.stringify(request));
  const script = join(repositoryRoot, "tests", "support", "scripts", "read_with_python.py");
  const most = { maxBuffer: 1 << 28 };
  const { stdout } = await promisify(execFile)(python, [script, ...flags, path], most);
  // What has no like in JSON is text; a negative zero is a number.
  return JSON.parse(stdout);
}
