/**
 * hyparquet-writer writing batches that JavaScript made. It takes arrays of values, so each column
 * is made one first.
 *
 * @module
 */

import { constants, zstdCompressSync } from "node:zlib";
import { type Data, DataType, type RecordBatch, Vector } from "apache-arrow";
import type { SchemaElement } from "hyparquet";
import { type ColumnSource, parquetWriteFile } from "hyparquet-writer";
import { plainBatches } from "../plain_batches.ts";
import { jsonArgument, report } from "../report_line.ts";
import type { WriteArguments } from "../write_arguments.ts";

const { batches: path, output, level } = jsonArgument<WriteArguments>();
const batches = await plainBatches(path);
const params = { [constants.ZSTD_c_compressionLevel]: level };

const started = performance.now();
const fields = batches[0]?.schema.fields ?? [];
parquetWriteFile({
  filename: output,
  columnData: fields.map(({ name }, index) => ({ name, data: values(batches, index) })),
  schema: [
    { name: "root", num_children: fields.length },
    ...fields.map(({ name, type }) => element(name, type)),
  ],
  codec: "ZSTD",
  compressors: { ZSTD: (bytes) => zstdCompressSync(bytes, { params }) },
});
report({ rows: 0, seconds: (performance.now() - started) / 1000 });

function element(name: string, type: DataType): SchemaElement {
  const base = { name, repetition_type: "REQUIRED" } as const;
  if (DataType.isDecimal(type)) {
    const { precision, scale } = type;
    return { ...base, type: "INT64", converted_type: "DECIMAL", precision, scale };
  }
  if (DataType.isDate(type)) return { ...base, type: "INT32", converted_type: "DATE" };
  if (DataType.isUtf8(type)) return { ...base, type: "BYTE_ARRAY", converted_type: "UTF8" };
  if (DataType.isInt(type)) return { ...base, type: type.bitWidth === 64 ? "INT64" : "INT32" };
  throw new Error(`There is no column of ${type} in lineitem`);
}

function values(batches: readonly RecordBatch[], index: number): ColumnSource["data"] {
  return batches.flatMap((batch) => {
    const data = batch.data.children[index];
    if (!data) throw new Error(`A batch without the column ${index} of its schema`);
    return Array.from(columnValues(data));
  });
}

/** What the writer takes without loss: the integer of a decimal, the days of a date. */
function columnValues(data: Data): Iterable<unknown> {
  if (DataType.isUtf8(data.type)) return new Vector([data]);
  if (!DataType.isDecimal(data.type)) return data.values.subarray(0, data.length);
  // Below 2 ** 32 hundredths, as these are, the lowest of a decimal's four words holds all of it.
  return Array.from({ length: data.length }, (_, i) => BigInt(data.values[4 * i]));
}
