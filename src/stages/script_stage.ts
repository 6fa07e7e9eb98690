/**
 * Rows chosen in JavaScript.
 *
 * @module
 */
import type { BatchStage } from "./batch_stage.ts";
import { MaskStage } from "./mask_stage.ts";
import { PredicateStage } from "./predicate_stage.ts";
import type { ScriptFilter } from "./row_filter.ts";

/**
 * What a filter that only JavaScript can apply does to batches.
 *
 * @param filter The filter.
 * @returns The stage.
 */
export function scriptStage(filter: ScriptFilter): BatchStage {
  return typeof filter === "function" ? new MaskStage(filter) : new PredicateStage(filter);
}
