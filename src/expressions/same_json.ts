/**
 * Whether two expressions are the same as data.
 *
 * @module
 */
import type { ExpressionJson } from "./expression_json.ts";

/**
 * Compares two expressions.
 *
 * @param left One.
 * @param right The other.
 * @returns Whether they consist of the same columns, constants and operations.
 */
export function sameJson(left: ExpressionJson, right: ExpressionJson): boolean {
  if (left === right) return true;
  if ("column" in left) return "column" in right && sameItems(left.column, right.column);
  if ("literal" in left) {
    if (!("literal" in right) || left.literal.type !== right.literal.type) return false;
    return valueOf(left.literal) === valueOf(right.literal);
  }
  return "call" in right && left.call === right.call && left.to === right.to &&
    sameItems(left.arguments, right.arguments, sameJson);
}

function sameItems<Item>(
  left: readonly Item[],
  right: readonly Item[],
  same: (left: Item, right: Item) => boolean = Object.is,
): boolean {
  return left.length === right.length &&
    left.every((item, index) => same(item, right[index] as Item));
}

function valueOf(literal: object): unknown {
  return "value" in literal ? literal.value : null;
}
