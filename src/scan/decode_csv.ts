/**
 * CSV from anywhere: bytes in, batches out.
 *
 * @module
 */
import { csv } from "./check_csv.ts";
import { checkTextDecode } from "./check_text.ts";
import type { CsvDecodeOptions } from "./csv_options.ts";
import { TextDecoding } from "./text_decoding.ts";

/**
 * Decodes CSV that comes as bytes, such as a response's body, to apache-arrow record batches.
 *
 * Chunks may be cut anywhere, also within a character. Nothing is taken before the readable side is
 * used. Writing waits while what was parsed and not yet given back is over the limit, so that a fast
 * sender is slowed down to the consumer's pace. Compressed bytes are decompressed natively where
 * `compression` says how they are.
 *
 * Types are told from the first rows: the first batch comes when these are there, or the end. Where
 * rows should come at once, give a `schema`, or a lower `infer.rows`.
 *
 * @param options What the text is like, what to read of it, and how.
 * @returns The two sides, for `pipeThrough`.
 * @throws {TypeError} Where an option is of the wrong type, or unknown.
 * @throws {RangeError} Where a number is out of its range, or a character can't have its meaning.
 *
 * @example
 * ```ts
 * import { decodeCsv } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { body } = new Response("city;share\nUlm;0,25\nKøge;1,5\n");
 * const { readable, writable } = decodeCsv({ delimiter: ";", decimalComma: true });
 * const piped = body!.pipeTo(writable);
 * const table = await readable.collect();
 * await piped;
 * expect(Array.from(table.getChild("share")!)).toEqual([0.25, 1.5]);
 * ```
 */
export function decodeCsv(options: CsvDecodeOptions = {}): TextDecoding {
  return new TextDecoding(checkTextDecode(options, csv(options)));
}
