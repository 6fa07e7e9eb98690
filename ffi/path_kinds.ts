/**
 * What lies at many paths, asked in one native call.
 *
 * @module
 */
import { mayReadEverywhere, native } from "./library.ts";

/** What the library says of a path. */
export const nativePathKind = { none: 0, directory: 1, other: 2 } as const;

const encoder = new TextEncoder();

/**
 * Tells what lies at each of some paths, links followed.
 *
 * @param paths The paths, not many thousands: the thread waits for the answer.
 * @returns A {@linkcode nativePathKind} for each; `null` where the sandbox would have to be asked,
 * or one of them holds a NUL, which no path does.
 */
export function nativePathKinds(paths: readonly string[]): Uint8Array | null {
  if (!mayReadEverywhere()) return null;
  const kinds = new Uint8Array(paths.length);
  const text = encoder.encode(paths.join("\0"));
  const told = native().calls.spw_path_kinds(text, text.length, kinds, kinds.length);
  return told === paths.length ? kinds : null;
}
