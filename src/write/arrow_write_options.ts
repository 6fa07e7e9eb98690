/**
 * How Arrow IPC is written.
 *
 * @module
 */
import { checkChoice } from "../check_options.ts";
import type { EncoderRequest } from "./sink_request.ts";

/** Options of Arrow IPC that is written. */
export interface ArrowWriteOptions {
  /**
   * How buffers are compressed. Those that aren't can be mapped into memory by readers.
   *
   * @default {"none"}
   */
  compression?: "lz4" | "none" | "zstd" | undefined;
  /**
   * The stream format, which is read from front to back, or the file format, which readers enter
   * anywhere. Dictionary columns are written into files as their values.
   *
   * @default {"stream" for bytes, "file" for files}
   */
  container?: "file" | "stream" | undefined;
}

/** The names of the options. */
export const arrowWriteOptionNames: readonly (keyof ArrowWriteOptions)[] = [
  "compression",
  "container",
];

/**
 * Checks how Arrow IPC is to be written.
 *
 * @param options The options.
 * @returns What the native side is asked for.
 * @throws {TypeError} Where an option is of the wrong type.
 */
export function checkArrowWrite(
  { compression, container = "stream" }: ArrowWriteOptions,
): EncoderRequest {
  const codec = checkChoice(compression, "compression", ["none", "lz4", "zstd"]);
  return {
    format: "arrow",
    file: checkChoice(container, "container", ["stream", "file"]) === "file",
    compression: codec === "none" ? null : codec,
  };
}
