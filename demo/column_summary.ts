import { type Data, DataType, type Field, Vector } from "apache-arrow";
import { percent } from "./format.ts";
import { type NumberType, numberType } from "./numbers.ts";

/** What is told of a column beside its type and its nulls. */
export interface ColumnSummary {
  add(data: Data): void;
  describe(): string;
}

/** The summary that says most about a column of this type at the least cost. */
export function columnSummary({ type }: Field): ColumnSummary {
  const numbers = numberType(type);
  if (numbers) return new RangeSummary(numbers);
  if (DataType.isBool(type)) return new BoolSummary();
  if (DataType.isUtf8(type) || DataType.isBinary(type)) return new LengthSummary();
  return new ExampleSummary();
}

/** Least and greatest value. */
class RangeSummary implements ColumnSummary {
  readonly #type: NumberType;
  #scratch = new Float64Array(0);
  #least = Infinity;
  #greatest = -Infinity;

  constructor(type: NumberType) {
    this.#type = type;
  }

  add(data: Data): void {
    if (this.#scratch.length < data.length) this.#scratch = new Float64Array(data.length);
    const values = this.#type.read(data, this.#scratch);
    const isValid = validity(data);
    for (let row = 0; row < data.length; row++) {
      const value = values[row]!;
      // The comparisons, which are false for NaN, come first: they rarely hold.
      if (value < this.#least && isValid(row)) this.#least = value;
      if (value > this.#greatest && isValid(row)) this.#greatest = value;
    }
  }

  describe(): string {
    if (this.#least > this.#greatest) return "";
    return `${this.#type.show(this.#least)} … ${this.#type.show(this.#greatest)}`;
  }
}

/** Share of true values. */
class BoolSummary implements ColumnSummary {
  #values = 0;
  #trues = 0;

  add(data: Data): void {
    const isValid = validity(data);
    const bits: Uint8Array = data.values;
    for (let row = 0; row < data.length; row++) {
      if (!isValid(row)) continue;
      this.#values++;
      this.#trues += bits[row >> 3]! >> (row & 7) & 1;
    }
  }

  describe(): string {
    return this.#values === 0 ? "" : `${percent(this.#trues / this.#values)} true`;
  }
}

/** Some values. */
class ExampleSummary implements ColumnSummary {
  readonly #examples = new Set<string>();

  add(data: Data): void {
    const column = new Vector([data]);
    // A few looks a batch: rows are decoded one by one here.
    const stride = Math.max(1, Math.floor(data.length / 8));
    for (let row = 0; row < data.length && this.#examples.size < 3; row += stride) {
      const value: unknown = column.get(row);
      if (value !== null) this.#examples.add(shorten(textOf(value)));
    }
  }

  describe(): string {
    return [...this.#examples].join(", ");
  }
}

/** Lengths, and some values. */
class LengthSummary implements ColumnSummary {
  readonly #examples = new ExampleSummary();
  #shortest = Infinity;
  #longest = 0;

  add(data: Data): void {
    this.#examples.add(data);
    const isValid = validity(data);
    const offsets: Int32Array = data.valueOffsets;
    for (let row = 0; row < data.length; row++) {
      const length = offsets[row + 1]! - offsets[row]!;
      if (length > this.#longest) this.#longest = length;
      if (length < this.#shortest && isValid(row)) this.#shortest = length;
    }
  }

  describe(): string {
    if (this.#shortest > this.#longest) return "";
    const lengths = this.#shortest === this.#longest
      ? `${this.#longest}`
      : `${this.#shortest}–${this.#longest}`;
    return `${lengths} bytes: ${this.#examples.describe()}`;
  }
}

function validity({ nullCount, nullBitmap }: Data): (row: number) => boolean {
  if (nullCount === 0 || !nullBitmap) return () => true;
  return (row) => (nullBitmap[row >> 3]! >> (row & 7) & 1) === 1;
}

function textOf(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const isText = value.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? new TextDecoder().decode(value) : `0x${value.toHex()}`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 24 ? `${line.slice(0, 23)}…` : line;
}
