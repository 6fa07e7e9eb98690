/**
 * The steps of a stream, taken natively on batches that no scan made.
 *
 * @module
 */
import { Field, type RecordBatch, Schema } from "apache-arrow";
import { InternalError } from "../src/errors.ts";
import { printable } from "../src/printable.ts";
import { sameSchema } from "../src/batches/same_schema.ts";
import { schemaBytes } from "../src/batches/schema_bytes.ts";
import { BatchReader } from "./batch_reader.ts";
import { firstCapacity, head, numberAt } from "./descriptor.ts";
import { BatchLender, type LentColumn } from "./lend_batch.ts";
import { LentDictionaries } from "./lent_dictionaries.ts";
import { native } from "./library.ts";
import type { Native } from "./native.ts";
import { OwnedHandle } from "./owned_handle.ts";
import { outcome, text } from "./symbols.ts";
import { jsonBytes, readError, readJson, readSchema } from "./texts.ts";

/** What the library needs of a batch, and where the columns of its result come from. */
interface Lending {
  reads: readonly LentColumn[];
  sources: readonly (number | null)[];
}

const nothing = new Float64Array(0);

/**
 * Steps for batches of one schema: {@linkcode NativeTransform.apply} lends a batch to the library
 * for one call, and gives what comes of it. The batches that it gives outlive it.
 */
export class NativeTransform {
  /** The schema of the batches that it gives. */
  readonly schema: Schema;
  readonly #native: Native;
  readonly #handle: number;
  readonly #owned: OwnedHandle;
  readonly #zeroCopy: boolean;
  readonly #sources: readonly (number | null)[];
  readonly #dictionaries: LentDictionaries = new LentDictionaries();
  readonly #lender: BatchLender;
  readonly #reader: BatchReader;
  readonly #schema: Schema;
  /** The last schema that was found to be the same. */
  #seen: Schema;
  #descriptor: Float64Array<ArrayBuffer> = new Float64Array(firstCapacity);
  #batches = 0;
  #closed = false;

  /**
   * @param steps The steps, as the library's JSON says them.
   * @param schema The schema of the batches to come.
   * @param options Whether batches may be views of native memory.
   * @throws {TypeError} Where a step makes no sense with the columns' types.
   * @throws {UnknownColumnError} Where a step names a column that isn't there.
   * @throws {UnsupportedFeatureError} Where a column is of a type that can't be lent.
   */
  constructor(
    steps: readonly unknown[],
    schema: Schema,
    { zeroCopy = true }: { zeroCopy?: boolean } = {},
  ) {
    const library = native();
    const description = schemaBytes(schema);
    const owned = new OwnedHandle(library);
    const handle = library.calls.spw_transform_open(
      owned.handle,
      ...jsonBytes(steps),
      description,
      description.length,
    );
    if (handle === 0) throw readError(library, 0);
    this.#native = library;
    this.#handle = handle;
    this.#owned = owned;
    this.#zeroCopy = zeroCopy;
    this.#schema = schema;
    this.#seen = schema;
    const { reads, sources } = readJson(library, handle, text.plan) as Lending;
    this.#sources = sources;
    this.#lender = new BatchLender(library, schema, reads);
    this.schema = resultSchema(schema, readSchema(library, handle), sources);
    this.#reader = new BatchReader(this.schema, library, { dictionaries: this.#dictionaries });
  }

  /**
   * Takes the steps on a batch.
   *
   * Costs one copy of the rows that pass; the batch is only read, and the result shares no memory
   * with it but its dictionaries.
   *
   * @param batch A batch of the schema that the transform was made for.
   * @returns The result; the batch itself where it would be the same; `null` where no row is left.
   * @throws {TypeError} Where the batch has another schema.
   * @throws {RangeError} Where the batch contradicts itself, such as by offsets past its values.
   * @throws {BatchReleasedError} Where the batch has been released.
   */
  apply(batch: RecordBatch): RecordBatch | null {
    if (this.#closed) throw new InternalError("Can't take steps: the transform was closed");
    const number = this.#batches++;
    this.#checkSchema(batch.schema, number);
    const { spw_transform_apply } = this.#native.calls;
    let lent = this.#lender.lend(batch, number);
    try {
      for (;;) {
        const descriptor = this.#descriptor;
        switch (
          spw_transform_apply(this.#handle, lent, lent.length, descriptor, descriptor.length)
        ) {
          case outcome.batch:
            this.#dictionaries.take(batch, this.#sources);
            return this.#reader.read(descriptor, this.#zeroCopy);
          case outcome.unchanged:
            return batch;
          case outcome.empty:
            return null;
          case outcome.grow:
            this.#descriptor = new Float64Array(2 * numberAt(descriptor, head.needed));
            lent = nothing;
            break;
          default:
            throw readError(this.#native, this.#handle);
        }
      }
    } finally {
      this.#lender.returned();
      this.#dictionaries.take(batch, []);
    }
  }

  /** Frees the steps. Batches that were given stay valid. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owned.close();
  }

  #checkSchema(schema: Schema, number: number): void {
    if (schema === this.#seen) return;
    if (!sameSchema(schema, this.#schema)) {
      throw new TypeError(
        `Can't take steps on batch ${number}: its columns are ${listed(schema)}, and the steps ` +
          `were made for ${listed(this.#schema)}. Give batches of one schema`,
      );
    }
    this.#seen = schema;
  }
}

/** Columns that only pass keep their types as they are, the ids of their dictionaries included. */
function resultSchema(
  schema: Schema,
  result: Schema,
  sources: readonly (number | null)[],
): Schema {
  const fields = result.fields.map((field, index) => {
    const source = sources[index] ?? null;
    const lent = source === null ? undefined : schema.fields[source];
    if (lent === undefined || lent.name === field.name) return lent ?? field;
    return new Field(field.name, lent.type, lent.nullable, lent.metadata);
  });
  const same = fields.length === schema.fields.length &&
    fields.every((field, index) => field === schema.fields[index]);
  return same ? schema : new Schema(fields, schema.metadata);
}

function listed({ fields }: Schema): string {
  return fields.length === 0
    ? "none"
    : printable(fields.map(({ name, type }) => `${name}: ${type}`).join(", "), 1_000);
}
