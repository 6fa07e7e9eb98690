/**
 * NDJSON from anywhere: bytes in, batches out.
 *
 * @module
 */
import { checkTextDecode } from "./check_text.ts";
import type { NdjsonDecodeOptions } from "./ndjson_options.ts";
import { ndjson } from "./scan_ndjson.ts";
import { TextDecoding } from "./text_decoding.ts";

/**
 * Decodes NDJSON that comes as bytes, such as a response's body, to apache-arrow record batches.
 *
 * Chunks may be cut anywhere, also within a character. Nothing is taken before the readable side is
 * used. Writing waits while what was parsed and not yet given back is over the limit, so that a fast
 * sender is slowed down to the consumer's pace. Compressed bytes are decompressed natively where
 * `compression` says how they are.
 *
 * The schema is inferred from the first `inferRows` records: the first batch comes when these are
 * there, or the end. Where rows should come at once, give a `schema`, or a lower `inferRows`.
 *
 * @param options What to read, and how.
 * @returns The two sides, for `pipeThrough`.
 * @throws {TypeError} Where an option is of the wrong type, or unknown.
 * @throws {RangeError} Where a number is out of its range.
 *
 * @example
 * ```ts
 * import { decodeNdjson } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { body } = new Response('{"city":"Ulm","n":1}\n{"city":"Køge","n":2}\n');
 * const { readable, writable } = decodeNdjson({ columns: ["city"] });
 * const piped = body!.pipeTo(writable);
 * const table = await readable.collect();
 * await piped;
 * expect(Array.from(table.getChild("city")!)).toEqual(["Ulm", "Køge"]);
 * ```
 */
export function decodeNdjson(options: NdjsonDecodeOptions = {}): TextDecoding {
  return new TextDecoding(checkTextDecode(options, ndjson(options)));
}
