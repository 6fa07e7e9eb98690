/**
 * The checks of what operations are given.
 *
 * @module
 */
import type { CallName } from "./expression_json.ts";
import type { ExpressionNode } from "./expression_node.ts";
import { formatExpression } from "./format_expression.ts";
import { type Kind, kindNames } from "./kind.ts";
import { operations } from "./operation.ts";

/**
 * Checks the number of an operation's arguments, and their kinds where they are known.
 *
 * @param name The operation.
 * @param parts The arguments.
 * @throws {TypeError} Where it doesn't take such arguments.
 */
export function checkArguments(name: CallName, parts: readonly ExpressionNode[]): void {
  const { least, most, takes, rest } = operations[name];
  const [first, ...others] = parts;
  if (first === undefined || parts.length < least || parts.length > most) {
    const wanted = most === Infinity ? `${least} or more` : String(least);
    throw new TypeError(`${name} takes ${wanted} arguments, not ${parts.length}`);
  }
  checkKind(name, first, takes);
  for (const [index, other] of others.entries()) {
    switch (rest) {
      case "same":
        checkKind(name, other, takes);
        break;
      case "texts":
        checkTextConstant(name, other);
        break;
      case "constants":
        checkConstant(name, other);
        checkComparable(first, other);
        break;
      case "comparable":
        for (const before of parts.slice(0, index + 1)) checkComparable(before, other);
    }
  }
}

function checkKind(name: CallName, part: ExpressionNode, takes: readonly Kind[]): void {
  if (part.kind === null || takes.length === 0 || takes.includes(part.kind)) return;
  const wanted = takes.map((kind) => kindNames[kind]).join(" or ");
  const text = formatExpression(part.json);
  throw new TypeError(
    `${name} takes ${wanted}, but ${text} is ${kindNames[part.kind]}. ${hint(part, takes)}`,
  );
}

function hint({ kind }: ExpressionNode, takes: readonly Kind[]): string {
  if (takes.includes("boolean")) return "Compare it with something first, as in col(name).gt(0)";
  if (kind === "boolean") return "Predicates are joined by and(), or() and not()";
  return "Use cast() where its values can be converted";
}

function checkConstant(name: CallName, { json }: ExpressionNode): void {
  if ("literal" in json) return;
  throw new TypeError(
    `${name} takes constants, but ${formatExpression(json)} is none. Use or() and eq() instead`,
  );
}

function checkTextConstant(name: CallName, { json }: ExpressionNode): void {
  if ("literal" in json && json.literal.type === "string") return;
  throw new TypeError(`${name} takes a constant text, but ${formatExpression(json)} is none`);
}

function checkComparable(left: ExpressionNode, right: ExpressionNode): void {
  if (left.kind === null || right.kind === null || left.kind === right.kind) return;
  if (mayStandFor(left, right.kind) || mayStandFor(right, left.kind)) return;
  throw new TypeError(
    `Can't compare ${formatExpression(left.json)}, ${kindNames[left.kind]}, with ` +
      `${formatExpression(right.json)}, ${kindNames[right.kind]}. Use cast() to make them alike`,
  );
}

/** Whether a constant text may be meant as a value of another kind: binding parses it. */
function mayStandFor({ json }: ExpressionNode, kind: Kind): boolean {
  if (!("literal" in json) || json.literal.type !== "string") return false;
  return kind === "number" || kind === "time" ||
    kind === "boolean" && ["true", "false"].includes(json.literal.value);
}
