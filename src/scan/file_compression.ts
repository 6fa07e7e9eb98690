/**
 * How whole files are compressed.
 *
 * @module
 */
import { checkChoice } from "../check_options.ts";

/** How a whole file is compressed. */
export type FileCompression = "gzip" | "none" | "zstd";

const choices: readonly [FileCompression, ...FileCompression[]] = ["none", "gzip", "zstd"];

/**
 * Checks how a file is compressed; where nothing is said, its name's end tells: `.gz` or `.zst`.
 *
 * @param compression What is asked for.
 * @param path The file.
 * @returns How it is compressed.
 * @throws {TypeError} Where there is no such compression.
 */
export function checkFileCompression(
  compression: FileCompression | undefined,
  path: string,
): FileCompression {
  if (compression !== undefined) return checkChoice(compression, "compression", choices);
  if (/\.gz$/i.test(path)) return "gzip";
  return /\.zst$/i.test(path) ? "zstd" : "none";
}
