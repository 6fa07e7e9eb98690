/**
 * Where the native library is, and loading it at first use.
 *
 * @module
 */
import { dirname, isAbsolute } from "node:path";
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
 * Checks that the runtime's sandbox lets a file or a folder be written, also where links lead.
 *
 * @param path The file or the folder.
 * @throws {PermissionDeniedError} Where it may not be written.
 */
export function assertMayWrite(path: string): void {
  runtime.assertMayWrite(path, realPath);
}

/**
 * Checks that the runtime's sandbox lets data files be read, which native code would not ask.
 *
 * Costs nothing where every file may be read. Else each file is looked up, and the sandbox is asked
 * once for each folder.
 *
 * @param paths The files.
 * @throws {PermissionDeniedError} Where one of them may not be read.
 */
export function assertMayRead(paths: readonly string[]): void {
  if (runtime.mayReadBelow()) return;
  const open = new Map<string, boolean>();
  const isOpen = (folder: string): boolean => {
    const known = open.get(folder) ?? runtime.mayReadBelow(folder);
    open.set(folder, known);
    return known;
  };
  for (const path of paths) {
    const real = isOpen(dirname(path)) ? realPath(path) : null;
    if (real === null || !isOpen(dirname(real))) runtime.assertMayRead(path, realPath);
  }
}

/** Whether the runtime's sandbox lets every file be read, so that it need not be asked of each. */
export function mayReadEverywhere(): boolean {
  return runtime.mayReadBelow();
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where a path leads once its links are followed, as the system does it; `null` where it can't be. */
function realPath(path: string): string | null {
  const bytes = encoder.encode(path);
  let text = new Uint8Array(4_096);
  for (;;) {
    const needed = native().calls.spw_real_path(bytes, bytes.length, text, text.length);
    if (needed <= text.length) {
      return needed === 0 ? null : decoder.decode(text.subarray(0, needed));
    }
    text = new Uint8Array(needed);
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
    if (!isAbsolute(named)) {
      throw new LibraryNotFoundError(
        `Can't load the native library: SPILLWAY_LIBRARY is ${named}, which depends on the working ` +
          "directory. Set it to an absolute path",
      );
    }
    runtime.assertMayLoad(named);
    if (runtime.exists(named)) return named;
    throw new LibraryNotFoundError(
      `Can't find the native library: SPILLWAY_LIBRARY names ${named}, which is not there. ` +
        buildHint,
    );
  }
  const prebuilt = prebuiltPath(runtime);
  if (prebuilt !== null) {
    runtime.assertMayLoad(prebuilt);
    if (runtime.exists(prebuilt)) return prebuilt;
  }
  throw new LibraryNotFoundError(
    `Can't find the native library: SPILLWAY_LIBRARY is not set (or may not be read), and ` +
      `${
        prebuilt ?? "a module that is not on disk has no prebuilt one"
      } is not there. ${buildHint}`,
  );
}

function prebuiltPath({ os, arch }: Runtime): string | null {
  const extension = extensions[os] ?? "so";
  const url = new URL(
    `./prebuilt/${os}-${arch}/libspillway-${version}.${extension}`,
    import.meta.url,
  );
  return url.protocol === "file:" ? fileURLToPath(url) : null;
}
