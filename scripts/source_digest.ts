/**
 * Tells whether a built library still belongs to the sources.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Hashes the names and the contents of all files in folders, but for those in a `target` folder.
 * Contents, since a checkout sets every modification time anew.
 *
 * @returns The digest in hexadecimal.
 */
export async function sourceDigest(...folders: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const name of await sourceFiles(folder)) {
      const content = await readFile(join(folder, name));
      hash.update(`${name}\n${content.byteLength}\n`).update(content);
    }
  }
  return hash.digest("hex");
}

async function sourceFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) names.push(entry.name);
    if (!entry.isDirectory() || entry.name === "target") continue;
    const inside = await sourceFiles(join(folder, entry.name));
    names.push(...inside.map((name) => `${entry.name}/${name}`));
  }
  return names.sort();
}
