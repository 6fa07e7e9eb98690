import { type Table, tableFromIPC } from "apache-arrow";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./harness.ts";

const directory = join(repositoryRoot, "tests", "data", "generated");

/**
 * The path of a file that `rust/examples/write_fixtures` wrote, where its values are described.
 *
 * @param name Its name without the extension
 * @throws {Error} When it has not been written yet
 */
export function fixture(name: string): string {
  return written(`${name}.parquet`);
}

/**
 * What a reader has to give for a file of generated values.
 *
 * @param name The name that the file of expected values has, without the extension
 */
export function expectedTable(name: string): Table {
  return tableFromIPC(readFileSync(written(`${name}.arrow`)));
}

function written(file: string): string {
  const path = join(directory, file);
  if (!existsSync(path)) throw new Error(`${file} is not there yet: run \`deno task fixtures\``);
  return path;
}
