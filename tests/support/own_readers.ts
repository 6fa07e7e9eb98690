/**
 * What this library reads of what it wrote: from files, and from bytes that are pushed.
 *
 * @module
 */
import { DataType, Field, List, Map_, type RecordBatch, Schema, Struct, Utf8 } from "apache-arrow";
import { writeFileSync } from "node:fs";
import {
  decodeArrow,
  decodeCsv,
  decodeNdjson,
  encodeArrow,
  encodeCsv,
  encodeNdjson,
  scanArrow,
  scanCsv,
  scanNdjson,
} from "spillway";
import { columnsOf, type PlainValue } from "./arrow_values.ts";
import { type Columns, encoded } from "./encoded.ts";
import { tempDirectory } from "./harness.ts";
import { fromText, mapLeaves } from "./text_values.ts";

type Batches = readonly [RecordBatch, ...RecordBatch[]];
type Bytes = Uint8Array<ArrayBuffer>;
type IsRead = (type: DataType) => boolean;

/** Of each format, what a scan of the file and a decoder of its bytes give. */
export const ownReaders: Readonly<Record<string, (batches: Batches) => Promise<Columns[]>>> = {
  "Arrow stream": (batches) => throughArrow(batches, "stream"),
  "Arrow file": (batches) => throughArrow(batches, "file"),
  async NDJSON(batches) {
    const { schema, columns } = textSchema(batches[0].schema, isReadFromJson);
    const bytes = await encoded(batches, encodeNdjson({ explicitNulls: true }));
    const read = [
      fromFile(bytes, (path) => scanNdjson(path, { schema })),
      fromBytes(bytes, decodeNdjson({ schema })),
    ];
    return (await Promise.all(read)).map(columns);
  },
  async CSV(batches) {
    const { schema, columns } = textSchema(batches[0].schema, isReadFromCsv);
    // A lone column of nulls can't be told from one of empty texts.
    const nullValue = schema.fields.length === 1 ? "~null~" : "";
    const bytes = await encoded(batches, encodeCsv({ nullValue }));
    const options = { schema, nullValues: [nullValue] };
    const read = [
      fromFile(bytes, (path) => scanCsv(path, options)),
      fromBytes(bytes, decodeCsv(options)),
    ];
    return (await Promise.all(read)).map(columns);
  },
};

async function throughArrow(batches: Batches, container: "file" | "stream"): Promise<Columns[]> {
  const bytes = await encoded(batches, encodeArrow({ container }));
  const read = [fromFile(bytes, (path) => scanArrow(path)), fromBytes(bytes, decodeArrow())];
  return (await Promise.all(read)).map(columnsOf);
}

async function fromFile(
  bytes: Bytes,
  scan: (path: string) => ReadableStream<RecordBatch>,
): Promise<RecordBatch[]> {
  using folder = tempDirectory();
  writeFileSync(folder.file("a"), bytes);
  return await Array.fromAsync(scan(folder.file("a")));
}

function fromBytes(
  bytes: Bytes,
  decoder: ReadableWritablePair<RecordBatch, BufferSource>,
): Promise<RecordBatch[]> {
  return Array.fromAsync(new Response(bytes).body!.pipeThrough(decoder));
}

function isReadFromCsv(type: DataType): boolean {
  // Cells without a zone would need to know what a zone's name means.
  if (DataType.isTimestamp(type)) return !/[a-z]/.test(type.timezone ?? "");
  return DataType.isBool(type) || DataType.isInt(type) || DataType.isFloat(type) ||
    DataType.isDecimal(type) || DataType.isDate(type) || DataType.isTime(type);
}

function isReadFromJson(type: DataType): boolean {
  if (DataType.isDecimal(type)) return type.bitWidth === 128;
  if (DataType.isFloat(type)) return type.precision > 0;
  if (DataType.isTimestamp(type)) return true;
  return isReadFromCsv(type);
}

/** Columns of types that a format of text is read to; what it isn't becomes text, which tests read. */
function textSchema(
  { fields }: Schema,
  isRead: IsRead,
): { schema: Schema; columns: (batches: readonly RecordBatch[]) => Columns } {
  const leaf = (type: DataType, value: PlainValue) =>
    typeof value === "string" && !isRead(type) ? fromText(type, value) : value;
  return {
    schema: new Schema(fields.map((field) => fieldToRead(field, isRead))),
    columns(batches) {
      const read = columnsOf(batches);
      return Object.fromEntries(
        fields.map(({ name, type }) => [
          name,
          (read[name] ?? []).map((value) => mapLeaves(type, value, leaf)),
        ]),
      );
    },
  };
}

function fieldToRead({ name, type, nullable }: Field, isRead: IsRead): Field {
  return new Field(name, typeToRead(type, isRead), nullable);
}

function typeToRead(type: DataType, isRead: IsRead): DataType {
  if (DataType.isDictionary(type)) return typeToRead(type.dictionary, isRead);
  if (DataType.isMap(type)) return new Map_(fieldToRead(type.children[0]!, isRead) as MapEntries);
  if (DataType.isStruct(type)) {
    return new Struct(type.children.map((field: Field) => fieldToRead(field, isRead)));
  }
  if (type.children?.length > 0) return new List(fieldToRead(type.children[0]!, isRead));
  return isRead(type) ? type : new Utf8();
}

type MapEntries = ConstructorParameters<typeof Map_>[0];
