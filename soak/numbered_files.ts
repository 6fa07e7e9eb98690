import { Buffer } from "node:buffer";
import {
  type ByteTransform,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  scanParquet,
} from "spillway";
import { fixture } from "../tests/support/fixtures.ts";
import { numberedColumns } from "./numbered_rows.ts";

/** Formats, with the compressions that files of each are tried with. */
export const storages = {
  parquet: ["none", "snappy", "zstd"],
  arrow: ["none", "none", "none", "lz4", "zstd"],
  csv: ["none", "none", "gzip", "zstd"],
  ndjson: ["none", "none", "gzip", "zstd"],
} as const;

/** A format of numbered files. */
export type Format = keyof typeof storages;

/** How a file is stored. */
export type Storage = {
  [F in Format]: { readonly format: F; readonly compression: (typeof storages)[F][number] };
}[Format];

const ROW_GROUP_ROWS = 10_000;
const BATCH_ROWS = 8_000;

const known = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** The bytes of a file of the rows from `start` to `end`. */
export function numberedFile(
  storage: Storage,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = `${storage.format} ${storage.compression} ${start} ${end}`;
  let bytes = known.get(key);
  if (bytes === undefined) known.set(key, bytes = written(storage, start, end));
  return bytes;
}

/**
 * As many bytes that stand for other rows of the same numbers, whose texts begin with `new`; where they are compressed, for
 * nothing.
 */
export function otherFile(bytes: Uint8Array, { compression }: Storage): Uint8Array {
  if (compression !== "none") return bytes.map((byte, at) => at % 3 === 0 ? byte ^ 0x55 : byte);
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(text.replaceAll("row ", "new "), "latin1");
}

async function written(
  storage: Storage,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const rows = scanParquet(fixture("sequence"), {
    columns: [...numberedColumns],
    offset: start,
    limit: end - start,
    batchSize: BATCH_ROWS,
  });
  const response = new Response(rows.pipeThrough(encoder(storage)));
  return new Uint8Array(await response.arrayBuffer());
}

/** What a file's name ends with, by which scans know how it is compressed. */
export function extension({ format, compression }: Storage): string {
  if (compression === "gzip") return `${format}.gz`;
  return compression === "zstd" && format !== "parquet" && format !== "arrow"
    ? `${format}.zst`
    : format;
}

function encoder({ format, compression }: Storage): ByteTransform {
  switch (format) {
    case "parquet":
      return encodeParquet({
        compression,
        rowGroupRows: ROW_GROUP_ROWS,
        pageBytes: "32KiB",
      });
    case "arrow":
      return encodeArrow({ compression, container: "file" });
    case "csv":
      return encodeCsv({ compression });
    case "ndjson":
      return encodeNdjson({ compression, explicitNulls: true });
  }
}
