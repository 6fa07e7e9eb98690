/**
 * Columns in expressions.
 *
 * @module
 */
import { Expression } from "./expression.ts";
import { columnNode } from "./expression_node.ts";
import type { Value } from "./literal.ts";

/**
 * A column, which may be of any type: where expressions begin.
 *
 * @param name The column's name, or the path of one within structs, its parts joined by dots. A
 * column that has this very name goes first.
 * @returns The column. Whether it exists, and of what type it is, shows when a file is read.
 * @throws {TypeError} Where the name is no text.
 *
 * @example
 * ```ts
 * import { col } from "spillway";
 * import { expect } from "@std/expect";
 *
 * expect(String(col("size").gt(10))).toBe("size > 10");
 * expect(col("user.name").eq("Ada").columns()).toEqual([["user.name"]]);
 * expect(col("user").field("name").eq("Ada").columns()).toEqual([["user", "name"]]);
 * ```
 */
export function col(name: string): Expression<Value> {
  return new Expression(columnNode([name]));
}
