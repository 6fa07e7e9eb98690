/**
 * How an apache-arrow record batch of `lineitem` or `orders` is touched and added up.
 *
 * @module
 */

import { type Data, DataType, type RecordBatch } from "apache-arrow";
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

/** Adds a batch to the sums: those of the columns that it has, or only of some of them. */
export function addBatch(
  total: Fingerprint,
  batch: RecordBatch,
  columns?: readonly string[],
): void {
  batch.schema.fields.forEach(({ name }, index) => {
    if (columns && !columns.includes(name)) return;
    const data = batch.data.children[index];
    if (!data) throw new Error(`A batch without the column ${name} of its schema`);
    addColumn(total, name, data);
  });
}

function addColumn(total: Fingerprint, name: string, data: Data): void {
  switch (name) {
    case "l_orderkey":
    case "o_orderkey":
      total.orderkey += sum(data);
      break;
    case "l_linenumber":
      total.linenumber += sum(data);
      break;
    case "l_quantity":
      total.quantity += hundredths(data);
      break;
    case "l_extendedprice":
    case "o_totalprice":
      total.price += hundredths(data);
      break;
    case "l_shipdate":
      total.shipdate += sum(data);
      break;
    case "l_returnflag":
      total.returned += countFlag(data, "R".charCodeAt(0));
      break;
    case "l_comment":
    case "o_comment": {
      const { valueOffsets, length } = data;
      total.comment += Number(valueOffsets[length]) - Number(valueOffsets[0]);
    }
  }
}

function sum({ values, length }: Data, stride = 1): number {
  let total = 0;
  for (let i = 0; i < length * stride; i += stride) total += Number(values[i]);
  return total;
}

/** Of decimals, and of the floating-point numbers that text formats give instead. */
function hundredths(data: Data): number {
  // Below 2 ** 32 hundredths, as these are, the lowest of a decimal's four words holds all of it.
  if (DataType.isDecimal(data.type)) return sum(data, 4);
  let total = 0;
  for (let i = 0; i < data.length; i++) total += Math.round(Number(data.values[i]) * 100);
  return total;
}

function countFlag({ values, valueOffsets, length }: Data, flag: number): number {
  let count = 0;
  for (let i = 0; i < length; i++) count += Number(values[Number(valueOffsets[i])] === flag);
  return count;
}
