/**
 * How an apache-arrow record batch of `lineitem` is touched and added up.
 *
 * @module
 */

import type { Data, RecordBatch } from "apache-arrow";
import type { Fingerprint } from "./fingerprint.ts";

/** Reads the first value of every column, so that no column stays a promise of a view. */
export function touchBatch(batch: RecordBatch): void {
  if (batch.numRows === 0) return;
  for (let column = 0; column < batch.numCols; column++) {
    if (batch.getChildAt(column)?.get(0) === undefined) {
      throw new Error(`A batch without a first value in column ${column}`);
    }
  }
}

/** Adds a batch to the sums. */
export function addBatch(total: Fingerprint, batch: RecordBatch): void {
  total.orderkey += sum(child(batch, "l_orderkey"));
  total.linenumber += sum(child(batch, "l_linenumber"));
  // A quantity is at most 50.00: the lowest of a decimal's four words holds all of it.
  total.quantity += sum(child(batch, "l_quantity"), 4);
  total.shipdate += sum(child(batch, "l_shipdate"));
  total.returned += countFlag(child(batch, "l_returnflag"), "R".charCodeAt(0));
  const { valueOffsets, length } = child(batch, "l_comment");
  total.comment += Number(valueOffsets[length]) - Number(valueOffsets[0]);
}

function child(batch: RecordBatch, name: string): Data {
  const index = batch.schema.fields.findIndex((field) => field.name === name);
  const data = batch.data.children[index];
  if (!data) throw new Error(`A batch without the column ${name}`);
  return data;
}

function sum({ values, length }: Data, stride = 1): number {
  let total = 0;
  for (let i = 0; i < length * stride; i += stride) total += Number(values[i]);
  return total;
}

function countFlag({ values, valueOffsets, length }: Data, flag: number): number {
  let count = 0;
  for (let i = 0; i < length; i++) count += Number(values[Number(valueOffsets[i])] === flag);
  return count;
}
