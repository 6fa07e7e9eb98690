/**
 * The names that a path is made of.
 *
 * @module
 */
import { sep } from "node:path";

/** What stands between names: on Windows either slash, elsewhere a backslash is part of a name. */
export const separators: RegExp = sep === "\\" ? /[\\/]+/ : /\/+/;

const lastSeparators = new RegExp(`(?:${separators.source})$`);

/** Whether a path can only be a directory's, as it ends in a separator. */
export function endsInSeparator(path: string): boolean {
  return lastSeparators.test(path);
}

/** A directory's path, so that a name can be appended. */
export function withSeparator(path: string): string {
  return endsInSeparator(path) ? path : path + sep;
}

/** A directory's path, as it is shown: the working directory's is empty where names are appended. */
export function withoutSeparator(path: string): string {
  return path.replace(lastSeparators, "") || (path === "" ? "." : path);
}

/** Where the last name of a path begins. */
export function lastNameStart(path: string): number {
  return Math.max(path.lastIndexOf("/"), sep === "\\" ? path.lastIndexOf(sep) : -1) + 1;
}
