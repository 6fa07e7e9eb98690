/**
 * The words and signs of a condition.
 *
 * @module
 */
import { ConditionError } from "./condition_error.ts";

/** What a token is; a name may be a keyword too. */
export type TokenKind = "name" | "quoted name" | "text" | "number" | "sign" | "end";

/** A word or a sign of a condition. */
export interface Token {
  readonly kind: TokenKind;
  /** As it is written. */
  readonly source: string;
  /** What it says: a name or a text without its quotes. */
  readonly value: string;
  /** The index of its first character. */
  readonly position: number;
}

/** What a token can be, each matched where the last one ended. */
const patterns: readonly (readonly [kind: TokenKind, pattern: RegExp])[] = [
  ["name", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["quoted name", /"(?:[^"]|"")*"/y],
  ["text", /'(?:[^']|'')*'/y],
  ["number", /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\p{N}_])/iuy],
  ["sign", /<=|>=|<>|!=|==|[<>=(),.]/y],
];

/**
 * Takes a condition apart.
 *
 * @param condition The condition.
 * @returns Its words and signs, and at last the end.
 * @throws {ConditionError} Where something is neither.
 */
export function conditionTokens(condition: string): Token[] {
  const tokens: Token[] = [];
  let position = skipSpace(condition, 0);
  while (position < condition.length) {
    const token = tokenAt(condition, position);
    tokens.push(token);
    position = skipSpace(condition, position + token.source.length);
  }
  tokens.push({ kind: "end", source: "", value: "", position: condition.trimEnd().length });
  return tokens;
}

function tokenAt(condition: string, position: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const [source] = pattern.exec(condition) ?? [];
    if (source !== undefined) return { kind, source, value: unquoted(source), position };
  }
  throw new ConditionError(problemAt(condition, position), condition, position);
}

function problemAt(condition: string, position: number): string {
  const character = String.fromCodePoint(condition.codePointAt(position)!);
  if (character === "'") return "the text that begins here has no closing '";
  if (character === '"') return 'the name that begins here has no closing "';
  if (/[\d.+-]/.test(character)) return "this is no number. There is no arithmetic in conditions";
  if (/[&|!]/.test(character)) return "write AND, OR and NOT as words";
  return `${character} is no part of a condition. Names with signs in them stand in "double quotes"`;
}

function unquoted(source: string): string {
  const quote = source[0]!;
  if (quote !== "'" && quote !== '"') return source;
  return source.slice(1, -1).replaceAll(quote + quote, quote);
}

function skipSpace(condition: string, from: number): number {
  const space = /\s*/y;
  space.lastIndex = from;
  return from + (space.exec(condition)?.[0].length ?? 0);
}
