import type { ForeignColumns } from "./foreign_values.ts";
import type { TempDirectory } from "./harness.ts";
import { hasModule, runPython } from "./python_script.ts";

/** A library of Python's that reads files. */
export type PythonReader = "duckdb" | "polars" | "pyarrow";

/**
 * Which libraries the interpreter that `SPILLWAY_PYTHON` names, or `python3`, has; says so of those that it has not.
 *
 * pyarrow is needed for all of them.
 */
export function pythonReaders(): PythonReader[] {
  const readers: PythonReader[] = ["pyarrow", "polars", "duckdb"];
  const has = (module: string) => hasModule(module, `what ${module} reads`);
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

function runScript<Answer>(
  request: object,
  folder: TempDirectory,
  ...flags: string[]
): Promise<Answer> {
  // What has no like in JSON is text; a negative zero is a number.
  return runPython("read_with_python.py", request, folder, flags);
}
