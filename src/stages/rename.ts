/**
 * Columns renamed.
 *
 * @module
 */
import { Data, type Field, type RecordBatch, Schema, Struct } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { BatchTransform } from "./batch_transform.ts";
import { columnIndex } from "../batches/column_index.ts";
import { ownBatch } from "../batches/own_batch.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * Gives columns other names; nothing is copied.
 *
 * @param names For each column to rename, its name and the new one.
 * @returns The transform. Its stream fails with an {@linkcode UnknownColumnError} where a column
 * isn't there, and with a `TypeError` where two columns would have one name.
 * @throws {TypeError} Where a new name is no string.
 *
 * @example
 * ```ts
 * import { rename, scanParquet } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet").pipeThrough(rename({ celsius: "degrees" }));
 * expect((await scan.schema()).names).toEqual(["sensor", "at", "degrees"]);
 * ```
 */
export function rename(names: Readonly<Record<string, string>>): BatchTransform {
  const pairs = Object.entries(names);
  for (const [from, to] of pairs) {
    if (typeof to !== "string") {
      throw new TypeError(`The new name of column "${from}" must be a string, not ${String(to)}`);
    }
  }
  return new BatchTransform(new RenameStage(pairs));
}

class RenameStage implements BatchStage {
  readonly step: { readonly rename: readonly (readonly [string, string])[] };
  readonly done = false;
  schema: Schema | null = null;

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.step = { rename: pairs };
  }

  apply(batch: RecordBatch): SpillwayBatch {
    const { schema, data } = batch;
    const fields: Field[] = [...schema.fields];
    const places = this.step.rename.map(([from]) => columnIndex(schema, from));
    for (const [index, [, to]] of this.step.rename.entries()) {
      const place = places[index]!;
      fields[place] = fields[place]!.clone({ name: to });
    }
    const twice = fields.find(({ name }, place) =>
      fields.findIndex((f) => f.name === name) < place
    );
    if (twice !== undefined) {
      throw new TypeError(`Can't give two columns the name "${twice.name}"; name each column once`);
    }
    const renamed = new Schema(fields, schema.metadata);
    this.schema = renamed;
    const rows = new Data(new Struct(fields), 0, data.length, 0, undefined, data.children);
    return ownBatch(batch, renamed, rows);
  }
}
