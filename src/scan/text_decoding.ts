/**
 * A decoder's two sides.
 *
 * @module
 */
import type { CheckedScan } from "./check_scan.ts";
import { scanSource } from "./filtered_scan.ts";
import type { PushedInput, WrittenBytes } from "./pushed_input.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * A transform of bytes to record batches: {@linkcode decodeNdjson}, {@linkcode decodeArrow}.
 *
 * @example
 * ```ts
 * import { col, decodeNdjson, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const { readable, writable } = decodeNdjson();
 * const warm = readable.pipeThrough(where(col("celsius").gt(20)));
 * const writer = writable.getWriter();
 * const written = writer.write(new TextEncoder().encode('{"celsius":19}\n{"celsius":21}\n'));
 * const closed = writer.close();
 * expect(await warm.count()).toBe(1);
 * await Promise.all([written, closed]);
 * ```
 */
export class TextDecoding implements ReadableWritablePair<SpillwayBatch, WrittenBytes> {
  /** The batches. */
  readonly readable: RecordBatchStream;
  /** Takes the bytes. */
  readonly writable: WritableStream<WrittenBytes>;

  /** @ignore Decoders are made by functions. */
  constructor({ checked, input }: { checked: CheckedScan; input: PushedInput }) {
    this.readable = new RecordBatchStream(scanSource(checked));
    this.writable = input.writable;
  }
}
