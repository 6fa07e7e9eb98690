/**
 * Rows as columns.
 *
 * @module
 */
import { Data, DataType, type Field, makeBuilder, type Schema, Struct } from "apache-arrow";
import { byteLengthOf } from "../batches/byte_length.ts";
import { Misfit } from "./misfit.ts";
import { checkRow, fieldReader, type PlainRecord } from "./plain_record.ts";
import { SpillwayBatch } from "../batches/spillway_batch.ts";
import { storageType } from "./storage_type.ts";
import { checkFields, type Convert, fieldConverter } from "./value_converter.ts";
import { withType } from "../batches/with_type.ts";

/** A column in the making. */
interface Column {
  readonly field: Field;
  readonly stored: DataType;
  readonly read: (row: PlainRecord) => unknown;
  readonly convert: Convert;
}

/** Where a schema comes from. */
export interface RowColumnsOptions {
  /** How many rows it was inferred from; `null` where it was given. */
  readonly inferredFrom: number | null;
}

/** Makes batches of rows. */
export class RowColumns {
  /** The schema of the batches. */
  readonly schema: Schema;
  readonly #columns: readonly Column[];
  readonly #names: ReadonlySet<string>;
  readonly #inferredFrom: number | null;

  /**
   * @param schema The schema of the batches.
   * @param options Where it comes from: to one that was inferred, rows may add no fields.
   * @throws {TypeError} Where it has a type that can't be made of JavaScript's values.
   */
  constructor(schema: Schema, { inferredFrom }: RowColumnsOptions) {
    this.schema = schema;
    this.#inferredFrom = inferredFrom;
    this.#names = new Set(schema.names as string[]);
    this.#columns = schema.fields.map((field) => ({
      field,
      stored: storageType(field.type),
      read: fieldReader(field.name),
      convert: this.#converter(field),
    }));
  }

  /**
   * Makes a batch.
   *
   * @param rows The rows.
   * @param firstRow The place of the first, for the batch and for messages.
   * @returns The batch, in memory that JavaScript owns.
   * @throws {TypeError} Where a value doesn't fit.
   */
  batch(rows: readonly unknown[], firstRow: number): SpillwayBatch {
    const records = rows.map((row, at) => this.#record(row, firstRow + at));
    const columns = this.#columns.map((column) => this.#build(column, records, firstRow));
    const type = new Struct(this.schema.fields);
    const data = new Data(type, 0, rows.length, 0, undefined, columns);
    return new SpillwayBatch({
      schema: this.schema,
      data,
      firstRow,
      byteLength: byteLengthOf(data),
      buffers: [],
      zeroCopy: false,
    });
  }

  #converter(field: Field): Convert {
    try {
      return fieldConverter(field, { knownFieldsOnly: this.#inferredFrom !== null });
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new TypeError(`Can't make batches of rows: column ${field.name} ${error.message}`);
    }
  }

  #record(row: unknown, number: number): PlainRecord {
    const record = checkRow(row, number);
    try {
      if (this.#inferredFrom !== null) checkFields(record, this.#names);
    } catch (error) {
      throw this.#inRow(error, number);
    }
    return record;
  }

  #build(
    { field, stored, read, convert }: Column,
    rows: readonly PlainRecord[],
    firstRow: number,
  ): Data {
    const builder = makeBuilder({ type: stored, nullValues: [null] });
    for (let at = 0; at < rows.length; at++) {
      try {
        builder.append(convert(read(rows[at]!)));
      } catch (error) {
        throw this.#inRow(
          error instanceof Misfit ? error.within(field.name) : error,
          firstRow + at,
        );
      }
    }
    const data = builder.finish().flush();
    checkKeys(data, field);
    return withType(data, field.type);
  }

  /** The error that a row's misfit is to the user; any other error as it is. */
  #inRow(error: unknown, row: number): unknown {
    if (!(error instanceof Misfit)) return error;
    const hint = this.#inferredFrom === null
      ? ""
      : `. The schema was inferred from the first ${this.#inferredFrom} rows: give one if this is wanted`;
    return new TypeError(`Can't convert row ${row}: field ${error.path} ${error.message}${hint}`);
  }
}

/** A builder counts on where keys can't. */
function checkKeys(data: Data, field: Field): void {
  const { type, dictionary, children } = data;
  if (DataType.isDictionary(type) && dictionary) {
    const { bitWidth, isSigned } = type.indices;
    if (dictionary.length > 2 ** (bitWidth - (isSigned ? 1 : 0))) {
      throw new TypeError(
        `Can't make a batch of rows: column ${field.name} has ${dictionary.length} different ` +
          `values, more than the keys of its type ${type} count`,
      );
    }
  }
  for (const child of children) checkKeys(child, field);
}
