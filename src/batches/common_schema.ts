/**
 * One schema for batches from several places.
 *
 * @module
 */
import { Data, type RecordBatch, type Schema, Struct } from "apache-arrow";
import { ownBatch } from "./own_batch.ts";
import { sameSchema } from "./same_schema.ts";
import { schemaDifferences } from "./schema_differences.ts";
import type { SpillwayBatch } from "./spillway_batch.ts";
import { withType } from "./with_type.ts";
import { printable } from "../printable.ts";

/**
 * Gives batches the schema of the first one, so that they make one stream: metadata, the ids of
 * dictionaries and the names of lists' items may differ between files of the same columns.
 */
export class CommonSchema {
  readonly #action: string;
  #schema: Schema | null = null;
  /** Where the first batch came from. */
  #origin = "";
  /** The last schema that was found to be the same. */
  #seen: Schema | null = null;

  /** @param action What can't be done with batches of different columns, for the message. */
  constructor(action: string) {
    this.#action = action;
  }

  /** The schema; `null` before the first batch. */
  get schema(): Schema | null {
    return this.#schema;
  }

  /**
   * A batch in the common schema; nothing is copied.
   *
   * @param batch The batch, which has none of its memory afterwards, unless it is given back itself.
   * @param origin Where it comes from, for the message.
   * @returns The batch.
   * @throws {TypeError} Where its columns are others, or has nulls in one that may not have them.
   */
  take(batch: RecordBatch, origin: string): SpillwayBatch {
    const { schema } = batch;
    if (this.#schema === null) {
      this.#schema = schema;
      this.#origin = origin;
    }
    if (schema === this.#schema) return ownBatch(batch);
    if (schema !== this.#seen) this.#check(schema, origin);
    this.#seen = schema;
    this.#checkNulls(batch, origin);
    const { data } = batch;
    const { fields } = this.#schema;
    const columns = data.children.map((column, at) => withType(column, fields[at]!.type));
    const rows = new Data(new Struct(fields), 0, data.length, 0, undefined, columns);
    return ownBatch(batch, this.#schema, rows);
  }

  #check(schema: Schema, origin: string): void {
    const expected = this.#schema!;
    if (sameSchema(schema, expected)) return;
    const differences = printable(schemaDifferences(schema, expected));
    throw new TypeError(
      `Can't ${this.#action} of different columns: in ${origin} ${differences}, as in ` +
        `${this.#origin}. Select, rename or cast columns before, so that all have the same`,
    );
  }

  /** A column that may have nulls elsewhere fits one that may not, as long as it has none. */
  #checkNulls({ data }: RecordBatch, origin: string): void {
    this.#schema!.fields.forEach(({ name, nullable }, at) => {
      if (nullable || data.children[at]!.nullCount <= 0) return;
      throw new TypeError(
        `Can't ${this.#action}: column ${
          printable(name)
        } has nulls in ${origin}, and may not have any ` +
          `in ${this.#origin}`,
      );
    });
  }
}
