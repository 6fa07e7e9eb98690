/**
 * Predicates evaluated on batches that are there already.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { InternalError } from "../errors.ts";
import type { Predicate } from "./expression.ts";

/**
 * Keeps the rows of a batch for which a predicate is true, by native code.
 *
 * @param predicate The predicate.
 * @param batch The batch. It stays as it is.
 * @returns A batch of the same schema.
 * @throws {InternalError} Where native evaluation is not connected.
 */
export function applyExpression(
  predicate: Predicate,
  batch: RecordBatch,
): RecordBatch | Promise<RecordBatch> {
  throw new InternalError(
    `Can't keep the rows of a batch of ${batch.numRows} for which ${predicate} is true: ` +
      "native evaluation of batches is not connected",
  );
}
