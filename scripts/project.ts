/**
 * Where things are in this repository.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };

/** The version of the package, which the native library carries in its file name. */
export const version: string = manifest.version;

/** The path of a file of the repository, from its path relative to the root. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}
