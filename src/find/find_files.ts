/**
 * The files that paths, folders and patterns name.
 *
 * Needs `--allow-read` of the folders that are looked into, and no other permission.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathOf } from "./path_of.ts";
import { FileNotFoundError } from "../errors.ts";
import { compileGlob, everyFileBelow, type GlobStart, isGlob } from "./glob_pattern.ts";
import { type HivePartitions, hivePartitions } from "./hive_path.ts";
import { sortNaturally } from "./natural_order.ts";
import { type PathKind, pathKinds } from "./path_kinds.ts";
import { endsInSeparator, withoutSeparator, withSeparator } from "./path_parts.ts";
import { lookUp, realPathOf, walkFolders, type WalkResult } from "./walk_folders.ts";

/** A file, and what its path tells. */
export interface FoundFile {
  /** The path, which begins as it was given. */
  readonly path: string;
  /** The columns in the names of its folders: none unless they were asked for. */
  readonly partitions: HivePartitions;
}

/** How files are looked for. */
export interface FindFilesOptions {
  /** Whether a pattern, a directory or a list may name no file. @default {false} */
  readonly allowEmpty?: boolean;
  /** Whether to read columns from folders named `key=value`. @default {false} */
  readonly hive?: boolean;
  /**
   * Whether links are followed that a directory or a pattern leads to. What an item itself names may
   * be one anyhow. @default {false}
   */
  readonly followSymlinks?: boolean;
  /** How the names of a directory's files end: one of these. @default {".parquet"} */
  readonly suffixes?: string | readonly string[];
  /** Ends the looking, within the folders that are read at once. @default {none} */
  readonly signal?: AbortSignal | null;
}

/**
 * Lists the files that a caller names.
 *
 * Each item is one of these:
 * - The path or the `file:` URL of a file, which is taken as it is: whoever reads it says that it is
 *   missing. So is a path that exists though it looks like a pattern.
 * - A directory, for its files with one of the suffixes at any depth; names that start with `_` or `.` are
 *   passed over.
 * - A pattern: see `glob_pattern.ts` for the syntax. In a URL, `?` has to be written as `%3F`.
 *
 * Items keep their order. The files of a directory or a pattern come in natural order, a folder's
 * own before those in its folders. A file is listed once, also where several items or links lead to
 * it, unless its path is given several times itself.
 *
 * Symbolic links in a directory, and those that a pattern's wildcards come upon, are passed over: what
 * is found lies below the folders that are named. `followSymlinks` follows them. A link that an item
 * names, by itself or as the part of a pattern before its first wildcard, is followed.
 *
 * Costs one read of each folder that can hold a match, and nothing for a file.
 *
 * @param paths The items: one, or a list.
 * @param options How to look for them.
 * @returns The files. `hivePartitions` says which folders count as columns.
 * @throws {TypeError} Where an item is neither text nor a `file:` URL, or a pattern can't be read.
 * @throws {RangeError} Where the list is empty, or a pattern's braces make too many alternatives.
 * @throws {FileNotFoundError} Where a pattern or a directory names no file.
 * @throws {FileAccessError} Where the system does not let a folder be read.
 * @throws {PermissionDeniedError} Where Deno does not.
 * @throws {unknown} The signal's reason, where it aborts.
 *
 * @example
 * ```ts
 * import { findFiles } from "./find_files.ts";
 * import { expect } from "@std/expect";
 *
 * const files = await findFiles(["tests/data/read*.parquet", "README.md"]);
 * expect(files.map(({ path }) => path)).toEqual(["tests/data/readings.parquet", "README.md"]);
 * ```
 */
export async function findFiles(
  paths: string | URL | readonly (string | URL)[],
  {
    allowEmpty = false,
    hive = false,
    followSymlinks = false,
    suffixes = ".parquet",
    signal = null,
  }: FindFilesOptions = {},
): Promise<FoundFile[]> {
  const items = [paths].flat().map(pathOf);
  if (items.length === 0 && !allowEmpty) {
    throw new RangeError("No file is named: the list of paths is empty. Name one at least");
  }
  const kinds = await pathKinds(items, signal);
  const classified = items.map((path, index) => classify(path, kinds[index] ?? null, suffixes));
  const found = (path: string): FoundFile => ({
    path,
    partitions: hive ? hivePartitions(path) : [],
  });
  // Which links lead to one file matters only beside what is looked for.
  if (classified.every(({ starts }) => starts === null)) return items.map(found);
  const list = new FileList();
  for (const { path, starts, sought } of classified) {
    signal?.throwIfAborted();
    if (starts === null) {
      list.addNamed(path, await realPathOf(path));
      continue;
    }
    const walked = await walkFolders(starts, { followSymlinks, signal });
    if (walked.files.size === 0 && !allowEmpty) {
      throw await noMatch({ path, starts, sought }, walked);
    }
    list.addMatches(walked.files);
  }
  return list.paths.map(found);
}

/** What an item turned out to be. */
interface Item {
  readonly path: string;
  /** Where to look for its files: `null` where it is one itself. */
  readonly starts: readonly GlobStart[] | null;
  /** What its files do, for the error where there are none. */
  readonly sought: string;
}

function classify(
  path: string,
  kind: PathKind,
  suffixes: string | readonly string[],
): Item {
  if (kind === null && isGlob(path)) {
    return { path, starts: compileGlob(path, suffixes), sought: "matches" };
  }
  if (kind === "directory" || endsInSeparator(path)) {
    const starts = [{ folder: withSeparator(path), steps: [everyFileBelow(suffixes)] }];
    return { path, starts, sought: `ends in ${[suffixes].flat().join(" or ")}` };
  }
  return { path, starts: null, sought: "" };
}

/** The list as it grows: who is in it, and how often by its own path. */
class FileList {
  readonly paths: string[] = [];
  readonly #counts = new Map<string, { listed: number; named: number }>();

  addNamed(path: string, real: string): void {
    const count = this.#count(real);
    count.named++;
    // A pattern may have listed it already.
    if (count.listed < count.named) {
      count.listed++;
      this.paths.push(path);
    }
  }

  addMatches(files: WalkResult["files"]): void {
    const fresh: string[] = [];
    for (const [real, path] of files) {
      const count = this.#count(real);
      if (count.listed > 0) continue;
      count.listed++;
      fresh.push(path);
    }
    for (const path of sortNaturally(fresh)) this.paths.push(path);
  }

  #count(real: string): { listed: number; named: number } {
    const count = this.#counts.get(real) ?? { listed: 0, named: 0 };
    this.#counts.set(real, count);
    return count;
  }
}

async function noMatch(
  { path, starts, sought }: { path: string; starts: readonly GlobStart[]; sought: string },
  { folderMatches, passedLinks }: WalkResult,
): Promise<FileNotFoundError> {
  const reasons = new Set<string>();
  for (const { folder } of starts) {
    const looked = await nearestFolder(folder);
    reasons.add(
      looked === withoutSeparator(folder)
        ? `nothing in ${looked} ${sought}`
        : `looked in ${looked}, as there is no folder ${withoutSeparator(folder)}`,
    );
  }
  const advice = folderMatches > 0
    ? `Folders match (${folderMatches}): end the pattern in a slash for the files below them`
    : passedLinks > 0
    ? `Symbolic links were passed over (${passedLinks}): set followSymlinks to follow them`
    : "Correct the path, or set allowEmpty where no file is fine";
  return new FileNotFoundError(
    `Can't find files for ${path}: ${[...reasons].slice(0, 3).join("; ")}. ${advice}`,
    { path },
  );
}

/** The folder, or the nearest above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  const folder = withoutSeparator(path);
  const above = dirname(folder);
  if (above === folder || (await lookUp(folder))?.isDirectory()) return folder;
  return await nearestFolder(above);
}
