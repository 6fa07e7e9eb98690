import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { repositoryRoot, type TempDirectory } from "./harness.ts";

/** What Polars is asked to read. */
export interface PolarsQuery {
  readonly paths: readonly string[];
  /** By all columns of all files, or by those of the first. */
  readonly how: "first" | "union";
  /** A condition in SQL. */
  readonly where: string | null;
  readonly offset: number;
  readonly limit: number;
}

/** The columns in order, or what Polars says is wrong. */
export type PolarsAnswer =
  | { readonly columns: readonly (readonly [name: string, values: readonly unknown[]])[] }
  | { readonly error: string };

const python = process.env["SPILLWAY_PYTHON"] ?? "python3";

/** Whether the interpreter that `SPILLWAY_PYTHON` names, or `python3`, has Polars; says so once where it has not. */
export function hasPolars(): boolean {
  try {
    execFileSync(python, ["-c", "import polars"], { stdio: "ignore" });
    return true;
  } catch {
    console.log(
      `Skipping what is compared with Polars: ${python} can't import it. ` +
        "Set SPILLWAY_PYTHON to an interpreter that can",
    );
    return false;
  }
}

/**
 * Asks Polars for rows as plain values: dates in days, timestamps in microseconds, decimals as text.
 *
 * @param queries All at once: a process is started for them
 * @param directory Where to write them
 */
export async function askPolars(
  queries: readonly PolarsQuery[],
  directory: TempDirectory,
): Promise<PolarsAnswer[]> {
  const path = directory.file("queries.json");
  writeFileSync(path, JSON.stringify(queries));
  const script = join(repositoryRoot, "tests", "support", "scripts", "read_with_polars.py");
  const most = { maxBuffer: 1 << 30 };
  const { stdout } = await promisify(execFile)(python, [script, path], most);
  return JSON.parse(stdout);
}
