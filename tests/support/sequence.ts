import { expect } from "@std/expect";
import type { RecordBatch } from "apache-arrow";
import { type PlainValue, valuesOf } from "./arrow_values.ts";

type Plain = (row: number) => PlainValue;

/** The columns of the fixtures whose values follow from the row number, but for `point`. */
const formulas: Readonly<Record<string, Plain>> = {
  id: BigInt,
  bucket: (row) => BigInt(Math.floor(row / 1_000)),
  text: (row) => `row ${row}`,
  price: (row) => row / 4,
  flag: (row) => row % 3 === 0,
  maybe: (row) => row % 3 === 0 ? null : BigInt(row),
};

/** What the fixtures' `point` is in a row. */
export function pointOf(row: number): PlainValue {
  return { x: BigInt(row), in: { word: `w${row % 10}` } };
}

/** The names of the fixtures' columns, in order. */
export const sequenceColumns: readonly string[] = [...Object.keys(formulas), "point"];

/**
 * Asserts that a batch holds so many rows of a fixture, one after the other, whichever of its columns are there.
 *
 * @param batch The batch; it must have one of the columns at least
 * @param first The row of the file that it has to begin with
 */
export function expectSequence(batch: RecordBatch, first: number): void {
  const { fields } = batch.schema;
  expect(fields.length).toBeGreaterThan(0);
  fields.forEach(({ name }, at) => {
    const values = valuesOf(batch.data.children[at]!);
    expect(values.length).toBe(batch.numRows);
    if (name === "point") {
      expect(values).toEqual(values.map((_, row) => pointOf(first + row)));
      return;
    }
    // One assertion a column: some hundred thousand of them would take the tests' time.
    const wrong = values.findIndex((value, row) => !Object.is(value, formulas[name]!(first + row)));
    if (wrong >= 0) {
      expect({ name, row: first + wrong, value: values[wrong] })
        .toEqual({ name, row: first + wrong, value: formulas[name]!(first + wrong) });
    }
  });
}

/**
 * Asserts that batches hold consecutive rows of a fixture, releasing each.
 *
 * @param batches The batches
 * @param start The row that the first one has to begin with
 * @returns The rows of each batch
 */
export async function expectSequences(
  batches: AsyncIterable<RecordBatch & Disposable>,
  start = 0,
): Promise<number[]> {
  const sizes: number[] = [];
  let next = start;
  for await (using batch of batches) {
    expectSequence(batch, next);
    next += batch.numRows;
    sizes.push(batch.numRows);
  }
  return sizes;
}

/** The sizes of batches of `size` rows that hold `rows` rows in all. */
export function evenSizes(rows: number, size: number): number[] {
  const sizes = new Array<number>(Math.floor(rows / size)).fill(size);
  return rows % size > 0 ? [...sizes, rows % size] : sizes;
}

/** The sum of numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
