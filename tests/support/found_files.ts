import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { SpillwayError } from "spillway";
import { findFiles, type FindFilesOptions } from "../../src/find/find_files.ts";
import { type TempDirectory, tempDirectory } from "./harness.ts";

/** A directory with these files, all empty. */
export function directoryOf(...names: string[]): TempDirectory {
  const directory = tempDirectory();
  for (const name of names) {
    const path = directory.file(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
  return directory;
}

/** What is found below a directory, as paths from there. */
export async function found(
  { path, file }: TempDirectory,
  items: string | readonly string[],
  options?: FindFilesOptions,
): Promise<string[]> {
  const paths = typeof items === "string" ? file(items) : items.map((item) => file(item));
  const files = await findFiles(paths, options);
  return files.map((one) => one.path.slice(path.length + 1).replaceAll("\\", "/"));
}

/** The error that a search ends in. */
export async function failure(finding: Promise<unknown>): Promise<SpillwayError> {
  const error: unknown = await finding.then(() => null, (reason) => reason);
  if (error instanceof SpillwayError) return error;
  throw error ?? new Error("Nothing was thrown");
}
