/**
 * What lies at many paths.
 *
 * @module
 */
import type { Dirent } from "node:fs";
import fs from "node:fs/promises";
import { basename, dirname } from "node:path";
import { lookUp } from "./walk_folders.ts";

/** What lies at a path, links followed: `null` where nothing does, or it may not be looked up. */
export type PathKind = "directory" | "other" | null;

/** So many files of one folder are looked up by reading the folder. */
const manyOfOneFolder = 8;

/**
 * Tells what lies at each of some paths.
 *
 * Where many of them lie in one folder that folder is read, which costs less than to look each up.
 *
 * @param paths The paths.
 * @param signal Ends it before paths are looked up, if one is given.
 * @returns What lies there, in the same order.
 * @throws {unknown} The signal's reason, where it aborts.
 */
export async function pathKinds(
  paths: readonly string[],
  signal: AbortSignal | null,
): Promise<PathKind[]> {
  const folders = new Map<string, number>();
  for (const path of paths) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  const known = new Map<string, ReadonlyMap<string, Dirent>>();
  await Promise.all([...folders].map(async ([folder, count]) => {
    if (count < manyOfOneFolder) return;
    const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => null);
    if (entries !== null) known.set(folder, new Map(entries.map((entry) => [entry.name, entry])));
  }));
  signal?.throwIfAborted();
  return await Promise.all(paths.map((path) => {
    const entry = known.get(dirname(path))?.get(basename(path));
    if (entry?.isFile()) return "other";
    return kindOf(path);
  }));
}

async function kindOf(path: string): Promise<PathKind> {
  const found = await lookUp(path);
  if (found === null) return null;
  return found.isDirectory() ? "directory" : "other";
}
