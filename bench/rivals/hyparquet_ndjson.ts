/**
 * hyparquet and JSON.stringify making a response of JSON lines, a row group at a time.
 *
 * @module
 */

import {
  type AsyncBuffer,
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { readBody } from "../ndjson_body.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, mode } = scanArguments();

// The keys of this table are exact as numbers; this is faster than a replacer.
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint): number {
    return Number(this);
  },
});

const started = performance.now();
const body = await readBody(new Response(ReadableStream.from(chunks())), mode);
report({ ...body, seconds: (performance.now() - started) / 1000 });

async function* chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const encoder = new TextEncoder();
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    yield encoder.encode(rows.map((row) => JSON.stringify(row) + "\n").join(""));
    rowStart = rowEnd;
  }
}
