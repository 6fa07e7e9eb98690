/**
 * What each operation takes and gives.
 *
 * @module
 */
import type { CallName } from "./expression_json.ts";
import type { Kind } from "./kind.ts";

/** What an operation takes and gives. */
export interface Operation {
  /** The fewest arguments. */
  readonly least: number;
  /** The most. */
  readonly most: number;
  /** The kinds that the first argument may be of; any, where there are none. */
  readonly takes: readonly Kind[];
  /**
   * What the other arguments have to be: of the same kind as the operation takes, comparable with
   * the first, constants that are comparable with it, or constant texts.
   */
  readonly rest: "same" | "comparable" | "constants" | "texts";
  /** The kind of the result: `arguments` for that of the arguments, `type` for the one cast to. */
  readonly gives: Kind | "arguments" | "type";
}

const comparison: Operation = {
  least: 2,
  most: 2,
  takes: [],
  rest: "comparable",
  gives: "boolean",
};
const membership: Operation = { ...comparison, least: 1, most: Infinity, rest: "constants" };
const nullTest: Operation = { ...comparison, least: 1, most: 1 };
const textTest: Operation = { ...comparison, takes: ["text"], rest: "texts" };
const logic: Operation = {
  least: 1,
  most: Infinity,
  takes: ["boolean"],
  rest: "same",
  gives: "boolean",
};
const arithmetic: Operation = {
  least: 2,
  most: 2,
  takes: ["number"],
  rest: "same",
  gives: "number",
};
const unary: Operation = { ...arithmetic, least: 1, most: 1 };
const textFunction: Operation = { ...unary, takes: ["text"], gives: "text" };
const datePart: Operation = { ...unary, takes: ["time"] };

/** The operations by their names. */
export const operations: Readonly<Record<CallName, Operation>> = {
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  gt: comparison,
  ge: comparison,
  between: { ...comparison, least: 3, most: 3 },
  in: membership,
  notIn: membership,
  isNull: nullTest,
  isNotNull: nullTest,
  isNaN: { ...nullTest, takes: ["number"] },
  startsWith: textTest,
  endsWith: textTest,
  contains: textTest,
  like: textTest,
  matches: textTest,
  and: logic,
  or: logic,
  not: { ...logic, most: 1 },
  add: arithmetic,
  sub: arithmetic,
  mul: arithmetic,
  div: arithmetic,
  mod: arithmetic,
  neg: unary,
  cast: { ...nullTest, gives: "type" },
  lower: textFunction,
  upper: textFunction,
  length: { ...unary, takes: ["text", "bytes"] },
  abs: unary,
  year: datePart,
  month: datePart,
  day: datePart,
  coalesce: { ...comparison, least: 1, most: Infinity, gives: "arguments" },
};
