/**
 * A column among values.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { applyExpression } from "./apply_expression.ts";
import { col } from "./col.ts";
import { compareValues } from "./compare_values.ts";
import type { Predicate } from "./expression.ts";
import type { ExpressionJson, LiteralData } from "./expression_json.ts";
import type { Literal } from "./literal.ts";
import type { PredicatePushdown } from "./predicate_pushdown.ts";
import type { ColumnBounds, RowGroupStatistics } from "./row_group_statistics.ts";
import { type StatisticsValue, wholeMilliseconds } from "./statistics_value.ts";

/**
 * Keeps the rows where a column is one of some values: `col(column).in(values)` as a class.
 *
 * @example
 * ```ts
 * import { ColumnFilterPredicate } from "spillway";
 * import { expect } from "@std/expect";
 *
 * const predicate = new ColumnFilterPredicate("level", ["ERROR", "FATAL"]);
 * expect(String(predicate.toExpression())).toBe("level IN ('ERROR', 'FATAL')");
 * ```
 */
export class ColumnFilterPredicate implements PredicatePushdown {
  #column: string;
  #values: readonly LiteralData[];
  #expression: Predicate;

  /**
   * Makes a predicate.
   *
   * @param column The column's name, or the path of one within structs.
   * @param values The values; null among them matches nothing.
   * @throws {TypeError} Where a value is of no type that columns have.
   */
  constructor(column: string, values: readonly Literal[] | ReadonlySet<Literal>) {
    this.#expression = col(column).in(values);
    this.#column = column;
    this.#values = literalsOf(this.#expression.toJSON());
  }

  /**
   * Whether all values are outside of the column's bounds, or all rows null.
   *
   * @param statistics What the file says of the row group.
   * @throws {UnknownColumnError} Where there is no such column.
   */
  shouldSkipRowGroup(statistics: RowGroupStatistics): boolean {
    const bounds = statistics.column(this.#column);
    if (bounds.nullCount === statistics.numRows) return true;
    return this.#values.every((value) => value.type === "null" || isOutside(value, bounds));
  }

  /**
   * Keeps the rows where the column is one of the values, by native code.
   *
   * @param batch The batch. It stays as it is.
   */
  apply(batch: RecordBatch): RecordBatch | Promise<RecordBatch> {
    return applyExpression(this.#expression, batch);
  }

  /** The same predicate as an expression. */
  toExpression(): Predicate {
    return this.#expression;
  }
}

/** The values as they were given: the program's own may have changed since. */
function literalsOf(json: ExpressionJson): LiteralData[] {
  if (!("arguments" in json)) return [];
  return json.arguments.flatMap((part) => "literal" in part ? [part.literal] : []);
}

/** Whether no row can have the value. Where kinds differ, nobody knows. */
function isOutside(literal: LiteralData, { min, max }: ColumnBounds): boolean {
  const value = valueOf(literal);
  if (value === undefined) return false;
  return min !== undefined && (compare(value, min) ?? 0) < 0 ||
    max !== undefined && (compare(value, max) ?? 0) > 0;
}

function compare(value: StatisticsValue, bound: StatisticsValue): number | undefined {
  // Bounds of decimals are rounded to the nearest number: the value must be too, or it might seem
  // to be on the other side.
  const rounded = typeof value === "bigint" && typeof bound === "number" ? Number(value) : value;
  return compareValues(rounded, bound);
}

function valueOf(literal: LiteralData): StatisticsValue | undefined {
  switch (literal.type) {
    case "number": {
      const value = Number(literal.value);
      // Bounds say nothing of NaN.
      return Number.isNaN(value) ? undefined : value;
    }
    case "bigint":
      return BigInt(literal.value);
    case "string":
    case "boolean":
      return literal.value;
    case "date":
      return new Date(literal.value);
    case "instant":
      return new Date(Number(wholeMilliseconds(BigInt(literal.value), 1_000_000n, "min")));
    case "bytes":
      return Uint8Array.from(literal.value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    default:
      return undefined;
  }
}
