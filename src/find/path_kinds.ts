/**
 * What lies at many paths.
 *
 * @module
 */
import type { Dirent } from "node:fs";
import fs from "node:fs/promises";
import { basename, dirname } from "node:path";
import { nativePathKind, nativePathKinds } from "../../ffi/path_kinds.ts";
import { turnIfDue } from "../streams/event_loop_turn.ts";
import { lookUp } from "./walk_folders.ts";

/** What lies at a path, links followed: `null` where nothing does, or it may not be looked up. */
export type PathKind = "directory" | "other" | null;

/** So many paths are worth a native call. */
const manyPaths = 64;
/** The most paths of one native call, for which everything else waits. */
const pathsOfCall = 1_024;
/** So many files of one folder are looked up by reading the folder. */
const manyOfOneFolder = 8;

/**
 * Tells what lies at each of some paths.
 *
 * Many are looked up natively where everything may be read. Elsewhere, where many of them lie in one
 * folder, that folder is read, which costs less than to look each up.
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
  const native = paths.length < manyPaths ? null : await kindsOfMany(paths, signal);
  if (native !== null) return native;
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

/** As the library tells it; `null` where it can't. */
async function kindsOfMany(
  paths: readonly string[],
  signal: AbortSignal | null,
): Promise<PathKind[] | null> {
  const kinds: PathKind[] = [];
  for (let start = 0; start < paths.length; start += pathsOfCall) {
    signal?.throwIfAborted();
    const told = nativePathKinds(paths.slice(start, start + pathsOfCall));
    if (told === null) return null;
    for (const kind of told) kinds.push(kindOfNative(kind));
    await turnIfDue(performance.now());
  }
  return kinds;
}

function kindOfNative(kind: number): PathKind {
  if (kind === nativePathKind.none) return null;
  return kind === nativePathKind.directory ? "directory" : "other";
}
