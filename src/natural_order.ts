/**
 * The order in which people count: `part-2` before `part-10`.
 *
 * @module
 */
import { separators } from "./path_parts.ts";

/**
 * Sorts paths: a folder's own files before those in its folders, and the runs of digits in names by
 * their value. Names are compared by UTF-16 code units, since a locale's order would differ between
 * machines.
 *
 * @param paths The paths.
 * @returns The paths, sorted.
 *
 * @example
 * ```ts
 * import { sortNaturally } from "./natural_order.ts";
 * import { expect } from "@std/expect";
 *
 * expect(sortNaturally(["part-10", "part-2", "a/part-1"])).toEqual([
 *   "part-2",
 *   "part-10",
 *   "a/part-1",
 * ]);
 * ```
 */
export function sortNaturally(paths: Iterable<string>): string[] {
  return Array.from(paths, (path) => ({ path, key: sortKey(path) }))
    .sort((a, b) => compare(a.key, b.key) || compare(a.path, b.path))
    .map(({ path }) => path);
}

/** Text whose plain order is the natural order of the paths. */
function sortKey(path: string): string {
  const folders = path.split(separators);
  const name = folders.pop() ?? "";
  // No name has these control characters, which stand before all that names have.
  return folders.map((folder) => `\x01${numbersByValue(folder)}`).join("") +
    `\x00${numbersByValue(name)}`;
}

/** Puts before each number how many digits it has: of two numbers, the longer is the greater. */
function numbersByValue(name: string): string {
  return name.replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, "");
    return `0${String.fromCharCode(number.length)}${number}`;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
