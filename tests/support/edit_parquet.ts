/**
 * Parquet files that say something else than they did: pages and footers are changed, and offsets are put right.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { crc32 } from "./crc32.ts";
import {
  integer,
  integerAt,
  readStruct,
  type Struct,
  structAt,
  structBytes,
  structsAt,
} from "./thrift.ts";

/** A page of a column chunk, which may be changed. */
export interface EditedPage {
  /** `PageHeader`; its field for the compressed size follows `body`, unless `keepsSize`. */
  readonly header: Struct;
  /** The bytes after it. */
  body: Uint8Array;
  /** Whether the compressed size stays as it is. */
  keepsSize?: boolean;
  readonly rowGroup: number;
  /** The path of its column. */
  readonly column: string;
  /** Its place in the chunk; the dictionary counts. */
  readonly index: number;
  /** Whether it is a dictionary. */
  readonly isDictionary: boolean;
}

/** What is changed. */
export interface ParquetEdits {
  /** Changes a page; one that is left out is not written. */
  page?(page: EditedPage): void | "leave out" | "twice";
  /** Changes `FileMetaData`, once offsets are right. */
  footer?(footer: Struct): void;
}

/** The numbers of `PageHeader`'s fields. */
export const pageFields = {
  uncompressedSize: 2,
  compressedSize: 3,
  checksum: 4,
  data: 5,
  dictionary: 7,
  dataV2: 8,
} as const;

/** Fields of `ColumnMetaData` and `ColumnChunk` that point into the file and may be left out. */
const indexFields = { chunk: [4, 5, 6, 7], metadata: [14, 15] } as const;

/**
 * Writes a file anew, with changes. Page indexes and Bloom filters are left out.
 *
 * @param from The file
 * @param to Where to
 * @param edits What is changed
 */
export function editParquet(
  from: string,
  to: string,
  { page: edit, footer: editFooter }: ParquetEdits,
): void {
  const file = Uint8Array.from(readFileSync(from));
  const length = new DataView(file.buffer).getUint32(file.length - 8, true);
  const { struct: footer } = readStruct(file, file.length - 8 - length);
  const parts: Uint8Array[] = [file.slice(0, 4)];
  let end = 4;
  const write = (bytes: Uint8Array) => {
    parts.push(bytes);
    end += bytes.length;
  };
  structsAt(footer, 4).forEach((group, rowGroup) => {
    for (const chunk of structsAt(group, 1)) {
      const metadata = structAt(chunk, 3);
      const column = columnOf(metadata);
      const [first, chunkEnd] = extent(metadata);
      const start = end;
      let data: number | null = null;
      for (let at = first, index = 0; at < chunkEnd; index++) {
        const { struct: header, end: bodyStart } = readStruct(file, at);
        at = bodyStart + Number(integerAt(header, pageFields.compressedSize));
        const isDictionary = header.has(pageFields.dictionary);
        const body = file.slice(bodyStart, at);
        const page: EditedPage = { header, body, rowGroup, column, index, isDictionary };
        const times = edit?.(page);
        if (times === "leave out") continue;
        if (!page.keepsSize) header.set(pageFields.compressedSize, integer(page.body.length, 5));
        if (!isDictionary) data ??= end;
        const whole = [structBytes(header), page.body];
        (times === "twice" ? [...whole, ...whole] : whole).forEach(write);
      }
      metadata.set(9, integer(data ?? end));
      if (metadata.has(11)) metadata.set(11, integer(start));
      metadata.set(7, integer(end - start));
      chunk.set(2, integer(0));
      indexFields.chunk.forEach((id) => chunk.delete(id));
      indexFields.metadata.forEach((id) => metadata.delete(id));
    }
  });
  editFooter?.(footer);
  const bytes = structBytes(footer);
  write(bytes);
  write(new Uint8Array(Uint32Array.of(bytes.length).buffer));
  write(file.slice(-4));
  const out = new Uint8Array(end);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  writeFileSync(to, out);
}

/** Gives a page the checksum of its bytes as they are now. */
export function setChecksum({ header, body }: EditedPage): void {
  header.set(pageFields.checksum, integer(crc32(body) | 0, 5));
}

function columnOf(metadata: Struct): string {
  const path = metadata.get(3);
  if (path?.type !== 9) throw new Error("A column chunk has no path");
  const decoder = new TextDecoder();
  return path.items.map((part) => part.type === 8 ? decoder.decode(part.value) : "").join(".");
}

function extent(metadata: Struct): [start: number, end: number] {
  const start = Number(integerAt(metadata, metadata.has(11) ? 11 : 9));
  return [start, start + Number(integerAt(metadata, 7))];
}
