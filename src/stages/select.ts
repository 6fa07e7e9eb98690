/**
 * Columns chosen of a stream.
 *
 * @module
 */
import { type RecordBatch, Schema } from "apache-arrow";
import type { BatchStage } from "./batch_stage.ts";
import { BatchTransform } from "./batch_transform.ts";
import { columnIndex } from "../batches/column_index.ts";
import { narrowBatch } from "./narrow_columns.ts";
import type { SpillwayBatch } from "../batches/spillway_batch.ts";

/**
 * Keeps some columns, in the order given. On a scan the others are neither read nor decoded.
 *
 * @param names The columns' names.
 * @returns The transform. Its stream fails with an {@linkcode UnknownColumnError} where a column
 * isn't there.
 * @throws {TypeError} Where a name is no string, or given twice.
 *
 * @example
 * ```ts
 * import { scanParquet, select } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const scan = scanParquet("tests/data/readings.parquet").pipeThrough(select("celsius", "sensor"));
 * expect((await scan.schema()).names).toEqual(["celsius", "sensor"]);
 * ```
 */
export function select(...names: string[]): BatchTransform {
  for (const [index, name] of names.entries()) {
    if (typeof name !== "string") {
      throw new TypeError(`A column's name must be a string, not ${name}`);
    }
    if (names.indexOf(name) !== index) {
      throw new TypeError(`Can't select column "${name}" twice; name it once`);
    }
  }
  return new BatchTransform(new SelectStage(names));
}

class SelectStage implements BatchStage {
  readonly step: { readonly select: readonly string[] };
  readonly done = false;
  schema: Schema | null = null;

  constructor(names: readonly string[]) {
    this.step = { select: names };
  }

  apply(batch: RecordBatch): SpillwayBatch {
    const { schema } = batch;
    const fields = this.step.select.map((name) => schema.fields[columnIndex(schema, name)]!);
    this.schema = new Schema(fields, schema.metadata);
    return narrowBatch(batch, this.schema);
  }
}
