/**
 * The walk down the folders that a pattern can match.
 *
 * @module
 */
import type { Dirent, Stats } from "node:fs";
import fs from "node:fs/promises";
import { FileAccessError, PermissionDeniedError } from "../errors.ts";
import { advance, type GlobStart, type GlobStep } from "./glob_pattern.ts";
import { withoutSeparator, withSeparator } from "./path_parts.ts";

/** What a walk came upon. */
export interface WalkResult {
  /** The files that match: the path of each by its real path. */
  readonly files: ReadonlyMap<string, string>;
  /** How many folders match where only files count: the pattern may lack its last name. */
  readonly folderMatches: number;
  /** How many links were passed over that match, or may lead to what does. */
  readonly passedLinks: number;
}

/** How folders are walked. */
export interface WalkOptions {
  /** Whether links that the walk comes upon are followed; where it begins may be one anyhow. */
  readonly followSymlinks: boolean;
  /** Ends the walk before the next folders, if one is given. */
  readonly signal: AbortSignal | null;
}

/**
 * Finds the files that match, each once.
 *
 * Reads every folder that can hold a match once, and asks nothing about its files: their type comes
 * with their names. Links are passed over, so that all that is found lies below where the walk
 * begins.
 *
 * Or they are followed, if that is asked for: after all else, and not to where the walk has been.
 * A file is listed under its own name if that matches too, and a cycle ends. A link that leads
 * nowhere is listed if its name matches, so that reading it says so.
 *
 * A folder that is gone by the time that it is read counts as empty.
 *
 * @param starts Where to begin, and what to look for.
 * @param options Whether to follow links, and what ends the walk.
 * @returns The files, in no order.
 * @throws {FileAccessError} Where the system does not let a folder be read.
 * @throws {PermissionDeniedError} Where Deno does not.
 * @throws {unknown} The signal's reason, where it aborts.
 */
export async function walkFolders(
  starts: readonly GlobStart[],
  { followSymlinks, signal }: WalkOptions,
): Promise<WalkResult> {
  const walk = new FolderWalk(followSymlinks);
  for (const { folder, steps } of starts) {
    walk.enter(folder, await realPathOf(withoutSeparator(folder)), steps);
  }
  await walk.run(signal);
  return walk;
}

/**
 * The path without links in it, or as it was given where it can't be looked up.
 *
 * @param path The path.
 */
export async function realPathOf(path: string): Promise<string> {
  return await fs.realpath(path).catch(() => path);
}

/**
 * What lies at a path, links followed.
 *
 * @param path The path.
 * @returns `null` where nothing does, or it may not be looked up.
 */
export async function lookUp(path: string): Promise<Stats | null> {
  return await fs.stat(path).catch(() => null);
}

/** Folders that the system is asked for at once: while it reads some, what came of others is looked at. */
const foldersAtOnce = 16;

interface Folder {
  /** With the separator at its end, so that names can be appended. */
  readonly path: string;
  readonly real: string;
  readonly steps: readonly GlobStep[];
}

/** A link, or what a file system gave no type for. */
interface Unknown {
  readonly path: string;
  readonly isMatch: boolean;
  readonly below: readonly GlobStep[];
}

class FolderWalk implements WalkResult {
  readonly files = new Map<string, string>();
  folderMatches = 0;
  passedLinks = 0;
  readonly #followSymlinks: boolean;
  readonly #entered = new Map<string, Set<GlobStep>>();
  readonly #folders: Folder[] = [];
  readonly #unknown: Unknown[] = [];

  constructor(followSymlinks: boolean) {
    this.#followSymlinks = followSymlinks;
  }

  /** Plans to read a folder, for the steps that it wasn't entered with yet. */
  enter(path: string, real: string, steps: readonly GlobStep[]): void {
    const entered = this.#entered.get(real) ?? new Set();
    const fresh = steps.filter((step) => !entered.has(step));
    if (fresh.length === 0) return;
    this.#entered.set(real, new Set([...entered, ...fresh]));
    this.#folders.push({ path, real, steps: fresh });
  }

  async run(signal: AbortSignal | null): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const folders = this.#folders.splice(0, foldersAtOnce);
      if (folders.length > 0) {
        const listings = folders.map(({ path }) => entriesOf(withoutSeparator(path)));
        for (const [index, entries] of (await Promise.all(listings)).entries()) {
          this.#take(folders[index]!, entries);
        }
        continue;
      }
      const unknown = this.#unknown.shift();
      if (!unknown) return;
      await this.#lookInto(unknown);
    }
  }

  #take({ path, real, steps }: Folder, entries: readonly Dirent[]): void {
    const realFolder = withSeparator(real);
    for (const entry of entries) {
      const { isMatch, below } = advance(steps, entry.name);
      if (!isMatch && below.length === 0) continue;
      const entryPath = path + entry.name;
      const entryReal = realFolder + entry.name;
      if (entry.isFile()) {
        if (isMatch) this.#add(entryReal, entryPath);
      } else if (entry.isDirectory()) {
        this.#descend(entryPath, entryReal, { isMatch, below });
      } else if (entry.isSymbolicLink() && !this.#followSymlinks) {
        this.passedLinks++;
      } else {
        this.#unknown.push({ path: entryPath, isMatch, below });
      }
    }
  }

  async #lookInto({ path, isMatch, below }: Unknown): Promise<void> {
    const target = await (this.#followSymlinks ? lookUp(path) : fs.lstat(path).catch(() => null));
    if (target?.isSymbolicLink()) {
      this.passedLinks++;
      return;
    }
    const real = await realPathOf(path);
    if (target?.isDirectory()) this.#descend(path, real, { isMatch, below });
    else if (isMatch && (target === null || target.isFile())) this.#add(real, path);
  }

  #descend(
    path: string,
    real: string,
    { isMatch, below }: { isMatch: boolean; below: readonly GlobStep[] },
  ): void {
    if (isMatch) this.folderMatches++;
    this.enter(withSeparator(path), real, below);
  }

  #add(real: string, path: string): void {
    if (!this.files.has(real)) this.files.set(real, path);
  }
}

/** What is in a folder, in an order that doesn't depend on the file system. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (cause) {
    const { name, code } = cause as { name?: unknown; code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    // Deno's own refusal: the system has not been asked.
    if (name === "NotCapable") {
      throw new PermissionDeniedError(
        `Can't list the folder ${folder}: Deno may not read it. ` +
          `Run with --allow-read, or --allow-read=${folder}`,
        { path: folder, cause },
      );
    }
    throw new FileAccessError(
      `Can't list the folder ${folder}: the system refuses it (${code}). ` +
        "Check its permissions, or name the files in a way that leaves it out",
      { path: folder, cause },
    );
  }
}
