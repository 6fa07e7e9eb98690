import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetWriteBuffer, type ParquetWriteOptions } from "hyparquet-writer";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { hex, type PlainValue } from "./arrow_values.ts";
import { type GeneratedColumn, generatedColumn, valuesIn } from "./generated_column.ts";

/** A Parquet file to be written, as plain data. */
export interface GeneratedFile {
  readonly columns: readonly GeneratedColumn[];
  /** The columns' names; `c0`, `c1` and so on where there are none. */
  readonly names?: readonly string[];
  readonly rows: number;
  /** The last one repeats. */
  readonly rowGroupSizes: readonly number[];
  readonly pageSize: number;
  readonly codec: NonNullable<ParquetWriteOptions["codec"]>;
}

const codecs = {
  UNCOMPRESSED: (bytes: Uint8Array) => bytes,
  GZIP: (bytes: Uint8Array) => Uint8Array.from(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => Uint8Array.from(brotliCompressSync(bytes)),
  ZSTD: (bytes: Uint8Array) => Uint8Array.from(zstdCompressSync(bytes)),
  LZ4_RAW: lz4Literals,
};

/** Any file of up to `maxRows` rows. */
export function generatedFile(maxRows: number): fc.Arbitrary<GeneratedFile> {
  return fc.record({
    columns: fc.array(generatedColumn, { minLength: 1, maxLength: 5 }),
    rows: fc.nat(maxRows),
    rowGroupSizes: fc.array(fc.integer({ min: 1, max: maxRows }), { minLength: 1, maxLength: 3 }),
    // In uncompressed bytes: from a few values a page to all of them in one.
    pageSize: fc.constantFrom(1_000_000, 1_000, 100),
    codec: fc.constantFrom("SNAPPY", ...Object.keys(codecs) as (keyof typeof codecs)[]),
  });
}

/** The names of a file's columns. */
export function columnNames({ columns, names }: GeneratedFile): string[] {
  return columns.map((_, at) => names?.[at] ?? `c${at}`);
}

/** Writes a file with hyparquet-writer. */
export function write(file: GeneratedFile): Uint8Array {
  const { columns, rows, rowGroupSizes, pageSize, codec } = file;
  const names = columnNames(file);
  const schema = columns.flatMap((
    { schema: [root, ...rest] },
    at,
  ) => [{ ...root, name: names[at]! }, ...rest]);
  return new Uint8Array(parquetWriteBuffer({
    columnData: columns.map((column, at) => ({
      name: names[at]!,
      data: valuesIn(column, rows),
      ...column.options,
    })),
    schema: [{ name: "root", num_children: columns.length }, ...schema],
    rowGroupSize: [...rowGroupSizes],
    pageSize,
    codec,
    compressors: codecs,
  }));
}

/** Reads all of a file with hyparquet, as {@linkcode columnsOf} reads batches. */
export async function readWithHyparquet(
  bytes: Uint8Array,
  generated: GeneratedFile,
): Promise<Record<string, PlainValue[]>> {
  const file = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer;
  const asIs = (value: unknown) => value;
  const rows = await parquetReadObjects({
    file,
    compressors: { ...compressors, LZ4_RAW: unpackLz4 },
    utf8: false,
    parsers: {
      timestampFromMilliseconds: asIs,
      timestampFromMicroseconds: asIs,
      timestampFromNanoseconds: asIs,
      dateFromDays: asIs,
      jsonFromBytes: (json) => json && new TextDecoder().decode(json),
      uuidFromBytes: (uuid) => uuid && hex(uuid),
    },
  });
  return Object.fromEntries(
    columnNames(generated).map((name, at) => {
      const { plain } = generated.columns[at]!;
      return [name, rows.map((row) => plain(row[name]))];
    }),
  );
}

/** Where the row groups of a file begin and end. */
export function rowGroupRanges(
  { rows, rowGroupSizes }: GeneratedFile,
): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (let start = 0; start < rows;) {
    const size = rowGroupSizes[ranges.length] ?? rowGroupSizes.at(-1)!;
    ranges.push([start, Math.min(rows, start + size)]);
    start += size;
  }
  return ranges;
}

/** hyparquet-compressors refuses the block that stands for no bytes. */
export function unpackLz4(block: Uint8Array, length: number): Uint8Array {
  return length === 0 ? new Uint8Array() : compressors.LZ4_RAW!(block, length);
}

/** An LZ4 block that holds its input as it is: a token, the length, and the bytes. */
function lz4Literals(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length < 15) return Uint8Array.of(length << 4, ...bytes);
  const more = length - 15;
  const lengthBytes = [...new Array(Math.floor(more / 255)).fill(255), more % 255];
  const block = new Uint8Array(1 + lengthBytes.length + length);
  block[0] = 0xf0;
  block.set(lengthBytes, 1);
  block.set(bytes, 1 + lengthBytes.length);
  return block;
}
