/**
 * Tells whether a built library still belongs to the sources.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Hashes the names and the contents of all files of a crate but for its `target` folder. Contents,
 * since a checkout sets every modification time anew.
 *
 * @returns The digest in hexadecimal.
 */
export async function sourceDigest(crate: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of await sourceFiles(crate)) {
    const content = await readFile(join(crate, name));
    hash.update(`${name}\n${content.byteLength}\n`).update(content);
  }
  return hash.digest("hex");
}

async function sourceFiles(crate: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(crate, { withFileTypes: true })) {
    if (entry.isFile()) names.push(entry.name);
    if (!entry.isDirectory() || entry.name === "target") continue;
    const inside = await sourceFiles(join(crate, entry.name));
    names.push(...inside.map((name) => `${entry.name}/${name}`));
  }
  return names.sort();
}
