/**
 * Expressions as SQL-like text.
 *
 * @module
 */
import type { CallJson, CallName, ExpressionJson } from "./expression_json.ts";
import { formatLiteral } from "./format_literal.ts";

/** How tightly things bind, from the loosest; what binds less tightly than its place is bracketed. */
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;
const SIGN = 7;
const ATOM = 8;

/** Operators between two arguments. The right one binds more tightly, where order matters. */
const infixes: Readonly<Partial<Record<CallName, readonly [operator: string, binding: number]>>> = {
  or: ["OR", OR],
  and: ["AND", AND],
  eq: ["=", COMPARISON],
  ne: ["<>", COMPARISON],
  lt: ["<", COMPARISON],
  le: ["<=", COMPARISON],
  gt: [">", COMPARISON],
  ge: [">=", COMPARISON],
  like: ["LIKE", COMPARISON],
  add: ["+", SUM],
  sub: ["-", SUM],
  mul: ["*", PRODUCT],
  div: ["/", PRODUCT],
  mod: ["%", PRODUCT],
};

/** Names of functions that differ from the operation's. */
const functions: Readonly<Partial<Record<CallName, string>>> = {
  isNaN: "isnan",
  startsWith: "starts_with",
  endsWith: "ends_with",
  matches: "regexp_matches",
};

const keywords = new Set(
  "AND BETWEEN CAST DATE FALSE IN IS LIKE NOT NULL OR TIME TIMESTAMP TRUE".split(" "),
);

/**
 * Writes an expression with no more brackets than it needs.
 *
 * @param json The expression.
 * @returns Its text, such as `level = 'ERROR' AND size > 10`.
 */
export function formatExpression(json: ExpressionJson): string {
  return format(json, OR);
}

function format(json: ExpressionJson, place: number): string {
  if ("column" in json) return json.column.map(formatName).join(".");
  if ("literal" in json) {
    const text = formatLiteral(json.literal);
    // Two signs beside each other would begin a comment.
    return text.startsWith("-") && place >= SIGN ? `(${text})` : text;
  }
  const [text, binding] = formatCall(json);
  return binding < place ? `(${text})` : text;
}

function formatCall(json: CallJson): [text: string, binding: number] {
  const { call, arguments: parts } = json;
  const infix = infixes[call];
  if (infix !== undefined) return formatInfix(parts, infix);
  const [first = "", ...rest] = parts.map((part) => format(part, COMPARISON + 1));
  switch (call) {
    case "not":
      return [`NOT ${formatAll(parts, NOT)}`, NOT];
    case "neg":
      return [`-${formatAll(parts, ATOM)}`, SIGN];
    case "between":
      return [`${first} BETWEEN ${rest.join(" AND ")}`, COMPARISON];
    case "in":
      return [`${first} IN (${rest.join(", ")})`, COMPARISON];
    case "notIn":
      return [`${first} NOT IN (${rest.join(", ")})`, COMPARISON];
    case "isNull":
      return [`${first} IS NULL`, COMPARISON];
    case "isNotNull":
      return [`${first} IS NOT NULL`, COMPARISON];
    case "cast":
      return [`CAST(${formatAll(parts, OR)} AS ${json.to})`, ATOM];
    default:
      return [`${functions[call] ?? call}(${formatAll(parts, OR)})`, ATOM];
  }
}

function formatInfix(
  parts: readonly ExpressionJson[],
  [operator, binding]: readonly [string, number],
): [text: string, binding: number] {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return [format(only, binding), binding];
  const left = binding === COMPARISON ? binding + 1 : binding;
  const right = binding <= AND ? binding : binding + 1;
  const texts = parts.map((part, index) => format(part, index === 0 ? left : right));
  return [texts.join(` ${operator} `), binding];
}

function formatAll(parts: readonly ExpressionJson[], place: number): string {
  return parts.map((part) => format(part, place)).join(", ");
}

/** The first name may be a dotted path, whose parts need no quotes where each is a plain name. */
function formatName(name: string, index: number): string {
  const parts = index === 0 ? name.split(".") : [name];
  return parts.every(isPlain) ? name : `"${name.replaceAll('"', '""')}"`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !keywords.has(name.toUpperCase());
}
