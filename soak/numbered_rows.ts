import type { RecordBatch } from "apache-arrow";
import { type PlainValue, valuesOf } from "../tests/support/arrow_values.ts";

/** The columns that numbered files have. */
export const numberedColumns = ["id", "text", "price", "maybe"] as const;

/** What each row's text begins with: in the files as they were, and in what is written over them. */
export type Word = "row" | "new";

/** Checks that batches hold the rows of numbered files, one after the other. */
export class NumberedRows {
  /** The number of the row that comes next. */
  next: number;
  readonly #words = new Map<number, Word>();
  readonly #rowsPerFile: number;

  /**
   * @param first The number of the first row
   * @param rowsPerFile Rows of a file, each of which is as it was, or new, as a whole
   */
  constructor(first: number, rowsPerFile: number) {
    this.next = first;
    this.#rowsPerFile = rowsPerFile;
  }

  /** Whether rows of a file were new. */
  isNew(file: number): boolean {
    return this.#words.get(file) === "new";
  }

  /**
   * Takes the next rows.
   *
   * @throws {Error} Where they are not the ones that come next
   */
  take(batch: RecordBatch): void {
    const names = batch.schema.fields.map(({ name }) => name);
    if (names.join() !== numberedColumns.join()) throw new Error(`Columns ${names}`);
    const [ids, texts, prices, maybes] = batch.data.children.map((child) => valuesOf(child));
    for (let at = 0; at < batch.numRows; at++) {
      const row = this.next++;
      const text = texts![at];
      const expected = [BigInt(row), `${this.#word(row, text)} ${row}`, row / 4, maybe(row)];
      const found = [ids![at], text, prices![at], maybes![at]];
      if (found.some((value, column) => !Object.is(value, expected[column]))) {
        throw new Error(`Row ${row} is ${found}, not ${expected}`);
      }
    }
  }

  /** The word that rows of the file must begin with, which its first row decides. */
  #word(row: number, text: PlainValue | undefined): Word {
    const file = Math.floor(row / this.#rowsPerFile);
    const word = this.#words.get(file) ?? (String(text).startsWith("new") ? "new" : "row");
    this.#words.set(file, word);
    return word;
  }
}

function maybe(row: number): bigint | null {
  return row % 3 === 0 ? null : BigInt(row);
}
