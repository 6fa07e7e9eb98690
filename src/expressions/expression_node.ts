/**
 * Expressions as checked data.
 *
 * @module
 */
import { type CastType, kindOfType } from "./cast_type.ts";
import { checkText } from "./check_literal.ts";
import { checkArguments } from "./check_arguments.ts";
import type { CallName, ExpressionJson, LiteralData } from "./expression_json.ts";
import type { Kind } from "./kind.ts";
import { operations } from "./operation.ts";

/** Expressions deeper than this are refused, so that no reader of them needs much stack. */
export const MOST_DEPTH = 256;

/** An expression's data, frozen, and what is known of it. */
export interface ExpressionNode {
  /** The data. */
  readonly json: ExpressionJson;
  /** What its values are, or `null` where that depends on the file. */
  readonly kind: Kind | null;
  /** Levels of expressions within expressions: 1 for a column or a constant. */
  readonly depth: number;
  /** The arguments of an operation; none for a column or a constant. */
  readonly parts: readonly ExpressionNode[];
}

/**
 * Makes the data of a column.
 *
 * @param path Its name or dotted path, then the names of fields within it.
 * @returns The data.
 * @throws {TypeError} Where a name is no text.
 */
export function columnNode(path: readonly unknown[]): ExpressionNode {
  const column = Object.freeze(path.map((name) => checkText(name, "The name of a column")));
  return { json: Object.freeze({ column }), kind: null, depth: 1, parts: [] };
}

/**
 * Makes the data of a constant.
 *
 * @param literal Its type and value, checked.
 * @returns The data.
 */
export function literalNode(literal: LiteralData): ExpressionNode {
  return {
    json: Object.freeze({ literal: Object.freeze(literal) }),
    kind: literalKinds[literal.type],
    depth: 1,
    parts: [],
  };
}

/**
 * Makes the data of an operation.
 *
 * @param name The operation.
 * @param parts Its arguments.
 * @param to The type wanted, checked: for `cast` only.
 * @returns The data.
 * @throws {TypeError} Where the operation doesn't take such arguments.
 * @throws {RangeError} Where it would be nested too deep.
 */
export function callNode(
  name: CallName,
  parts: readonly ExpressionNode[],
  to?: CastType,
): ExpressionNode {
  checkArguments(name, parts);
  const depth = 1 + parts.reduce((most, part) => Math.max(most, part.depth), 0);
  if (depth > MOST_DEPTH) throw tooDeep();
  const json: ExpressionJson = Object.freeze({
    call: name,
    arguments: Object.freeze(parts.map((part) => part.json)),
    ...(to !== undefined && { to }),
  });
  return { json, kind: resultKind(name, parts, to), depth, parts };
}

/**
 * The error of an expression that is nested too deep.
 *
 * @returns The error.
 */
export function tooDeep(): RangeError {
  return new RangeError(
    `Expressions can be nested ${MOST_DEPTH} deep at most. Give and(), or() and in() many ` +
      "arguments at once instead of nesting them",
  );
}

const literalKinds: Readonly<Record<LiteralData["type"], Kind | null>> = {
  number: "number",
  bigint: "number",
  string: "text",
  boolean: "boolean",
  null: null,
  date: "time",
  instant: "time",
  plainDate: "time",
  plainDateTime: "time",
  plainTime: "time",
  bytes: "bytes",
};

function resultKind(
  name: CallName,
  parts: readonly ExpressionNode[],
  to: CastType | undefined,
): Kind | null {
  const { gives } = operations[name];
  if (gives === "type") return to === undefined ? null : kindOfType(to);
  if (gives !== "arguments") return gives;
  // A constant text becomes what stands beside it.
  const known = parts.filter(({ kind }) => kind !== null);
  return (known.find(({ json }) => !("literal" in json)) ?? known[0])?.kind ?? null;
}
