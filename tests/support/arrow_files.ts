import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  Dictionary,
  Int32,
  makeVector,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { type TempDirectory, tempDirectory } from "./harness.ts";

/** The values of a row of {@linkcode numbered}. */
export interface NumberedRow {
  n: number;
  text: string | null;
  kind: string;
}

/** Rows whose values follow from their numbers. `kind` is a dictionary in the table of them. */
export function numberedRows(start: number, end: number): NumberedRow[] {
  return Array.from({ length: end - start }, (_, index) => {
    const n = start + index;
    return { n, text: n % 7 === 0 ? null : `number ${n}`, kind: ["a", "b", "c"][n % 3]! };
  });
}

/** One for all tables: apache-arrow writes files with one dictionary a column only. */
const letters = vectorFromArray(["a", "b", "c"], new Utf8());
const letter = new Dictionary(new Utf8(), new Int32(), 0);

/** A table of one batch of these rows. */
export function numbered(start: number, end: number): Table {
  const rows = numberedRows(start, end);
  return new Table({
    n: makeVector(Int32Array.from(rows, ({ n }) => n)),
    text: vectorFromArray(rows.map(({ text }) => text), new Utf8()),
    kind: makeVector({
      type: letter,
      data: Int32Array.from(rows, ({ n }) => n % 3),
      dictionary: letters,
    }),
  });
}

/** Several tables of equal columns as one, each with its own batches. */
export function joined([first, ...others]: readonly [Table, ...Table[]]): Table {
  return first.concat(...others);
}

/** Bytes of a table in one of Arrow's formats. */
export function arrowBytes(table: Table, format: "file" | "stream"): Uint8Array<ArrayBuffer> {
  return tableToIPC(table, format) as Uint8Array<ArrayBuffer>;
}

/** A directory of files with these bytes. */
export function filesOf(files: Readonly<Record<string, Uint8Array>>): TempDirectory {
  const directory = tempDirectory();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(directory.file(name)), { recursive: true });
    writeFileSync(directory.file(name), bytes);
  }
  return directory;
}
