import { dirname } from "node:path";

/**
 * Whether Deno lets a path be read or written, without asking the user.
 *
 * Asks of the folders around it first, from the outermost inwards: Deno keeps what it answered of
 * each path, in some 400 bytes, until the process ends. A server that reads one upload after the
 * other would grow with each of them.
 *
 * @param name What is done with it.
 * @param path The file or the folder.
 */
export function isPathGranted(name: "read" | "write", path: string): boolean {
  if (foldersAround(path).some((folder) => isGrantedBelow(name, folder))) return true;
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/** Whether all that is below a folder is granted, too. */
function isGrantedBelow(name: "read" | "write", path: string): boolean {
  const { state, partial } = Deno.permissions.querySync({ name, path });
  return state === "granted" && !partial;
}

/** The folders that a path names, the outermost first. */
function foldersAround(path: string): string[] {
  // What `..` leads out of is not around it.
  if (path.split(/[/\\]/).includes("..")) return [];
  const folders: string[] = [];
  for (let inner = path; dirname(inner) !== inner; inner = dirname(inner)) {
    folders.push(dirname(inner));
  }
  return folders.reverse();
}
