/**
 * Arrow IPC from anywhere: bytes in, batches out.
 *
 * @module
 */
import { arrowBytes, type ArrowDecodeOptions } from "./arrow_options.ts";
import { checkTextDecode } from "./check_text.ts";
import { TextDecoding } from "./text_decoding.ts";

/**
 * Decodes Arrow IPC that comes as bytes, such as a response's body, to apache-arrow record batches.
 *
 * Chunks may be cut anywhere. The stream format is meant for this; the file format is read too, as
 * far as its schema comes first, which apache-arrow leaves out. Nothing is taken before the readable side is used. Writing waits while what was
 * decoded and not yet given back is over the limit, so that a fast sender is slowed down to the
 * consumer's pace.
 *
 * @param options What to read, and how.
 * @returns The two sides, for `pipeThrough`.
 * @throws {TypeError} Where an option is of the wrong type, or unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { tableFromArrays, tableToIPC } from "apache-arrow";
 * import { decodeArrow } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const table = tableFromArrays({ n: Int32Array.of(1, 2, 3) });
 * const { body } = new Response(tableToIPC(table, "stream") as Uint8Array<ArrayBuffer>);
 * const { readable, writable } = decodeArrow();
 * const piped = body!.pipeTo(writable);
 * expect((await readable.collect()).getChild("n")!.toArray()).toEqual(Int32Array.of(1, 2, 3));
 * await piped;
 * ```
 */
export function decodeArrow(options: ArrowDecodeOptions = {}): TextDecoding {
  return new TextDecoding(checkTextDecode(options, arrowBytes));
}
