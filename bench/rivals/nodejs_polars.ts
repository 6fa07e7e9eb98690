/**
 * What is used of `nodejs-polars`.
 *
 * @module
 */

/** The library. */
export interface Polars {
  col(name: string): Expr;
  lit(value: unknown): Expr;
  scanParquet(path: string, options?: { hivePartitioning: boolean }): LazyFrame;
  readonly Int64: unknown;
  readonly Float64: unknown;
  readonly Date: unknown;
  Datetime(unit: "us", zone: string): unknown;
  Decimal(precision: number, scale: number): unknown;
}

/** An expression over columns. */
export type Expr =
  & { readonly [comparison in "eq" | "lt" | "ltEq" | "gt" | "gtEq"]: (other: Expr) => Expr }
  & {
    and(other: Expr): Expr;
    or(other: Expr): Expr;
    isIn(values: readonly unknown[]): Expr;
    isNull(): Expr;
    cast(type: unknown): Expr;
    sum(): Expr;
    readonly str: {
      contains(text: string, literal: boolean): Expr;
      startsWith(text: string): Expr;
      lengths(): Expr;
    };
  };

/** A scan that hasn't begun. */
export interface LazyFrame {
  filter(condition: Expr): LazyFrame;
  select(...columns: readonly string[]): LazyFrame;
  collect(options: { streaming: boolean }): Promise<Frame>;
}

/** A whole result. */
export interface Frame {
  readonly columns: readonly string[];
  readonly height: number;
  select(expression: Expr): Frame;
  row(index: number): readonly unknown[];
}

// Named in a variable, so that type-checking the repository doesn't download it.
const nodejsPolars = "nodejs-polars";

/** The library, loaded. */
export const { default: pl }: { default: Polars } = await import(nodejsPolars);
