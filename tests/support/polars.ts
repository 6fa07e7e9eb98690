import type { TempDirectory } from "./harness.ts";
import { hasModule, runPython } from "./python_script.ts";

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

/** Whether the interpreter that `SPILLWAY_PYTHON` names, or `python3`, has Polars; says so once where it has not. */
export function hasPolars(): boolean {
  return hasModule("polars", "what is compared with Polars");
}

/**
 * Asks Polars for rows as plain values: dates in days, timestamps in microseconds, decimals as text.
 *
 * @param queries All at once: a process is started for them
 * @param directory Where to write them
 */
export function askPolars(
  queries: readonly PolarsQuery[],
  directory: TempDirectory,
): Promise<PolarsAnswer[]> {
  return runPython("read_with_polars.py", queries, directory);
}
