/**
 * Patterns of paths.
 *
 * Built on `node:fs`, which both runtimes have. To use Deno's standard library instead, add
 * `"@std/fs": "jsr:@std/fs@^1"` to the import map and make the body of the function
 * `return (await Array.fromAsync(expandGlob(pattern), ({ path }) => path)).sort()`, with
 * `expandGlob` from `@std/fs/expand-glob`.
 *
 * @module
 */
import { glob } from "node:fs/promises";

/**
 * Finds the files that a pattern names.
 *
 * @param pattern A path in which `*`, `**`, `?`, `[…]` and `{…}` stand for parts of names.
 * @returns The paths, sorted, so that the same files come in the same order everywhere.
 */
export async function findFiles(pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(glob(pattern));
  return paths.sort();
}
