/**
 * What a transform does to a stream of batches, as data.
 *
 * @module
 */
import type { ExpressionJson } from "../expressions/expression_json.ts";

/** A step that gives each row by itself: the native side can take it over in any number. */
export type RowStep =
  | { readonly where: ExpressionJson }
  | { readonly select: readonly string[] }
  | { readonly rename: readonly (readonly [from: string, to: string])[] }
  | { readonly withColumns: readonly (readonly [name: string, value: ExpressionJson])[] };

/** A step that counts rows. */
export type SliceStep = { readonly limit: number } | { readonly offset: number };

/** What a transform does. */
export type Step = RowStep | SliceStep;

/** Whether a step counts rows. */
export function isSlice(step: Step): step is SliceStep {
  return "limit" in step || "offset" in step;
}
