/**
 * Predicates evaluated on batches that are there already.
 *
 * @module
 */
import type { RecordBatch, Schema } from "apache-arrow";
import { NativeTransform } from "../../ffi/transform.ts";
import type { Predicate } from "./expression.ts";

/** What was made for the schemas that a predicate has met; freed with the predicate. */
const transforms = new WeakMap<Predicate, Map<Schema, NativeTransform>>();
/** More schemas than this are not remembered: a stream has one. */
const mostSchemas = 8;

/**
 * Keeps the rows of a batch for which a predicate is true, by native code.
 *
 * @param predicate The predicate.
 * @param batch The batch. It stays as it is.
 * @returns A batch of the same schema; the same batch where all rows are kept.
 * @throws {TypeError} Where the predicate can't be evaluated on the columns' types.
 * @throws {UnknownColumnError} Where the batch has no column of a name that the predicate uses.
 */
export function applyExpression(predicate: Predicate, batch: RecordBatch): RecordBatch {
  let known = transforms.get(predicate);
  if (known === undefined) transforms.set(predicate, known = new Map());
  let transform = known.get(batch.schema);
  if (transform === undefined) {
    if (known.size >= mostSchemas) known.clear();
    transform = new NativeTransform([{ where: predicate.toJSON() }], batch.schema);
    known.set(batch.schema, transform);
  }
  return transform.apply(batch) ?? batch.slice(0, 0);
}
