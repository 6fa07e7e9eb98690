/**
 * What an expression's values are, as far as it can be told without a file.
 *
 * @module
 */

/** A kind of values. Decimals are numbers; dates and timestamps are times. */
export type Kind = "boolean" | "number" | "text" | "time" | "bytes";

/** Kinds in the words of messages. */
export const kindNames: Readonly<Record<Kind, string>> = {
  boolean: "a predicate",
  number: "a number",
  text: "text",
  time: "a date or time",
  bytes: "bytes",
};
