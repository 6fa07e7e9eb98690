/**
 * Conditions and calculations on columns.
 *
 * @module
 */
import { type CastType, checkCastType } from "./cast_type.ts";
import type { CastValue } from "./cast_value.ts";
import { columnsOf } from "./columns_of.ts";
import { describeValue } from "./describe_value.ts";
import type { CallName, ExpressionJson } from "./expression_json.ts";
import { callNode, columnNode, type ExpressionNode, literalNode } from "./expression_node.ts";
import { formatExpression } from "./format_expression.ts";
import { literalData } from "./literal_data.ts";
import type { Value } from "./literal.ts";
import type { ConstantOperands, NumberOperand, Operand } from "./operand.ts";
import { parseExpression } from "./parse_expression.ts";
import { patternOf } from "./regular_expression.ts";
import { sameJson } from "./same_json.ts";

/**
 * An expression that is true, false or null for a row: what rows are filtered by.
 *
 * @example
 * ```ts
 * import { col, type Predicate } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const since = (year: number): Predicate => col("ts").ge(new Date(Date.UTC(year, 0)));
 * expect(String(since(2026))).toBe("ts >= TIMESTAMP '2026-01-01T00:00:00.000Z'");
 * ```
 */
export type Predicate = Expression<boolean>;

/**
 * A condition or a calculation on columns, as data: it never changes, and holds no file.
 *
 * Begin with {@linkcode col}. Whatever an expression meets in a file, it doesn't fail on values: a
 * division by zero, an overflow or text that is no number gives null. Null in a comparison gives
 * null, which keeps no row. The document on predicates has the whole semantics.
 *
 * The parameter says what the expression can be used as: a comparison is an
 * `Expression<boolean>`, a sum an `Expression<number>`, and a column may be anything. An
 * `Expression` without a parameter stands for any expression.
 *
 * @example Comparisons and logic
 * ```ts
 * import { col, type Predicate } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const severe: Predicate = col("level").in(["ERROR", "FATAL"]).or(col("code").between(500, 599));
 * const recent = col("ts").ge(new Date("2026-01-01")).and(col("host").isNotNull());
 * expect(String(recent.and(severe))).toBe(
 *   "ts >= TIMESTAMP '2026-01-01T00:00:00.000Z' AND host IS NOT NULL AND " +
 *     "(level IN ('ERROR', 'FATAL') OR code BETWEEN 500 AND 599)",
 * );
 * ```
 *
 * @example Calculations
 * ```ts
 * import { col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const price = col("price").mul(col("discount").neg().add(1));
 * expect(String(price)).toBe("price * (-discount + 1)");
 * expect(String(price.cast("decimal(12,2)").gt(100n))).toBe("CAST(price * (-discount + 1) AS decimal(12,2)) > 100");
 * expect(String(col("day").year().eq(2026))).toBe("year(day) = 2026");
 * ```
 *
 * @example Text
 * ```ts
 * import { col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const path = col("request").field("path");
 * expect(String(path.startsWith("/api/").and(path.lower().like("%.json").not())))
 *   .toBe("starts_with(request.path, '/api/') AND NOT lower(request.path) LIKE '%.json'");
 * expect(String(path.matches(/^\/v\d+\//i))).toBe("regexp_matches(request.path, '(?i)^\\/v\\d+\\/')");
 * ```
 */
export class Expression<in Kind = never> {
  /** @ignore For the compiler only: what makes expressions of different kinds different types. */
  declare protected readonly kind: (value: Kind) => void;

  #node: ExpressionNode;

  static {
    // What the consoles of Deno and Bun show.
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    Object.defineProperty(this.prototype, inspect, { value: this.prototype.toString });
  }

  /** @ignore Expressions begin with `col` and `lit`. */
  constructor(node: ExpressionNode) {
    this.#node = node;
    Object.freeze(this);
  }

  /**
   * Makes an expression of what {@linkcode Expression.toJSON} gave, perhaps in another process.
   *
   * @param json The JSON, which is checked and copied.
   * @returns The expression.
   * @throws {TypeError} Where it is no expression; the message says which part is wrong.
   * @throws {RangeError} Where it is nested more than 256 deep.
   *
   * @example
   * ```ts
   * import { col, Expression } from "spillway";
   * import { expect } from "@std/expect";
   *
   * const text = JSON.stringify(col("size").gt(2n ** 53n));
   * expect(Expression.fromJSON(JSON.parse(text)).equals(col("size").gt(2n ** 53n))).toBe(true);
   * expect(() => Expression.fromJSON({ call: "drop" })).toThrow(TypeError);
   * ```
   */
  static fromJSON(json: unknown): Expression<Value> {
    return new Expression(parseExpression(json));
  }

  /** The expression as JSON, frozen: what it consists of, not a copy. */
  toJSON(): ExpressionJson {
    return this.#node.json;
  }

  /** The expression as SQL-like text, for people to read. */
  toString(): string {
    return formatExpression(this.#node.json);
  }

  /**
   * Whether another value is an expression of the same columns, constants and operations.
   *
   * It compares what is written, not what it means: `a = 1` and `1 = a` differ, NaN is the same as
   * NaN, and the constants `-0` and `0` differ.
   *
   * @param other Any value.
   *
   * @example
   * ```ts
   * import { col } from "spillway";
   * import { expect } from "@std/expect";
   *
   * expect(col("a").eq(NaN).equals(col("a").eq(NaN))).toBe(true);
   * expect(col("a").eq(1).equals(col("a").eq(1n))).toBe(false);
   * ```
   */
  equals(other: unknown): boolean {
    return other instanceof Expression && sameJson(this.#node.json, other.#node.json);
  }

  /** The columns that occur, each once, in order: paths as in {@linkcode ColumnJson}. */
  columns(): (readonly string[])[] {
    return columnsOf(this.#node.json);
  }

  /**
   * A field of a struct column.
   *
   * @param name The field's name, dots and all.
   * @throws {TypeError} Where this is no column.
   *
   * @example
   * ```ts
   * import { col } from "spillway";
   * import { expect } from "@std/expect";
   *
   * expect(String(col("user").field("address").field("city").eq("Ulm")))
   *   .toBe("user.address.city = 'Ulm'");
   * ```
   */
  field(this: Expression<Value>, name: string): Expression<Value> {
    const { json } = this.#node;
    if ("column" in json) return new Expression(columnNode([...json.column, name]));
    throw new TypeError(`Only columns have fields; ${this} is none`);
  }

  /** Whether it equals another: NaN equals NaN, -0 equals 0, and null gives null. */
  eq<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("eq", [this, other]);
  }

  /** Whether it differs from another: null gives null. */
  ne<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("ne", [this, other]);
  }

  /** Whether it is less than another: numbers are less than NaN, text compares by UTF-8 bytes. */
  lt<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("lt", [this, other]);
  }

  /** Whether it is less than another, or equal. */
  le<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("le", [this, other]);
  }

  /** Whether it is greater than another. */
  gt<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("gt", [this, other]);
  }

  /** Whether it is greater than another, or equal. */
  ge<K>(this: Expression<K>, other: Operand<K>): Predicate {
    return call("ge", [this, other]);
  }

  /** Whether it is in a range, both of whose ends belong to it. */
  between<K>(this: Expression<K>, low: Operand<K>, high: Operand<K>): Predicate {
    return call("between", [this, low, high]);
  }

  /** Whether it is one of some constants. None are allowed: that is never true. */
  in<K>(this: Expression<K>, values: ConstantOperands<K>): Predicate {
    return call("in", [this, ...constants("in", values)]);
  }

  /** Whether it is none of some constants: never true where one of these is null. */
  notIn<K>(this: Expression<K>, values: ConstantOperands<K>): Predicate {
    return call("notIn", [this, ...constants("notIn", values)]);
  }

  /** Whether it is null: true or false, never null. */
  isNull(): Predicate {
    return call("isNull", [this]);
  }

  /** Whether it is not null: true or false, never null. */
  isNotNull(): Predicate {
    return call("isNotNull", [this]);
  }

  /** Whether a number is NaN. */
  isNaN(this: Expression<number>): Predicate {
    return call("isNaN", [this]);
  }

  /** Whether text begins with a constant text, upper and lower case being different. */
  startsWith(this: Expression<string>, text: string): Predicate {
    return call("startsWith", [this, text]);
  }

  /** Whether text ends with a constant text. */
  endsWith(this: Expression<string>, text: string): Predicate {
    return call("endsWith", [this, text]);
  }

  /** Whether text has a constant text in it. */
  contains(this: Expression<string>, text: string): Predicate {
    return call("contains", [this, text]);
  }

  /** Whether the whole text fits SQL's pattern: `%` is any text, `_` one character, `\` quotes. */
  like(this: Expression<string>, pattern: string): Predicate {
    return call("like", [this, pattern]);
  }

  /**
   * Whether a regular expression matches somewhere in the text.
   *
   * @param pattern The pattern, in the syntax of Rust's `regex`: it has no look-around and no
   * references back, and `\d`, `\w`, `\s`, `\b` know all of Unicode. Of a `RegExp`, the flags `i`,
   * `m` and `s` are kept; the flag `y` is refused.
   */
  matches(this: Expression<string>, pattern: string | RegExp): Predicate {
    return call("matches", [this, patternOf(pattern)]);
  }

  /** True where this and all others are, false where one is false, else null. */
  and(this: Predicate, ...others: readonly Predicate[]): Predicate {
    return joined("and", [this, ...others]);
  }

  /** True where this or one of the others is, false where all are false, else null. */
  or(this: Predicate, ...others: readonly Predicate[]): Predicate {
    return joined("or", [this, ...others]);
  }

  /** True where this is false, and the other way round; null stays null. */
  not(this: Predicate): Predicate {
    return call("not", [this]);
  }

  /** The sum: null where integers or decimals overflow. */
  add(this: Expression<number>, other: NumberOperand): Expression<number> {
    return call("add", [this, other]);
  }

  /** The difference: null where integers or decimals overflow. */
  sub(this: Expression<number>, other: NumberOperand): Expression<number> {
    return call("sub", [this, other]);
  }

  /** The product: null where integers or decimals overflow. */
  mul(this: Expression<number>, other: NumberOperand): Expression<number> {
    return call("mul", [this, other]);
  }

  /** The quotient, a float for integers: null where integers or decimals are divided by zero. */
  div(this: Expression<number>, other: NumberOperand): Expression<number> {
    return call("div", [this, other]);
  }

  /** The remainder, with the sign of the dividend. */
  mod(this: Expression<number>, other: NumberOperand): Expression<number> {
    return call("mod", [this, other]);
  }

  /** The negative. */
  neg(this: Expression<number>): Expression<number> {
    return call("neg", [this]);
  }

  /** The absolute value. */
  abs(this: Expression<number>): Expression<number> {
    return call("abs", [this]);
  }

  /** The text in lower case. */
  lower(this: Expression<string>): Expression<string> {
    return call("lower", [this]);
  }

  /** The text in upper case. */
  upper(this: Expression<string>): Expression<string> {
    return call("upper", [this]);
  }

  /** The characters of text, the bytes of a binary, or the items of a list. */
  length(this: Expression<string> | Expression<Uint8Array>): Expression<number> {
    return call("length", [this]);
  }

  /** The year of a date or timestamp, in its zone. */
  year(this: Expression<Date>): Expression<number> {
    return call("year", [this]);
  }

  /** The month, 1 to 12. */
  month(this: Expression<Date>): Expression<number> {
    return call("month", [this]);
  }

  /** The day of the month, 1 to 31. */
  day(this: Expression<Date>): Expression<number> {
    return call("day", [this]);
  }

  /** The value as another type: null where that type has no such value. */
  cast<Type extends CastType>(type: Type): Expression<CastValue<Type>> {
    return new Expression(callNode("cast", [this.#node], checkCastType(type)));
  }

  /** The first of this and some others that is not null. */
  coalesce<K>(this: Expression<K>, ...others: readonly Operand<K>[]): Expression<K> {
    return call("coalesce", [this, ...others]);
  }

  /** @ignore The data of an expression, or of a constant that stands for one. */
  static nodeOf(operand: unknown): ExpressionNode {
    return operand instanceof Expression ? operand.#node : literalNode(literalData(operand));
  }
}

function call<Kind>(name: CallName, operands: readonly unknown[]): Expression<Kind> {
  return new Expression(callNode(name, operands.map(Expression.nodeOf)));
}

/** Joins predicates by one operation; what was joined by it before becomes part of it. */
function joined(name: "and" | "or", predicates: readonly Predicate[]): Predicate {
  const nodes = predicates.map(Expression.nodeOf);
  const parts = nodes.flatMap((node) =>
    "call" in node.json && node.json.call === name ? node.parts : [node]
  );
  const node = callNode(name, parts);
  return new Expression(parts.length === 1 ? parts[0] ?? node : node);
}

function constants(name: string, values: Iterable<unknown>): unknown[] {
  if (Array.isArray(values) || values instanceof Set) return Array.from(values);
  throw new TypeError(`${name} takes an array or a Set, not ${describeValue(values)}`);
}
