/**
 * The place under `ffi/prebuilt` where the library for this machine is staged, and looked up.
 *
 * @module
 */

import { copyFile, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { projectPath, version } from "./project.ts";

const { os, arch } = Deno.build;
const extension = os === "windows" ? "dll" : os === "darwin" ? "dylib" : "so";
const fileName = `libspillway-${version}.${extension}`;

/** The path of the staged library, whether it is there or not. */
export const stagedPath: string = projectPath(`ffi/prebuilt/${os}-${arch}/${fileName}`);
const digestPath = `${stagedPath}.source`;

/** Tells whether the staged library was built from the sources of this digest. */
export async function isStaged(digest: string): Promise<boolean> {
  try {
    await stat(stagedPath);
    return await readFile(digestPath, "utf8") === digest;
  } catch {
    return false;
  }
}

/** Puts a built library in place in one step, so that no process ever loads half a file. */
export async function stage(built: string, digest: string): Promise<void> {
  const incoming = `${stagedPath}.${Deno.pid}.tmp`;
  await mkdir(dirname(stagedPath), { recursive: true });
  await copyFile(built, incoming);
  await rename(incoming, stagedPath);
  await writeFile(digestPath, digest);
}
