/**
 * Streams of rows as streams of batches.
 *
 * @module
 */
import { type RecordBatch, Schema } from "apache-arrow";
import { checkRows } from "./check_rows.ts";
import { describeValue } from "../expressions/describe_value.ts";
import { ProducedSource } from "../streams/produced_source.ts";
import { RecordBatchStream } from "../streams/record_batch_stream.ts";
import { RowColumns } from "./row_columns.ts";
import { RowProducer } from "./row_producer.ts";
import { RowReader } from "./row_reader.ts";

/** Rows, as objects with fields: an array, a generator, a stream, or anything else one can go through. */
export type RowSequence = Iterable<object> | AsyncIterable<object> | ReadableStream<object>;

/** What {@linkcode fromRows} may be told. */
export interface FromRowsOptions {
  /**
   * The rows of a batch; the last may have fewer.
   *
   * @default {8_192}
   */
  batchRows?: number | undefined;
}

/**
 * Makes batches of rows: plain objects from an array, a generator, a stream.
 *
 * Rows are read when a batch is wanted, and no more than its own. Convenient, and many times slower
 * than making columns.
 *
 * With a schema, each value is checked and converted to its field's type: whole numbers may be of
 * either kind, floats are rounded, decimals are numbers, bigints or text of digits, which is read
 * exactly. Moments are `Date`s or milliseconds; a bigint is in the type's own unit. Bytes are a
 * `Uint8Array`, lists any iterable but text, structs objects, and maps objects or `Map`s. A field that
 * a row doesn't have is null, and fields that the schema doesn't have are left out.
 *
 * Without one, the schema is inferred from the rows of the first batch, and has all their fields:
 * whole numbers and bigints become `Int64`, numbers `Float64` where one of them isn't whole, strings
 * `Utf8`, booleans `Bool`, `Date`s timestamps in milliseconds, `Uint8Array`s `Binary`, arrays lists,
 * plain objects structs, and a field that was only null `Null`. Later rows have to fit.
 *
 * @param rows The rows. A stream is locked.
 * @param schema The schema; inferred by default.
 * @param options The size of batches.
 * @returns The stream. It fails with a `TypeError` where a value doesn't fit: the message names the
 * row, counted from 0, the field, the value and the type.
 * @throws {TypeError} Where an argument is wrong, or the schema has a type, such as a union, that
 * can't be made of values.
 * @throws {RangeError} Where `batchRows` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { col, fromRows, where } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const rows = [{ city: "Oslo", degrees: -3.5 }, { city: "Rome", degrees: 14 }];
 * const warm = fromRows(rows).pipeThrough(where(col("degrees").gt(0)));
 * expect(await Array.fromAsync(warm.rows())).toEqual([{ city: "Rome", degrees: 14 }]);
 * ```
 *
 * @example With a schema
 * ```ts
 * import { fromRows } from "spillway";
 * import { Decimal, Field, Schema } from "apache-arrow";
 * import { expect } from "@std/expect";
 *
 * const schema = new Schema([new Field("price", new Decimal(2, 10), true)]);
 * const prices = fromRows([{ price: "19.90" }, { price: 7 }, {}], schema);
 * expect(await Array.fromAsync(prices.rows(), ({ price }) => price)).toEqual(["19.90", "7.00", null]);
 * ```
 */
export function fromRows(
  rows: RowSequence,
  schema?: RecordBatch["schema"] | null,
  { batchRows = 8_192 }: FromRowsOptions = {},
): RecordBatchStream {
  if (schema !== undefined && schema !== null && !(schema instanceof Schema)) {
    throw new TypeError(`schema must be a Schema of apache-arrow, not ${describeValue(schema)}`);
  }
  const size = checkRows(batchRows, "batchRows", 1);
  const columns = schema ? new RowColumns(schema, { inferredFrom: null }) : null;
  // Last, as it locks a stream.
  const reader = new RowReader(rows);
  return new RecordBatchStream(new ProducedSource(new RowProducer(reader, size, columns)));
}
