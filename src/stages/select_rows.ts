/**
 * Rows that a mask chooses.
 *
 * @module
 */
import { makeData, RecordBatch, Struct } from "apache-arrow";
import { describeValue } from "../expressions/describe_value.ts";
import { type Rows, takeRows } from "./take_rows.ts";

/**
 * Keeps the rows of a batch for which a mask is true.
 *
 * Costs a copy of the rows that are kept, in memory that JavaScript owns: a batch of a scan may be
 * released afterwards. Where all rows are kept, nothing is copied and the batch itself is given
 * back.
 *
 * @param batch The batch, with columns of any type. It stays as it is.
 * @param mask For each row, whether it is kept: 0 and 1, or booleans.
 * @returns A batch of the same schema.
 * @throws {TypeError} Where the mask is neither a `Uint8Array` nor an array of booleans.
 * @throws {RangeError} Where the mask is not as long as the batch.
 *
 * @example
 * ```ts
 * import { selectRows } from "spillway";
 * import { expect } from "@std/expect";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const [batch] = tableFromArrays({ size: [3, 14, 15], name: ["a", "b", "c"] }).batches;
 * const mask = Array.from(batch!.getChild("size")!, (size) => size !== null && size > 10);
 * const kept = selectRows(batch!, mask);
 * expect(Array.from(kept.getChild("name")!)).toEqual(["b", "c"]);
 * ```
 */
export function selectRows(batch: RecordBatch, mask: Uint8Array | readonly boolean[]): RecordBatch {
  const rows = rowsOf(batch, mask);
  if (rows.length === batch.numRows) return batch;
  const { schema, data, metadata } = batch;
  const type = new Struct(schema.fields);
  const children = data.children.map((column) => takeRows(column, rows));
  return new RecordBatch(schema, makeData({ type, length: rows.length, children }), metadata);
}

function rowsOf({ numRows }: RecordBatch, mask: Uint8Array | readonly boolean[]): Rows {
  checkMask(mask);
  if (mask.length !== numRows) {
    throw new RangeError(
      `The mask of a batch must be as long as the batch, ${numRows} rows, not ${mask.length}`,
    );
  }
  const rows = new Uint32Array(numRows);
  let kept = 0;
  for (let row = 0; row < numRows; row++) {
    if (mask[row]) rows[kept++] = row;
  }
  return rows.subarray(0, kept);
}

function checkMask(mask: unknown): void {
  if (mask instanceof Uint8Array) return;
  if (!Array.isArray(mask)) {
    throw new TypeError(
      `A mask must be a Uint8Array or an array of booleans, not ${describeValue(mask)}`,
    );
  }
  const wrong = mask.findIndex((kept) => typeof kept !== "boolean");
  if (wrong >= 0) {
    throw new TypeError(
      `A mask must be an array of booleans, but in row ${wrong} it has ${
        describeValue(mask[wrong])
      }. ` +
        "What is neither true nor false, such as null, must be false",
    );
  }
}
