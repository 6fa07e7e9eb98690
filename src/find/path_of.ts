/**
 * Paths and URLs of files.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { shown } from "../check_options.ts";

/**
 * The path of a file that is given as a path or as a `file:` URL.
 *
 * @param path The file.
 * @returns The path.
 * @throws {TypeError} Where it is neither.
 */
export function pathOf(path: string | URL): string {
  if (path instanceof URL) {
    if (path.protocol !== "file:") {
      throw new TypeError(`The URL of a file must begin with file:, not ${path.protocol}`);
    }
    return fileURLToPath(path);
  }
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`The path of a file must be text or a URL, not ${shown(path)}`);
  }
  if (path.includes("\0")) {
    throw new TypeError("The path of a file must not have a NUL character in it");
  }
  return path;
}
