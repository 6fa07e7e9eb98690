/**
 * Batches through an encoder and back, as values.
 *
 * @module
 */
import { type DataType, type RecordBatch, Table, tableFromIPC } from "apache-arrow";
import { writeFileSync } from "node:fs";
import {
  type ByteTransform,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  encodeParquet,
  scanParquet,
  tableToStream,
} from "spillway";
import { columnsOf, type PlainValue } from "./arrow_values.ts";
import { csvCells } from "./csv_cells.ts";
import { type TempDirectory, tempDirectory } from "./harness.ts";
import { fromJson, fromText, jsonWithDigits } from "./text_values.ts";

/** The columns of a table, as values. */
export type Columns = Record<string, PlainValue[]>;

/** All bytes that an encoder makes of batches, which stay as they are, or of a stream. */
export async function encoded(
  batches: readonly RecordBatch[] | ReadableStream<RecordBatch>,
  encoder: ByteTransform,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = batches instanceof ReadableStream
    ? batches
    : tableToStream(new Table([...batches]));
  return new Uint8Array(await new Response(stream.pipeThrough(encoder)).arrayBuffer());
}

/** The same as text. */
export async function encodedText(
  batches: readonly RecordBatch[] | ReadableStream<RecordBatch>,
  encoder: ByteTransform,
): Promise<string> {
  const bytes = await encoded(batches, encoder);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** A way there and back. */
type RoundTrip = (batches: readonly [RecordBatch, ...RecordBatch[]]) => Promise<Columns>;

/** Of each format, what is read of what was written. */
export const roundTrips: Readonly<Record<string, RoundTrip>> = {
  async Parquet(batches) {
    using folder: TempDirectory = tempDirectory();
    writeFileSync(folder.file("a"), await encoded(batches, encodeParquet()));
    return columnsOf(await Array.fromAsync(scanParquet(folder.file("a"))));
  },
  "Arrow stream": (batches) => throughArrow(batches, "stream"),
  "Arrow file": (batches) => throughArrow(batches, "file"),
  async NDJSON(batches) {
    const text = await encodedText(batches, encodeNdjson({ explicitNulls: true }));
    const rows = text.split("\n").slice(0, -1).map(jsonWithDigits) as Record<string, unknown>[];
    return columns(batches[0], rows.length, (name, type, row) => {
      if (!(name in rows[row]!)) throw new Error(`Row ${row} has no ${name}`);
      return fromJson(type, rows[row]![name]);
    });
  },
  async CSV(batches) {
    // A lone column of nulls can't be told from one of empty texts.
    const nullValue = batches[0].schema.fields.length === 1 ? "~null~" : "";
    const text = await encodedText(batches, encodeCsv({ nullValue }));
    const [header = [], ...lines] = csvCells(text);
    if (String(header.map(([name]) => name)) !== String(batches[0].schema.names)) {
      throw new Error(`The header is ${header}`);
    }
    return columns(batches[0], lines.length, (_, type, row, at) => {
      const [cell, quoted] = lines[row]![at]!;
      return !quoted && cell === nullValue ? null : fromText(type, cell);
    });
  },
};

async function throughArrow(
  batches: readonly RecordBatch[],
  container: "file" | "stream",
): Promise<Columns> {
  return columnsOf(tableFromIPC(await encoded(batches, encodeArrow({ container }))).batches);
}

function columns(
  { schema }: RecordBatch,
  rows: number,
  value: (name: string, type: DataType, row: number, at: number) => PlainValue,
): Columns {
  return Object.fromEntries(
    schema.fields.map(({ name, type }, at) => [
      name,
      Array.from({ length: rows }, (_, row) => value(String(name), type, row, at)),
    ]),
  );
}
