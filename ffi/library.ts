/**
 * Where the native library is, and loading it at first use.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { LibraryNotFoundError, LibraryVersionError } from "../src/errors.ts";
import { version } from "../src/version.ts";
import type { Native, Runtime } from "./native.ts";
import { abiVersion } from "./symbols.ts";

const { runtime }: { runtime: Runtime } = "Bun" in globalThis
  ? await import("./bun.ts")
  : await import("./deno.ts");

const buildHint = "Build it with `deno task build` in Spillway's folder, " +
  "or set SPILLWAY_LIBRARY to the path of a library that is built";
const extensions: Readonly<Record<string, string>> = { darwin: "dylib", windows: "dll" };

let loaded: Native | null = null;

/**
 * The native library, loaded the first time and then kept: it is never closed.
 *
 * @returns The library.
 * @throws {LibraryNotFoundError} Where it is in none of the places, or is no library.
 * @throws {LibraryVersionError} Where it belongs to another version.
 * @throws {PermissionDeniedError} Where Deno may not load native code.
 */
export function native(): Native {
  return loaded ??= loadFrom(runtime);
}

/**
 * Checks that the runtime's sandbox lets a data file be read, which native code would not ask.
 *
 * @param path The file.
 * @throws {PermissionDeniedError} Where it may not be read.
 */
export function assertMayRead(path: string): void {
  runtime.assertMayRead(path);
}

/**
 * Checks that the runtime's sandbox lets a file or a folder be written.
 *
 * @param path The file or the folder.
 * @throws {PermissionDeniedError} Where it may not be written.
 */
export function assertMayWrite(path: string): void {
  runtime.assertMayWrite(path);
}

/**
 * Checks that many files may be read: folder by folder where whole folders may be read.
 *
 * @param paths The files.
 * @throws {PermissionDeniedError} Where one of them may not be read.
 */
export function assertMayReadAll(paths: readonly string[]): void {
  if (paths.length === 1) return assertMayRead(paths[0]!);
  const open = new Map<string, boolean>();
  for (const path of paths) {
    const folder = dirname(path);
    const mayRead = open.get(folder) ?? runtime.mayReadBelow(folder);
    open.set(folder, mayRead);
    if (!mayRead) runtime.assertMayRead(path);
  }
}

/**
 * Finds and loads the library.
 *
 * @param runtime Where to look, and how to load.
 * @returns The library.
 */
export function loadFrom(runtime: Runtime): Native {
  const path = locate(runtime);
  let native: Native;
  try {
    native = runtime.load(path);
  } catch (cause) {
    throw new LibraryNotFoundError(
      `Can't load the native library ${path}: it is not one that this system can load. ${buildHint}`,
      { cause },
    );
  }
  const found = native.calls.spw_abi_version();
  if (found !== abiVersion) {
    throw new LibraryVersionError(
      `Can't use the native library ${path}: it has ABI version ${found}, and Spillway ${version} ` +
        `needs ${abiVersion}. ${buildHint}`,
    );
  }
  return native;
}

function locate(runtime: Runtime): string {
  const named = runtime.environment("SPILLWAY_LIBRARY");
  if (named) {
    assertMayUse(runtime, named);
    if (runtime.exists(named)) return named;
    throw new LibraryNotFoundError(
      `Can't find the native library: SPILLWAY_LIBRARY names ${named}, which is not there. ` +
        buildHint,
    );
  }
  const prebuilt = prebuiltPath(runtime);
  if (prebuilt !== null) {
    assertMayUse(runtime, prebuilt);
    if (runtime.exists(prebuilt)) return prebuilt;
  }
  throw new LibraryNotFoundError(
    `Can't find the native library: SPILLWAY_LIBRARY is not set (or may not be read), and ` +
      `${
        prebuilt ?? "a module that is not on disk has no prebuilt one"
      } is not there. ${buildHint}`,
  );
}

function assertMayUse(runtime: Runtime, path: string): void {
  runtime.assertMayLoad(path);
  runtime.assertMayRead(path);
}

function prebuiltPath({ os, arch }: Runtime): string | null {
  const extension = extensions[os] ?? "so";
  const url = new URL(
    `./prebuilt/${os}-${arch}/libspillway-${version}.${extension}`,
    import.meta.url,
  );
  return url.protocol === "file:" ? fileURLToPath(url) : null;
}
