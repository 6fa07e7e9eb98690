/**
 * Expressions from JSON.
 *
 * @module
 */
import { checkCastType } from "./cast_type.ts";
import { checkLiteralData } from "./check_literal.ts";
import { describeValue } from "./describe_value.ts";
import type { CallName } from "./expression_json.ts";
import {
  callNode,
  columnNode,
  type ExpressionNode,
  literalNode,
  MOST_DEPTH,
  tooDeep,
} from "./expression_node.ts";
import { operations } from "./operation.ts";

/**
 * Checks JSON of an expression, wherever it comes from.
 *
 * @param json What is to be checked.
 * @returns The expression's data, which shares nothing with the JSON.
 * @throws {TypeError} Where it is no expression; the message says which part is wrong.
 * @throws {RangeError} Where it is nested too deep.
 */
export function parseExpression(json: unknown): ExpressionNode {
  return parse(json, 1);
}

function parse(json: unknown, depth: number): ExpressionNode {
  if (depth > MOST_DEPTH) throw tooDeep();
  if (typeof json !== "object" || json === null) {
    throw new TypeError(`An expression must be an object, not ${describeValue(json)}`);
  }
  const [kind, ...others] = ["column", "literal", "call"].filter((key) => Object.hasOwn(json, key));
  if (kind === undefined || others.length > 0) {
    throw new TypeError(
      'An expression must have one of the members "column", "literal" and "call"; it has ' +
        (Object.keys(json).join(", ") || "none"),
    );
  }
  if ("column" in json) return parseColumn(json.column);
  if ("literal" in json) return literalNode(checkLiteralData(json.literal));
  return parseCall(json as { call: unknown }, depth);
}

function parseColumn(path: unknown): ExpressionNode {
  if (Array.isArray(path) && path.length > 0) return columnNode(Array.from(path));
  throw new TypeError(`A column must be an array of names, not ${describeValue(path)}`);
}

function parseCall(
  json: { call: unknown; arguments?: unknown; to?: unknown },
  depth: number,
): ExpressionNode {
  const { call, arguments: parts, to } = json;
  if (typeof call !== "string" || !Object.hasOwn(operations, call)) {
    throw new TypeError(
      `Expressions have no operation ${describeValue(call)}: there are ` +
        Object.keys(operations).join(", "),
    );
  }
  if (!Array.isArray(parts)) {
    throw new TypeError(`The arguments of ${call} must be an array, not ${describeValue(parts)}`);
  }
  if (call !== "cast" && to !== undefined) throw new TypeError(`${call} has no member "to"`);
  const nodes = Array.from(parts, (part) => parse(part, depth + 1));
  return callNode(call as CallName, nodes, call === "cast" ? checkCastType(to) : undefined);
}
