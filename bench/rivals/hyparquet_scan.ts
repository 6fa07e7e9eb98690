/**
 * hyparquet reading every column, a row group at a time, as its documentation shows for large files.
 *
 * @module
 */

import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type ColumnData,
  parquetMetadataAsync,
  parquetRead,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { type Fingerprint, noFingerprint } from "../fingerprint.ts";
import { report, scanArguments } from "../report_line.ts";

const { path, mode } = scanArguments();

const started = performance.now();
const file: AsyncBuffer = await asyncBufferFromFile(path);
const metadata = await parquetMetadataAsync(file);
const fingerprint = noFingerprint();
let rows = 0;
let rowStart = 0;
for (const group of metadata.row_groups) {
  const rowEnd = rowStart + Number(group.num_rows);
  await parquetRead({ file, metadata, compressors, rowStart, rowEnd, onChunk });
  rows += rowEnd - rowStart;
  rowStart = rowEnd;
  if (mode === "first") break;
}
const seconds = (performance.now() - started) / 1000;
report(mode === "verify" ? { rows, seconds, fingerprint } : { rows, seconds });

function onChunk({ columnName, columnData }: ColumnData): void {
  if (mode === "verify") addColumn(fingerprint, columnName, columnData);
  else touch(columnData);
}

function touch(values: ArrayLike<unknown>): void {
  if (values[0] === undefined) throw new Error("A column chunk without values");
}

function addColumn(total: Fingerprint, name: string, values: ArrayLike<unknown>): void {
  const add = (number: (value: unknown) => number) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += number(values[i]);
    return sum;
  };
  switch (name) {
    case "l_orderkey":
      total.orderkey += add(Number);
      break;
    case "l_linenumber":
      total.linenumber += add(Number);
      break;
    case "l_quantity":
      total.quantity += add((value) => Math.round(Number(value) * 100));
      break;
    case "l_shipdate":
      total.shipdate += add((value) => Number(value) / 86_400_000);
      break;
    case "l_returnflag":
      total.returned += add((value) => Number(value === "R"));
      break;
    case "l_comment":
      // The comments are ASCII, so that characters are bytes.
      total.comment += add((value) => String(value).length);
  }
}
