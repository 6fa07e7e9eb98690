/**
 * What Deno's sandbox lets native code touch, which it does not hold back by itself.
 *
 * @module
 */
import { dirname } from "node:path";
import { isPathGranted } from "./is_path_granted.ts";
import type { RealPath } from "./native.ts";

/** What is done with a file. */
export type Access = "read" | "write";

/** Whether something is allowed, without asking the user. */
export function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** Whether something is allowed of a path and all that is below it; of every path, where none is given. */
export function isGrantedBelow(name: Access, path?: string): boolean {
  const { state, partial } = Deno.permissions.querySync({
    name,
    ...path === undefined ? {} : { path },
  });
  return state === "granted" && !partial;
}

/**
 * Whether a file may be read or written, also where links lead to it.
 *
 * Deno itself follows links out of a folder that is allowed: whoever may put a link there then chooses
 * what is read. Here, the place that a path leads to has to be allowed too, or lie in an allowed folder
 * that is reached by a link itself, as all of `/tmp` on macOS is.
 *
 * @param name What is done with it.
 * @param path The file.
 * @param realPath Tells where a path leads.
 */
export function isGrantedAsIs(name: Access, path: string, realPath: RealPath): boolean {
  if (isGrantedBelow(name)) return true;
  if (!isPathGranted(name, path)) return false;
  const real = realPath(path);
  if (real === null) return false;
  if (isPathGranted(name, real)) return true;
  const { state } = Deno.permissions.querySync({ name, path: real });
  // Deno takes `..` for the folder above a link, the system for that above where the link leads.
  if (state === "denied" || path.split(/[/\\]/).includes("..")) return false;
  const allowed = outermostGranted(name, path);
  const realAllowed = allowed === null ? null : realPath(allowed);
  return realAllowed !== null && isWithin(real, realAllowed);
}

/** The outermost of a path and the folders around it that is allowed with all below it. */
function outermostGranted(name: Access, path: string): string | null {
  let outermost: string | null = null;
  for (let inner = path;; inner = dirname(inner)) {
    if (!isGrantedBelow(name, inner)) return outermost;
    outermost = inner;
    if (dirname(inner) === inner) return outermost;
  }
}

function isWithin(path: string, folder: string): boolean {
  const rest = path.slice(folder.length);
  return path.startsWith(folder) && (rest === "" || /^[/\\]/.test(rest) || /[/\\]$/.test(folder));
}
