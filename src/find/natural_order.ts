/**
 * The order in which people count: `part-2` before `part-10`.
 *
 * @module
 */
import { lastNameStart, separators } from "./path_parts.ts";

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
  const folderKeys = new Map<string, string>();
  return Array.from(paths, (path) => ({ path, key: sortKey(path, folderKeys) }))
    .sort((a, b) => compare(a.key, b.key) || compare(a.path, b.path))
    .map(({ path }) => path);
}

/** Text whose plain order is the natural order of the paths; files of a folder have the folder's in common. */
function sortKey(path: string, folderKeys: Map<string, string>): string {
  const nameStart = lastNameStart(path);
  const folder = path.slice(0, nameStart);
  let folderKey = folderKeys.get(folder);
  if (folderKey === undefined) {
    // No name has these control characters, which stand before all that names have.
    const names = folder.split(separators).slice(0, -1);
    folderKey = names.map((name) => `\x01${numbersByValue(name)}`).join("");
    folderKeys.set(folder, folderKey);
  }
  return `${folderKey}\x00${numbersByValue(path.slice(nameStart))}`;
}

/** Puts before each number how many digits it has: of two numbers, the longer is the greater. */
function numbersByValue(name: string): string {
  return name.replace(/\d+/g, (digits) => {
    const number = digits.startsWith("0") ? digits.replace(/^0+(?=\d)/, "") : digits;
    return `0${String.fromCharCode(number.length)}${number}`;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
