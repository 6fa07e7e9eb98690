/**
 * Prints the paths of the files that its arguments name, or what the error says.
 */
import process from "node:process";
import { SpillwayError } from "spillway";
import { findFiles } from "../../../src/find/find_files.ts";

try {
  const files = await findFiles(process.argv.slice(2));
  console.log(JSON.stringify({ paths: files.map(({ path }) => path) }));
} catch (error) {
  if (!(error instanceof SpillwayError)) throw error;
  const { name, code, path, message } = error;
  console.log(JSON.stringify({ name, code, path, message }));
}
