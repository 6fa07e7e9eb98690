/**
 * Predicates as plain data, which every contender turns into its own library's form.
 *
 * Numbers and texts mean themselves; a decimal stands as text, so that no contender has to guess
 * how many digits were meant.
 *
 * @module
 */

/** A value that a column is compared with. */
export type Literal =
  | number
  | string
  | { readonly decimal: string }
  /** A calendar day, such as "1995-03-15". */
  | { readonly date: string }
  /** A moment in UTC, such as "2026-03-05T14:00:00Z". */
  | { readonly instant: string };

/** How a column is compared with one value. */
export type Comparison = "eq" | "lt" | "le" | "gt" | "ge";

/** A predicate over the rows of a file. */
export type Predicate =
  | { readonly test: "and" | "or"; readonly parts: readonly Predicate[] }
  | { readonly test: Comparison; readonly column: string; readonly value: Literal }
  | {
    readonly test: "between";
    readonly column: string;
    readonly low: Literal;
    readonly high: Literal;
  }
  | { readonly test: "in"; readonly column: string; readonly values: readonly Literal[] }
  | { readonly test: "contains" | "startsWith"; readonly column: string; readonly text: string }
  | { readonly test: "isNull"; readonly column: string }
  /** Whether one column's value is below another's. */
  | { readonly test: "below"; readonly column: string; readonly other: string };

/** The columns that a predicate looks at, each once. */
export function predicateColumns(predicate: Predicate): string[] {
  switch (predicate.test) {
    case "and":
    case "or":
      return [...new Set(predicate.parts.flatMap(predicateColumns))];
    case "below":
      return [predicate.column, predicate.other];
    default:
      return [predicate.column];
  }
}
