/**
 * Expressions as JSON: what the native library reads, and what can be stored.
 *
 * @module
 */
import type { CastType } from "./cast_type.ts";

/**
 * An expression as JSON: {@linkcode Expression.toJSON}.
 *
 * @example
 * ```ts
 * import { col, type ExpressionJson } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const json: ExpressionJson = col("size").gt(10).toJSON();
 * expect(json).toEqual({
 *   call: "gt",
 *   arguments: [{ column: ["size"] }, { literal: { type: "number", value: 10 } }],
 * });
 * ```
 */
export type ExpressionJson = ColumnJson | LiteralJson | CallJson;

/** A column as JSON. */
export interface ColumnJson {
  /** Its name or dotted path, then the names of fields within it. */
  readonly column: readonly string[];
}

/** A constant as JSON. */
export interface LiteralJson {
  /** What it is. */
  readonly literal: LiteralData;
}

/** An operation on expressions as JSON. */
export interface CallJson {
  /** Which. */
  readonly call: CallName;
  /** What it is done with. */
  readonly arguments: readonly ExpressionJson[];
  /** The type wanted: for `cast` only. */
  readonly to?: CastType;
}

/** A constant's type and value, in a form that JSON holds exactly. */
export type LiteralData =
  | { readonly type: "number"; readonly value: number | "NaN" | "Infinity" | "-Infinity" | "-0" }
  | { readonly type: "date"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "null" }
  | { readonly type: TextualLiteralType; readonly value: string };

/** The types of constants that are text in JSON. */
export type TextualLiteralType =
  | "bigint"
  | "string"
  | "instant"
  | "plainDate"
  | "plainDateTime"
  | "plainTime"
  | "bytes";

/** The operations. */
export type CallName =
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "between"
  | "in"
  | "notIn"
  | "isNull"
  | "isNotNull"
  | "isNaN"
  | "startsWith"
  | "endsWith"
  | "contains"
  | "like"
  | "matches"
  | "and"
  | "or"
  | "not"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "mod"
  | "neg"
  | "cast"
  | "lower"
  | "upper"
  | "length"
  | "abs"
  | "year"
  | "month"
  | "day"
  | "coalesce";
